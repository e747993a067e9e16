import Locks

extension HNSWIndex {
    /// So many nodes are compared before whoever waits to write has its turn: a few tenths of a millisecond.
    private static let comparedBlock = 16_384

    /// The rows nearest to `counts * scale`, found by comparing all of them; whoever waits to write has its turn all
    /// along.
    ///
    /// What is inserted or removed meanwhile may be among them or not.
    public func exactSearch(counts: Span<Int8>, scale: Float, count: Int) throws(IndexError) -> [Hit] {
        try exactSearch(counts: counts, scale: scale, count: count, nodesAtATime: Self.comparedBlock)
    }

    /// The same, so many nodes at a time; `pause` is called between two steps.
    func exactSearch(
        counts: Span<Int8>, scale: Float, count: Int, nodesAtATime: Int, pause: () -> Void = {}
    ) throws(IndexError) -> [Hit] {
        guard count > 0 else { return [] }
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        try load(counts, scale, into: scratch)
        let options = SearchOptions(count: count, strategy: .exact)
        let comparison = readInSteps(pause: pause) { _ in
            Comparison(nearest: NearestRows(limit: count))
        } step: { graph, comparison in
            graph.goOn(with: &comparison, scratch, options, nodes: nodesAtATime)
        }
        // A row that got another vector meanwhile may have been met with both.
        var met: Set<Row> = []
        return comparison.state.nearest.hits { $0 < $1 }.filter { met.insert($0.row).inserted }
    }
}

/// What came of comparing nodes so far.
private struct Comparison {
    var nearest: NearestRows
    /// The next slot to be compared.
    var cursor = 0
}

extension Graph {
    /// Compares some more nodes; false when all are.
    fileprivate func goOn(
        with comparison: inout Comparison, _ scratch: SearchScratch, _ options: SearchOptions, nodes: Int
    ) -> Bool {
        let end = min(comparison.cursor + nodes, slotCount)
        unsafe withPredicate(options) { predicate in
            compareRows(
                scratch, options: options, predicate, among: comparison.cursor..<end,
                into: &comparison.nearest
            ) { $0 < $1 }
        }
        comparison.cursor = end
        return end < slotCount
    }
}
