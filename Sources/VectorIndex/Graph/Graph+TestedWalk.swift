extension Graph {
    /// Answers a search for rows that pass a test by a walk, which asks about the rows that it meets; without hits
    /// where comparing all that pass would cost less or tell more.
    func walk(
        _ scratch: SearchScratch, options: SearchOptions, admitting admits: (UInt32) -> Bool,
        precedes: RowOrder
    ) -> SearchOutcome {
        scratch.beginCounting()
        var outcome = SearchOutcome()
        outcome.strategy = .filteredGraph
        guard options.count > 0, rowCount > 0 else { return outcome }
        withoutActuallyEscaping(admits) { admits in
            let predicate = unsafe RowPredicate(options, words: nil, test: admits)
            outcome.hits = walkedRows(scratch, options: options, predicate, precedes) ?? []
        }
        outcome.scanned = scratch.scanned
        outcome.hops = scratch.hops
        return outcome
    }
}
