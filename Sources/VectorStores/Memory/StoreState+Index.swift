import Decisions
import VectorIndex

extension StoreState {
    /// Whether an index has exactly the live rows, each in the partition of its tenant; costs O(rows).
    borrowing func agrees(with index: HNSWIndex) -> Bool {
        index.hasRows(below: columns.count) { row in
            let row = Int(row.rawValue)
            return columns.isDeleted(row) ? nil : Partition(rawValue: columns.tenants.numbers[row])
        }
    }

    /// An index of every live row, each decision embedded again: what an index file held, whose loss is none.
    ///
    /// Vectors that came with imported rows and are not the recipe's are not in the state, and are the
    /// recipe's from here on. Costs an insert per row.
    borrowing func builtIndex(_ configuration: IndexConfiguration) throws(StoreError) -> HNSWIndex {
        let embedder = DecisionEmbedder()
        do {
            let index = try HNSWIndex(configuration)
            for row in 0..<columns.count where !columns.isDeleted(row) {
                let embedding = embedder.embed(columns.decision(at: row))
                try index.insert(
                    counts: embedding.counts.span, scale: embedding.scale, row: Row(rawValue: UInt32(row)),
                    partition: Partition(rawValue: columns.tenants.numbers[row]))
            }
            return index
        } catch {
            throw StoreError(.failed, "the index could not be built from the decisions: \(error)")
        }
    }
}
