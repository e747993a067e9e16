import Decisions
import VectorIndex

/// What became of a walk that asks about the rows it meets.
enum FilteredWalk {
    /// All that was asked for was found.
    case found(SearchOutcome)
    /// What matches lies elsewhere, or many are as near as the last: all that match are to be compared, after so many
    /// that were.
    case foundTooFew(scanned: Int)
    /// It would have asked about too many rows, after so many vectors that were compared.
    case tookTooLong(scanned: Int)
    /// Looking at every row first costs less, or the query cannot be asked of one.
    case notTried
}

extension MemoryStore {
    /// What asking one row costs more than looking at it in a column.
    private static let costOfAsking = 4

    /// How often over a walk may ask what one over rows without copies would.
    private static let patience = 2.0

    /// Walks for rows that match a query which many do, without looking at all of them first: a store of a million
    /// rows is searched under such a filter nearly as fast as without.
    func walk(
        to embedding: Embedding, _ query: Query, _ options: SearchOptions, _ state: borrowing StoreState
    ) throws(StoreError) -> FilteredWalk {
        let asked = Double(core.index.comparisons(options))
        let rows = Double(state.columns.count) / Double(MemoryStore.costOfAsking)
        guard options.strategy == .automatic, asked < rows, let test = RowTest(query, in: state.columns)
        else {
            return .notTried
        }
        let share = test.estimatedShare(state.columns)
        let expected = Int(share * Double(state.columns.count))
        guard asked < share * rows, core.index.walksWell(options, expecting: expected) else {
            return .notTried
        }
        // A node may stand for thousands of rows of which none match.
        let limit = Int(MemoryStore.patience * asked / share)
        var count = 0
        do {
            let outcome = try core.index.walk(
                counts: embedding.counts.span, scale: embedding.scale, options: options,
                expecting: expected,
                admitting: { row in
                    count += 1
                    return count <= limit && test.admits(Int(row.rawValue), state.columns)
                },
                precedes: { state.precedes($0, $1) })
            if count > limit { return .tookTooLong(scanned: outcome.scanned) }
            return outcome.hits.count == options.count
                ? .found(outcome) : .foundTooFew(scanned: outcome.scanned)
        } catch {
            throw StoreError(.usage, "the search failed: \(error)")
        }
    }
}
