import Foundation
import Testing
import VectorIndex

/// An index whose links are made once everything is there.
@Suite struct UnlinkedIndexTests {
    private let configuration = IndexConfiguration(dimension: TestVectors.dimension)
    private let queries = TestVectors.decisions(30, seed: 5)

    private func filled(_ count: Int) throws -> IndexedPair {
        var pair = try IndexedPair(configuration)
        pair.index.deferLinks()
        for (row, vector) in TestVectors.decisions(count, duplicates: 30).enumerated() {
            try pair.insert(vector, row: row, partition: row % 2)
        }
        return pair
    }

    /// Whether every search that asks for a graph is answered, and by comparing everything.
    private func expectExact(_ pair: IndexedPair) throws {
        for strategy in [StrategyChoice.automatic, .graph] {
            for partition in [nil, Partition(rawValue: 1)] {
                var options = SearchOptions(count: 12, strategy: strategy)
                options.partition = partition
                #expect(try pair.recall(queries, options: options) == 1)
                #expect(try pair.search(queries[0], options: options).isExact)
            }
        }
    }

    @Test func `searches compare everything until the links are made`() throws {
        var pair = try filled(6_000)
        #expect(pair.index.isUnlinked)
        try expectExact(pair)
        // What goes and comes meanwhile needs no links either; more goes than what starts a sweep of dead nodes.
        for row in 0..<2_000 { #expect(pair.remove(row) == (true, true)) }
        for row in 0..<500 { try pair.insert(queries[row % queries.count], row: 9_000 + row, partition: 1) }
        try expectExact(pair)
        #expect(pair.index.statistics().unreachable == 0)
        try pair.index.link(threads: 2)
        #expect(!pair.index.isUnlinked)
        #expect(pair.index.checkInvariants() == [])
        #expect(pair.index.statistics().rows == pair.oracle.count)
        let walk = SearchOptions(count: 12, strategy: .graph)
        #expect(try !pair.search(queries[0], options: walk).isExact)
        #expect(try pair.recall(queries, options: walk) >= 0.95)
    }

    @Test func `how new a vector is is measured with links only, or among rows of its own`() throws {
        var pair = try filled(200)
        let vector = queries[0]
        for number in 0..<12 {
            let novelty = try pair.insert(vector, row: 1_000 + number, partition: 0)
            #expect(novelty.multiplicityBefore == number)
            #expect(novelty.isMeasured == (number >= Novelty.neighbours))
            #expect(novelty.isMeasured || novelty.nearestRow == nil)
        }
        try pair.index.link()
        let novelty = try pair.insert(queries[1], row: 2_000, partition: 0)
        #expect(novelty.isMeasured && novelty.nearestSimilarity > 0)
    }

    @Test func `what comes while the links are made is linked as well`() throws {
        let pair = try filled(3_000)
        let index = pair.index
        let late = TestVectors.decisions(64, seed: 99)
        var added = 0
        try index.link(threads: 1) { progress in
            guard progress.phase == .linking, added < late.count else { return }
            let vector = late[added]
            _ = try? index.insert(
                counts: vector.span, scale: TestVectors.scale(vector),
                row: Row(rawValue: UInt32(20_000 + added)),
                partition: Partition(rawValue: 0))
            added += 1
        }
        #expect(added > 0)
        #expect(!index.isUnlinked)
        #expect(index.checkInvariants() == [])
        #expect(index.count == 3_000 + added)
        let target = late[0]
        let found = try index.search(
            counts: target.span, scale: TestVectors.scale(target),
            options: SearchOptions(count: 1, strategy: .graph))
        #expect(found.hits.first?.row == Row(rawValue: 20_000))
    }

    @Test func `linking that is cancelled leaves everything compared`() throws {
        let pair = try filled(2_000)
        #expect(throws: IndexError.cancelled) { try pair.index.link(isCancelled: { true }) }
        #expect(pair.index.isUnlinked)
        try expectExact(pair)
        try pair.index.link()
        #expect(pair.index.checkInvariants() == [])
    }

    @Test func `a file keeps that the links are missing`() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let pair = try filled(2_000)
        try pair.index.writeSnapshot(to: path)
        let copy = try HNSWIndex(snapshot: path)
        #expect(copy.isUnlinked)
        for query in queries {
            let (scale, options) = (TestVectors.scale(query), SearchOptions(count: 9))
            #expect(
                try copy.search(counts: query.span, scale: scale, options: options)
                    == pair.index.search(counts: query.span, scale: scale, options: options))
        }
        try copy.link()
        #expect(copy.checkInvariants() == [])
    }

    @Test func `only an empty index can leave its links for later`() throws {
        let index = try HNSWIndex(configuration)
        let vector = queries[0]
        try index.insert(
            counts: vector.span, scale: TestVectors.scale(vector), row: Row(rawValue: 0),
            partition: Partition(rawValue: 0))
        index.deferLinks()
        #expect(!index.isUnlinked)
        let empty = try HNSWIndex(configuration)
        empty.deferLinks()
        try empty.link()
        #expect(!empty.isUnlinked)
    }
}
