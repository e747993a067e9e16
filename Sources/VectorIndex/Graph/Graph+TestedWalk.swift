extension Graph {
    /// Answers a search for rows that pass a test by a walk, which asks about the rows that it meets; nil where
    /// comparing all that pass would cost less or tell more.
    func walk(
        _ scratch: SearchScratch, options: SearchOptions, admitting admits: (UInt32) -> Bool,
        precedes: RowOrder
    ) -> SearchOutcome? {
        scratch.beginCounting()
        guard options.count > 0, rowCount > 0 else { return nil }
        return withoutActuallyEscaping(admits) { admits in
            let predicate = unsafe RowPredicate(options, words: nil, test: admits)
            guard let walked = walkedRows(scratch, options: options, predicate, precedes) else { return nil }
            var outcome = SearchOutcome()
            outcome.hits = walked
            outcome.strategy = .filteredGraph
            outcome.scanned = scratch.scanned
            outcome.hops = scratch.hops
            return outcome
        }
    }
}
