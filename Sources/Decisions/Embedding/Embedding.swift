/// A decision as a vector: 384 small integer counts and the scale that makes it unit length.
///
/// The unit vector is `counts * scale`; nothing is lost in 8 bits, so cosines are exact.
public struct Embedding: Sendable, Hashable {
    /// How many dimensions every embedding has.
    public static let dimension = 384

    /// The counts, `dimension` of them, each -127 to 127.
    public var counts: [Int8]
    /// One over the Euclidean length of `counts`; 0 for the zero vector.
    public var scale: Float

    /// Creates an embedding from counts and computes its scale.
    ///
    /// - Precondition: there are `dimension` counts.
    public init(counts: [Int8]) {
        precondition(counts.count == Embedding.dimension, "an embedding has 384 counts")
        self.counts = counts
        var sum = 0
        for count in counts { sum += Int(count) * Int(count) }
        scale = sum == 0 ? 0 : Float(1 / Double(sum).squareRoot())
    }

    /// The unit vector as floats.
    package var floats: [Float] { counts.map { Float($0) * scale } }
}
