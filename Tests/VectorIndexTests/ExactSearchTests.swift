import Locks
import Testing

@testable import VectorIndex

/// Exact searches that compare some nodes at a time.
@Suite struct ExactSearchTests {
    @Test(arguments: [1, 100, 16_384])
    func `some nodes at a time give what all at once do`(nodesAtATime: Int) throws {
        var pair = try IndexedPair(decisions: 900, partitions: 3)
        for row in stride(from: 0, to: 900, by: 4) { _ = pair.remove(row) }
        for query in TestVectors.decisions(20, seed: 21) {
            let options = SearchOptions(count: 12, strategy: .exact)
            let whole = try pair.index.search(counts: query.span, scale: 1, options: options)
            let hits = try pair.index.exactSearch(
                counts: query.span, scale: 1, count: 12, nodesAtATime: nodesAtATime)
            #expect(hits == whole.hits && hits.count == 12)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `writers are let in, and a graph that takes over is compared from its beginning`() throws {
        let index = try IndexedPair(decisions: 600, partitions: 3).index
        let query = TestVectors.decisions(1, seed: 22)[0]
        var pauses = 0
        // Would wait for ever if the graph were still held.
        let hits = try index.exactSearch(counts: query.span, scale: 1, count: 10, nodesAtATime: 50) {
            pauses += 1
            switch pauses {
            case 3:
                _ = try? index.insert(
                    counts: query.span, scale: 1, row: Row(rawValue: 5_000),
                    partition: Partition(rawValue: 0))
            case 5: _ = try? index.rebuild()
            default: break
            }
        }
        let options = SearchOptions(count: 10, strategy: .exact)
        #expect(try index.search(counts: query.span, scale: 1, options: options).hits == hits)
        #expect(hits.first?.row == Row(rawValue: 5_000))
        #expect(pauses > 10)
    }

    @Test func `a row that gets another vector meanwhile is found once`() throws {
        let index = try IndexedPair(decisions: 600, partitions: 3).index
        let row = Row(rawValue: 0)
        let query = try #require(index.counts(of: row))
        var other = query
        other[1] = other[1] &+ 1
        var pauses = 0
        // More than there are copies.
        let hits = try index.exactSearch(counts: query.span, scale: 1, count: 100, nodesAtATime: 50) {
            pauses += 1
            guard pauses == 3 else { return }
            #expect(index.remove(row))
            _ = try? index.insert(
                counts: other.span, scale: 1, row: row, partition: Partition(rawValue: 0))
        }
        #expect(index.counts(of: row) == other)
        #expect(hits.count { $0.row == row } == 1)
    }

    @Test func `nothing is nearest in an empty index`() throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        let query = TestVectors.decisions(1)[0]
        #expect(try index.exactSearch(counts: query.span, scale: 1, count: 3).isEmpty)
    }
}
