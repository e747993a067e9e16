import Foundation
import Testing
import VectorIndex

/// Deleting and inserting over and over.
@Suite struct SweepTests {
    @Test func `half deleted and as many inserted, five times over, keeps recall and memory`() throws {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        var generator = SeededGenerator(seed: 41)
        var rows: [Int] = []
        var free = Array(0..<1_600)
        func insert(_ count: Int, seed: UInt64) throws {
            for vector in TestVectors.decisions(count, duplicates: 10, seed: seed) {
                let row = free.removeLast()
                try pair.insert(vector, row: row, partition: row % 2)
                rows.append(row)
            }
        }
        try insert(1_600, seed: 0)
        var bytes: [Double] = []
        var nodesEver = 0
        for round in 1...5 {
            rows.shuffle(using: &generator)
            for row in rows.suffix(800) {
                let removed = pair.remove(row)
                #expect(removed == (true, true))
            }
            free += rows.suffix(800)
            rows.removeLast(800)
            try insert(800, seed: UInt64(round))
            #expect(pair.index.checkInvariants() == [])
            let statistics = pair.index.statistics()
            #expect(statistics.rows == 1_600 && statistics.unreachable == 0)
            // As many live and die in each round, so what the first took is enough for the others.
            bytes.append(Double(statistics.memoryBytes))
            #expect(bytes[round - 1] <= 1.05 * bytes[0])
            nodesEver = max(nodesEver, statistics.nodes + statistics.tombstones)
            let recall = try pair.recall(
                TestVectors.decisions(30, seed: 43), options: SearchOptions(strategy: .graph))
            #expect(recall >= 0.95)
        }
        // Without sweeping, 5,600 rows would have left about 5,000 nodes.
        #expect(nodesEver < 2_500)
    }

    @Test func `what needs a walk is counted again when the index changed and the count is old`() throws {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        let vectors = TestVectors.decisions(60)
        #expect(pair.index.statistics().layers == [])
        for (row, vector) in vectors.prefix(40).enumerated() { try pair.insert(vector, row: row) }
        // An index that has grown to twice its nodes is another one, however young the count is.
        let first = pair.index.statistics(shapeUpTo: .seconds(1_000_000))
        #expect(first.layers.first == first.nodes)
        for (row, vector) in vectors.enumerated().dropFirst(40) { try pair.insert(vector, row: row) }
        let second = pair.index.statistics(shapeUpTo: .seconds(1_000_000))
        #expect(second.rows == 60 && second.nodes > first.nodes)
        #expect(second.layers == first.layers && second.degrees == first.degrees)
        let third = pair.index.statistics()
        #expect(third.layers.first == third.nodes)
        #expect(third.degrees.reduce(0, +) == third.nodes)
    }

    @Test func `an index emptied row by row can be filled again`() throws {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        let vectors = TestVectors.decisions(700)
        for round in 0..<3 {
            for (row, vector) in vectors.enumerated() { try pair.insert(vector, row: row, partition: round) }
            #expect(pair.index.checkInvariants() == [])
            for row in vectors.indices { _ = pair.remove(row) }
            #expect(pair.index.checkInvariants() == [])
            #expect(pair.index.count == 0)
        }
    }

    @Test func `a snapshot taken at any moment of a sweep is whole`() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        let vectors = TestVectors.decisions(1_200)
        for (row, vector) in vectors.enumerated() { try pair.insert(vector, row: row) }
        for row in 0..<700 {
            _ = pair.remove(row)
            if row % 3 == 0 { try pair.insert(vectors[row], row: 2_000 + row) }
            guard row % 100 == 99 else { continue }
            try pair.index.writeSnapshot(to: path)
            let copy = try HNSWIndex(snapshot: path)
            #expect(copy.count == pair.index.count)
            #expect(copy.checkInvariants() == [])
            let query = vectors[1_000]
            let exact = SearchOptions(count: 20, strategy: .exact)
            #expect(
                try copy.search(counts: query.span, scale: 1, options: exact).hits
                    == pair.index.search(counts: query.span, scale: 1, options: exact).hits)
        }
    }
}
