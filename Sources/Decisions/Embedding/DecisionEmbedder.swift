/// Turns decisions into vectors after the current recipe.
///
/// Pure and deterministic: the same decision gives the same counts on every machine.
public struct DecisionEmbedder: Sendable {
    /// The recipe it follows.
    public let recipe = EmbeddingRecipe.current

    /// Creates an embedder.
    public init() {}

    /// The embedding of a decision.
    public func embed(_ decision: Decision) -> Embedding {
        var counts = [Int8](repeating: 0, count: Embedding.dimension)
        var span = counts.mutableSpan
        embed(decision, into: &span)
        return Embedding(counts: counts)
    }

    /// Writes the counts of a decision over `counts` and returns how many of them had to be saturated at ±127.
    ///
    /// - Precondition: `counts` has `Embedding.dimension` elements.
    @discardableResult
    public func embed(_ decision: Decision, into counts: inout MutableSpan<Int8>) -> Int {
        precondition(counts.count == Embedding.dimension, "an embedding has 384 counts")
        var sums = [384 of Int32](repeating: 0)
        decision.forEachToken(as: TokenHash.self) { kind, hash in
            let weight = Int32(kind.weight)
            let value = hash.value
            sums[TokenHash.slot(value)] += TokenHash.isNegative(value) ? -weight : weight
        }
        var saturated = 0
        for index in sums.indices {
            let sum = sums[index]
            // Symmetric, so that the negative of a vector is a vector.
            counts[index] = Int8(max(-127, min(127, sum)))
            if sum < -127 || sum > 127 { saturated += 1 }
        }
        return saturated
    }
}
