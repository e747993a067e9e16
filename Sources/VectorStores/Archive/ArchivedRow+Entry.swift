public import Decisions

extension ArchivedRow {
    /// The row as a store holds it: its entry, and the identifier that it has among its tenant's.
    ///
    /// Throws a `DecisionError` when the metadata is no native line.
    package func held(embedder: DecisionEmbedder) throws -> (entry: Entry, storedID: String) {
        let entry = try entry(embedder: embedder)
        return (entry, IdentityResolver.storedID(ofRow: id, for: entry.decision))
    }

    /// The row as a store takes it, with the identifier it had before one was derived.
    ///
    /// The metadata says which that was, and is believed only where the row's identifier is what the decision
    /// would be stored under: it comes from a log and must not rename a decision.
    ///
    /// A vector that is what the recipe gives for the decision is taken over without loss; another
    /// is rounded. Throws a `DecisionError` when the metadata is no native line.
    public func entry(embedder: DecisionEmbedder) throws -> Entry {
        var decision = try Decision(id: id, metadata: metadata)
        if case .string(let original)? = decision.extras[CopyBinary.originalIDKey] {
            var claimed = decision
            claimed.id = original
            claimed.extras[CopyBinary.originalIDKey] = nil
            if IdentityResolver.isDerived(id, for: claimed) { decision = claimed }
        }
        let recipe = embedder.embed(decision)
        return Entry(
            decision: decision, embedding: recipe.isSame(as: floats) ? recipe : Embedding(rounding: floats))
    }
}

extension Embedding {
    /// How far a multiple of a step may be from a whole number and still count as one.
    private static let wholeTolerance: Float = 1e-3
    /// How far a float may be from a vector's own and still count as the same.
    private static let sameTolerance: Float = 1e-5

    /// Whether floats are the vector's own, but for their last digits.
    ///
    /// - Precondition: there are `dimension` of them.
    package func isSame(as floats: [Float]) -> Bool {
        for place in 0..<Embedding.dimension {
            let difference = Float(counts[place]) * scale - floats[place]
            // So that what is no number is not the same.
            guard difference.magnitude <= Self.sameTolerance else { return false }
        }
        return true
    }

    /// A vector of floats as whole counts where they are multiples of one step, as those of a recipe are,
    /// else rounded to 127 steps of its largest component.
    ///
    /// - Precondition: there are `dimension` finite floats, not all zero.
    public init(rounding floats: [Float]) {
        let largest = floats.reduce(0) { max($0, abs($1)) }
        for steps in 1...127 {
            let counts = floats.map { $0 / largest * Float(steps) }
            guard counts.allSatisfy({ abs($0 - $0.rounded()) < Self.wholeTolerance }) else { continue }
            self.init(counts: counts.map { Int8($0.rounded()) })
            return
        }
        self.init(counts: floats.map { Int8((($0 / largest) * 127).rounded()) })
    }
}
