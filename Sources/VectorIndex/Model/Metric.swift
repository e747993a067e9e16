/// How the similarity of two vectors is measured; a higher score is always nearer.
public enum Metric: UInt32, Sendable, CaseIterable {
    /// The cosine of the angle; the score is -1...1.
    case cosine = 0
    /// Euclidean distance; the score is the negated squared distance.
    case euclidean = 1
    /// The inner product; the score is the product.
    case innerProduct = 2
}

/// What kind of vectors an index holds.
public enum VectorElement: UInt32, Sendable, CaseIterable {
    /// Small integer counts and one scale: a vector is `counts * scale`, kept without loss in 8 bits.
    case counts = 0
    /// Foreign floats: an 8-bit code walks the graph, a second 8-bit code of what it left over rescores.
    case floats = 1
}
