import Decisions
import Locks
import VectorIndex

extension StoreCore {
    /// The rows that match a query and are not deleted, where that is known but for rows that came since, or asked so
    /// often that it is worth knowing; else `nil`.
    func knownRows(matching query: Query, _ state: borrowing StoreState) -> RowFilter? {
        let key = QueryKey(query)
        let (held, isOften) = filters.withLock { $0.ask(key) }
        guard let held, held.numbering === state.numbering else {
            return isOften ? lookUp(query, state) : nil
        }
        let hasRows = held.rowCount == state.columns.count
        if hasRows, held.deletions == state.deletions { return held.filter }
        let rows = ColumnFilter.rows(
            matching: query, in: state.columns, after: held.rowCount, of: held.filter.words)
        return keep(RowFilter(words: rows.words), key, state)
    }

    /// The rows that match a query and are not deleted.
    func rows(matching query: Query, _ state: borrowing StoreState) -> RowFilter {
        knownRows(matching: query, state) ?? lookUp(query, state)
    }

    /// Looks at every row; what matches is known from then on.
    func lookUp(_ query: Query, _ state: borrowing StoreState) -> RowFilter {
        let rows = ColumnFilter.rows(matching: query, in: state.columns)
        return keep(RowFilter(words: rows.words), QueryKey(query), state)
    }

    private func keep(_ filter: RowFilter, _ key: QueryKey, _ state: borrowing StoreState) -> RowFilter {
        let held = FilterCache.Held(filter, state)
        filters.withLock { $0.keep(held, for: key) }
        return filter
    }
}
