import Locks
import Testing

@testable import VectorIndex

/// Walks that look at everything and keep what matches, where most does.
@Suite struct ScatteredFilterTests {
    /// So many that a walk which scatters looks at a part of them.
    private static let filled = Result {
        try IndexedPair(decisions: 9_000, duplicates: 0, partitions: 1)
    }

    /// Options of a breadth at which walks scatter, and how many nodes such a walk expands.
    private func options(
        _ pair: IndexedPair, matching rows: [Row]
    ) -> (options: SearchOptions, breadth: Int?) {
        pair.index.guarded.withReading { graph in
            let nearest = graph.configuration.nearestBreadth(nodes: graph.slotCount)
            let options = SearchOptions(breadth: nearest + 1, filter: RowFilter(rows), strategy: .graph)
            return (options, graph.scatteredBreadth(options))
        }
    }

    @Test func `under a filter that half of the rows match they keep recall`() throws {
        let pair = try Self.filled.get()
        let (options, breadth) = options(
            pair, matching: (0..<4_500).map { Row(rawValue: UInt32(2 * $0)) })
        let wide = try #require(breadth)
        #expect(wide > (options.breadth ?? 0) && wide < pair.index.distinctCount)
        let queries = TestVectors.decisions(10, seed: 31)
        #expect(try pair.recall(queries, options: options) >= 0.95)
        for query in queries {
            let outcome = try pair.search(query, options: options)
            #expect(outcome.strategy == .filteredGraph && outcome.hits.count == 10)
            #expect(outcome.hits.allSatisfy { $0.row.rawValue % 2 == 0 })
        }
    }

    @Test func `what matches only far away still fills the answer`() throws {
        let pair = try Self.filled.get()
        for query in TestVectors.decisions(3, seed: 32) {
            let ranked = pair.oracle.search(TestVectors.floats(query), count: .max).map(\.row)
            let far = Array(ranked.suffix(ranked.count / 2))
            let (options, breadth) = options(pair, matching: far)
            // Nothing of what such a walk keeps matches.
            #expect(try #require(breadth) < ranked.count - far.count)
            let outcome = try pair.search(query, options: options)
            #expect(outcome.hits.count == 10 && Set(outcome.hits.map(\.row)).isSubset(of: far))
        }
    }

    @Test func `where little matches, or a walk is narrow, none is taken`() throws {
        let pair = try Self.filled.get()
        #expect(options(pair, matching: (0..<2_000).map { Row(rawValue: $0) }).breadth == nil)
        let narrow = SearchOptions(breadth: 80, filter: RowFilter((0..<4_500).map { Row(rawValue: $0) }))
        #expect(pair.index.guarded.withReading { $0.scatteredBreadth(narrow) } == nil)
    }
}
