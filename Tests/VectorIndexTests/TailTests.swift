import Foundation
import Locks
import Testing

@testable import VectorIndex

/// Rows that are found at once and linked later.
@Suite struct TailTests {
    /// From this row on what ``pair(_:_:linked:appended:)`` makes was appended.
    private static let tailStart = 5_000

    /// An index with links and a tail, whose rows lie in two partitions by turns.
    private func pair(
        _ element: VectorElement = .counts, _ quantization: Quantization = .none, linked: Int = 900,
        appended: Int = 150
    ) throws -> IndexedPair {
        var pair = try IndexedPair(
            IndexConfiguration(dimension: TestVectors.dimension, element: element))
        for (row, vector) in TestVectors.decisions(linked, duplicates: 20).enumerated() {
            try pair.insert(vector, row: row, partition: row % 2)
        }
        if quantization != .none {
            var wanted = pair.index.configuration
            wanted.quantization = quantization
            try pair.index.rebuild(wanted, threads: 2)
        }
        for (number, vector) in appendedVectors(appended).enumerated() {
            try pair.append(vector, row: Self.tailStart + number, partition: number % 2)
        }
        return pair
    }

    private func appendedVectors(_ count: Int) -> [[Int8]] { TestVectors.decisions(count, seed: 91) }

    @Test(arguments: VectorElement.allCases, [Quantization.none, .sq8, .sq4, .pq8])
    func `what was appended is found at once by every kind of search`(
        element: VectorElement, quantization: Quantization
    ) throws {
        let pair = try pair(element, quantization)
        #expect(pair.index.checkInvariants() == [])
        #expect(pair.index.tailCount > 100)
        for (number, vector) in appendedVectors(150).enumerated() {
            let row = Row(rawValue: UInt32(Self.tailStart + number))
            let partition = Partition(rawValue: UInt32(number % 2))
            let filter = RowFilter([row] + (0..<900).filter { $0 % 3 == 0 }.map { Row(rawValue: $0) })
            for strategy in [StrategyChoice.graph, .automatic, .exact] {
                for asked in [
                    SearchOptions(count: 12, breadth: 150, strategy: strategy),
                    SearchOptions(count: 12, breadth: 150, partition: partition, strategy: strategy),
                    SearchOptions(count: 12, breadth: 150, filter: filter, strategy: strategy),
                ] {
                    let outcome = try pair.search(vector, options: asked)
                    #expect(outcome.hits.map(\.row).contains(row), "\(strategy), row \(row.rawValue)")
                    #expect(
                        asked.partition == nil
                            || outcome.hits.allSatisfy { $0.row.rawValue % 2 == row.rawValue % 2 })
                    #expect(outcome.hits.allSatisfy { asked.filter?.contains($0.row) ?? true })
                }
            }
            guard element == .counts else { continue }
            let walked = try pair.index.walk(
                counts: vector.span, scale: 1,
                options: SearchOptions(count: 5, breadth: 150, strategy: .graph),
                expecting: 300, admitting: { $0 == row || $0.rawValue % 3 == 0 }, precedes: { $0 < $1 })
            #expect(walked.hits.map(\.row).contains(row))
            let nodes = try pair.index.nearestNodes(
                counts: vector.span, scale: 1, partition: partition, rows: 3)
            #expect(nodes.first.map { $0.similarity > 0.999_9 } == true)
            #expect(pair.index.counts(of: row) == vector)
        }
    }

    @Test func `all that is compared is counted, and nothing where the tail is empty`() throws {
        let pair = try pair()
        let query = TestVectors.decisions(1, seed: 92)[0]
        let options = SearchOptions(count: 5, breadth: 30, strategy: .graph)
        let tail = pair.index.tailCount
        let before = try pair.search(query, options: options)
        pair.index.linkTail()
        #expect(pair.index.tailCount == 0)
        #expect(pair.index.checkInvariants() == [])
        #expect(before.scanned > tail)
        let sums = pair.index.statistics()
        #expect(sums.tail == 0 && sums.unreachable == 0)
        #expect(sums.degrees.first == 0)
    }

    @Test func `what waits to be linked is told, and counts as reached`() throws {
        let pair = try pair()
        let statistics = pair.index.statistics()
        #expect(statistics.tail == pair.index.tailCount)
        #expect(statistics.unreachable == 0)
        #expect(statistics.degrees.first == statistics.tail)
        #expect(statistics.selfSearch?.recall ?? 0 >= 0.99)
        #expect(statistics.rows == pair.oracle.count)
    }

    @Test(arguments: VectorElement.allCases)
    func `once linked, walks find what was appended`(element: VectorElement) throws {
        let pair = try pair(element)
        let total = pair.index.tailCount
        #expect(pair.index.linkTail(atMost: 7) == total - 7)
        #expect(pair.index.checkInvariants() == [])
        #expect(pair.index.linkTail() == 0)
        #expect(pair.index.linkTail() == 0)
        #expect(pair.index.checkInvariants() == [])
        let recall = try pair.recall(
            appendedVectors(60), options: SearchOptions(breadth: 100, strategy: .graph))
        #expect(recall >= 0.95)
    }

    @Test func `a second row of a vector joins its node, in the tail or not`() throws {
        var pair = try pair(appended: 20)
        let nodes = pair.index.distinctCount
        let tail = pair.index.tailCount
        for (number, vector) in appendedVectors(20).enumerated() {
            try pair.append(vector, row: 6_000 + number, partition: number % 2)
            try pair.insert(vector, row: 6_100 + number, partition: number % 2)
        }
        let old = TestVectors.decisions(900, duplicates: 20)[0]
        try pair.append(old, row: 6_200, partition: 0)
        #expect(pair.index.distinctCount == nodes && pair.index.tailCount == tail)
        let row = Row(rawValue: 6_200)
        #expect(throws: IndexError.rowTaken(row)) {
            try pair.index.append(counts: old.span, scale: 1, row: row, partition: Partition(rawValue: 0))
        }
        #expect(pair.index.checkInvariants() == [])
    }

    @Test func `a node that loses its last row before it is linked is gone at once`() throws {
        var pair = try pair()
        let nodes = pair.index.distinctCount
        let tail = pair.index.tailCount
        let slots = pair.index.guarded.withReading { $0.slotCount }
        for number in 0..<150 where number % 3 == 0 {
            #expect(pair.remove(Self.tailStart + number) == (true, true))
            #expect(pair.index.checkInvariants() == [])
        }
        let statistics = pair.index.statistics()
        #expect(statistics.tombstones == 0 && statistics.tail < tail)
        #expect(statistics.nodes < nodes && statistics.nodes - statistics.tail == nodes - tail)
        // Their places are used again.
        for (number, vector) in appendedVectors(150).enumerated() where number % 3 == 0 {
            try pair.append(vector, row: 7_000 + number, partition: number % 2)
        }
        #expect(pair.index.guarded.withReading { $0.slotCount } == slots)
        #expect(pair.index.tailCount == tail)
        #expect(pair.index.checkInvariants() == [])
        #expect(try pair.recall(appendedVectors(30), options: SearchOptions(strategy: .exact)) == 1)
    }

    @Test func `the tail is bounded, and what does not fit is linked at once`() throws {
        var generator = SeededGenerator(seed: 93)
        let index = try HNSWIndex(IndexConfiguration(dimension: 16))
        func append(_ row: Int) throws {
            let vector = (0..<16).map { _ in Int8.random(in: 1...100, using: &generator) }
            try index.append(
                counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                partition: Partition(rawValue: 0))
        }
        // Walks begin at the first.
        for row in 0...Graph.tailLimit + 20 { try append(row) }
        #expect(index.count == Graph.tailLimit + 21)
        #expect(index.tailCount == Graph.tailLimit)
        #expect(index.linkTail(atMost: 5) == Graph.tailLimit - 5)
        try append(20_000)
        #expect(index.tailCount == Graph.tailLimit - 4)
        #expect(index.checkInvariants() == [])
    }

    @Test func `how new a vector is counts the tail`() throws {
        let vectors = TestVectors.decisions(700, duplicates: 20)
        var plain = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        var tailed = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        for (row, vector) in vectors.enumerated() {
            try plain.insert(vector, row: row, partition: row % 2)
            if row < 200 {
                try tailed.insert(vector, row: row, partition: row % 2)
            } else {
                try tailed.append(vector, row: row, partition: row % 2)
            }
        }
        #expect(tailed.index.tailCount > 200)
        for (number, vector) in (TestVectors.decisions(60, seed: 94) + vectors[400..<440]).enumerated() {
            let expected = try plain.insert(vector, row: 1_000 + number, partition: number % 2)
            let found = try tailed.insert(vector, row: 1_000 + number, partition: number % 2)
            #expect(found.multiplicityBefore == expected.multiplicityBefore)
            #expect(abs(found.nearestSimilarity - expected.nearestSimilarity) < 1e-5)
            // A narrow walk may miss one of the ten that comparing does not.
            #expect(found.meanSimilarity >= expected.meanSimilarity - 1e-5)
        }
        // Nothing was linked to what is not linked itself.
        #expect(tailed.index.checkInvariants() == [])
    }

    @Test
    func `where all that was linked is swept away the tail is still found, and the first of it is the entry`()
        throws
    {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        let vectors = TestVectors.decisions(900)
        var row = 0
        while pair.index.distinctCount < Graph.sweepMinimum {
            try pair.insert(vectors[row], row: row)
            row += 1
        }
        let kept = TestVectors.decisions(5, seed: 95)
        for (number, vector) in kept.enumerated() { try pair.append(vector, row: 2_000 + number) }
        for old in 0..<row { #expect(pair.remove(old) == (true, true)) }
        // Each removal goes on with the sweep, one of nothing too.
        for _ in 0..<60 { pair.index.remove(Row(rawValue: 9_999)) }
        #expect(pair.index.guarded.withReading { $0.entry } == Graph.none)
        #expect(pair.index.checkInvariants() == [])
        for vector in kept {
            let walked = try pair.search(vector, options: SearchOptions(count: 1, strategy: .graph))
            #expect(walked.hits.first.map { $0.score > 0.999_9 } == true)
        }
        let novelty = try pair.insert(kept[0].map { $0 / 2 }, row: 3_000)
        #expect(novelty.nearestSimilarity > 0.9)
        pair.index.linkTail()
        #expect(pair.index.checkInvariants() == [])
        #expect(pair.index.statistics().unreachable == 0)
    }

    @Test func `while nothing is to be left unlinked what waits is linked before, and what comes at once`()
        throws
    {
        var pair = try pair()
        let index = pair.index
        #expect(index.tailCount > 100)
        let late = TestVectors.decisions(6, seed: 98)
        var within: [Int] = []
        try index.withoutTail {
            within.append(index.tailCount)
            return Result {
                for number in 0..<3 { try pair.append(late[number], row: 8_000 + number) }
                within.append(index.tailCount)
            }
        }.get()
        #expect(within == [0, 0])
        for number in 3..<6 { try pair.append(late[number], row: 8_000 + number) }
        #expect(index.tailCount == 3)
        #expect(index.checkInvariants() == [])
        #expect(index.count == pair.oracle.count)
    }

    @Test func `a snapshot links the tail first`() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let pair = try pair()
        try pair.index.writeSnapshot(to: path)
        #expect(pair.index.tailCount == 0)
        let copy = try HNSWIndex(snapshot: path)
        #expect(copy.checkInvariants() == [])
        #expect(copy.count == pair.oracle.count && copy.tailCount == 0)
        for query in appendedVectors(30) {
            let options = SearchOptions(count: 9, breadth: 40, strategy: .graph)
            let first = try pair.search(query, options: options)
            let second = try copy.search(
                counts: query.span, scale: TestVectors.scale(query), options: options)
            #expect(first == second)
        }
        // Appending is not refused for good.
        let vector = TestVectors.decisions(1, seed: 96)[0]
        try pair.index.append(
            counts: vector.span, scale: 1, row: Row(rawValue: 9_000), partition: Partition(rawValue: 0))
        #expect(pair.index.tailCount == 1)
    }

    @Test func `a rebuild links the tail, and what is appended while it runs`() throws {
        var pair = try pair()
        let late = TestVectors.decisions(40, seed: 97)
        let index = pair.index
        var isDone = false
        try index.rebuild(progress: { progress in
            guard progress.phase == .verifying, !isDone else { return }
            isDone = true
            for (number, vector) in late.enumerated() {
                _ = try? index.append(
                    counts: vector.span, scale: 1, row: Row(rawValue: UInt32(8_000 + number)),
                    partition: Partition(rawValue: 1))
            }
        })
        for (number, vector) in late.enumerated() {
            try pair.oracle.insert(
                counts: vector.span, scale: TestVectors.scale(vector),
                row: Row(rawValue: UInt32(8_000 + number)),
                partition: Partition(rawValue: 1))
        }
        #expect(isDone && index.count == pair.oracle.count)
        #expect(index.tailCount == 0)
        #expect(index.checkInvariants() == [])
        #expect(try pair.recall(late, options: SearchOptions(breadth: 80, strategy: .graph)) >= 0.95)
    }

    @Test func `an index without links leaves nothing in the tail`() throws {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        pair.index.deferLinks()
        for (row, vector) in appendedVectors(50).enumerated() { try pair.append(vector, row: row) }
        #expect(pair.index.tailCount == 0 && pair.index.isUnlinked)
        #expect(try pair.recall(appendedVectors(20), options: SearchOptions()) == 1)
        try pair.index.link()
        #expect(pair.index.checkInvariants() == [])
    }
}
