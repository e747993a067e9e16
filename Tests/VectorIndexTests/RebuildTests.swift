import Foundation
import Locks
import Testing

@testable import VectorIndex

@Suite struct RebuildTests {
    let configuration = IndexConfiguration(dimension: TestVectors.dimension)

    private func filled(_ count: Int, duplicates: Int = 30) throws -> IndexedPair {
        var pair = try IndexedPair(configuration)
        for (row, vector) in TestVectors.decisions(count, duplicates: duplicates).enumerated() {
            try pair.insert(vector, row: row, partition: row % 2)
        }
        return pair
    }

    @Test func `a rebuild keeps every row and drops tombstones`() throws {
        var pair = try filled(1_200)
        for row in stride(from: 0, to: 1_200, by: 3) {
            let removed = pair.remove(row)
            #expect(removed == (true, true))
        }
        #expect(pair.index.statistics().tombstones > 0)
        let report = try pair.index.rebuild()
        let statistics = pair.index.statistics()
        #expect(statistics.tombstones == 0)
        #expect(statistics.rows == pair.oracle.count)
        #expect(report.nodes == statistics.nodes)
        #expect(report.selfRecall >= 0.99)
        #expect(pair.index.checkInvariants() == [])
        let recall = try pair.recall(
            TestVectors.decisions(40, seed: 5), options: SearchOptions(strategy: .graph))
        #expect(recall >= 0.95)
    }

    @Test func `a rebuild lays the vectors of a partition side by side`() throws {
        var pair = try filled(1_200)
        for row in stride(from: 0, to: 1_200, by: 5) { _ = pair.remove(row) }
        func partitions() -> [UInt32] {
            pair.index.guarded.withReading { graph in
                (0..<UInt32(graph.slotCount)).filter(graph.isLive).map { graph.partitionOfNode[$0] }
            }
        }
        #expect(partitions() != partitions().sorted())
        try pair.index.rebuild()
        #expect(partitions() == partitions().sorted())
        #expect(Set(partitions()) == [0, 1])
    }

    @Test func `a rebuild gives the same graph on one thread and on two`() throws {
        let one = try filled(1_500).index
        let two = try filled(1_500).index
        try one.rebuild(threads: 1)
        try two.rebuild(threads: 2)
        for query in TestVectors.decisions(50, seed: 11) {
            let options = SearchOptions(count: 10, breadth: 12, strategy: .graph)
            let first = try one.search(counts: query.span, scale: 1, options: options)
            let second = try two.search(counts: query.span, scale: 1, options: options)
            #expect(first == second)
        }
        #expect(one.statistics().degrees == two.statistics().degrees)
    }

    @Test(arguments: Quantization.allCases)
    func `the same rows and seed give the same graph and codes to the byte, another seed another`(
        quantization: Quantization
    ) throws {
        func snapshot(threads: Int, seed: UInt64) throws -> Data {
            let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
            defer { try? FileManager.default.removeItem(atPath: path) }
            let index = try filled(1_500).index
            var wanted = index.configuration
            wanted.seed = seed
            wanted.quantization = quantization
            try index.rebuild(wanted, threads: threads)
            try index.writeSnapshot(to: path)
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }
        let graph = try snapshot(threads: 1, seed: 1)
        #expect(try snapshot(threads: 2, seed: 1) == graph)
        #expect(try snapshot(threads: 1, seed: 2) != graph)
    }

    @Test func `a rebuild can change the links per node but not the metric`() throws {
        let index = try filled(300).index
        var wanted = configuration
        wanted.maximumLinks = 8
        try index.rebuild(wanted)
        #expect(index.configuration.maximumLinks == 8)
        #expect(index.statistics().degrees.count == 25)
        wanted.metric = .euclidean
        #expect(throws: IndexError.metric(expected: .cosine)) { try index.rebuild(wanted) }
        wanted.metric = .cosine
        wanted.dimension = 3
        #expect(throws: IndexError.dimension(expected: TestVectors.dimension, found: 3)) {
            try index.rebuild(wanted)
        }
    }

    @Test(arguments: RebuildPhase.allCases)
    func `a cancelled rebuild leaves the old graph serving`(phase: RebuildPhase) throws {
        let index = try filled(900).index
        let query = TestVectors.decisions(1, seed: 4)[0]
        let before = try index.search(counts: query.span, scale: 1)
        var reached = false
        let cancelling = phase != .swapping
        var wanted = index.configuration
        if phase == .quantizing { wanted.quantization = .sq4 }
        if cancelling {
            #expect(throws: IndexError.cancelled) {
                try index.rebuild(
                    wanted, progress: { progress in reached = reached || progress.phase == phase },
                    isCancelled: { reached })
            }
        } else {
            try index.rebuild(progress: { progress in reached = reached || progress.phase == phase
            })
        }
        #expect(reached)
        let after = try index.search(counts: query.span, scale: 1)
        #expect(after.hits == before.hits)
        // The next one is not refused.
        try index.rebuild()
    }

    @Test func `making smaller codes tells how far it is and can be cancelled all the while`() throws {
        let index = try filled(1_100, duplicates: 0).index
        var wanted = index.configuration
        wanted.quantization = .pq8
        var fractions: [Double] = []
        try index.rebuild(
            wanted,
            progress: { progress in
                if progress.phase == .quantizing { fractions.append(progress.fraction) }
            })
        #expect(fractions == fractions.sorted() && fractions.last == 1)
        #expect(fractions.count { $0 < 0.3 } > 10, "training")
        #expect(fractions.count { $0 > 0.3 && $0 < 1 } >= 2, "encoding")
        for late in [0.15, 0.5] {
            var last = 0.0
            #expect(throws: IndexError.cancelled) {
                try index.rebuild(
                    wanted, progress: { if $0.phase == .quantizing { last = $0.fraction } },
                    isCancelled: { last >= late })
            }
            #expect(last < 1)
        }
    }

    @Test func `a graph whose smaller codes lead nowhere may not take over`() throws {
        let index = try filled(1_100, duplicates: 0).index
        var wanted = index.configuration
        wanted.quantization = .pq8
        try index.rebuild(wanted)
        let scratch = index.scratches.take()
        let (before, after) = index.guarded.withWriting { graph in
            let before = try? graph.verify(scratch: scratch)
            if let quantized = graph.quantized {
                for place in 0..<UInt32(graph.slotCount * quantized.bytes) { quantized.codes[place] = 0 }
            }
            return (before, try? graph.verify(scratch: scratch))
        }
        #expect(try #require(before) >= Graph.roughSelfRecallFloor)
        #expect(after == nil)
    }

    @Test func `what happens during a rebuild is carried over`() throws {
        var pair = try filled(800)
        let more = TestVectors.decisions(200, seed: 77)
        let index = pair.index
        var isDone = false
        try index.rebuild(progress: { progress in
            guard progress.phase == .verifying, !isDone else { return }
            isDone = true
            for (number, vector) in more.enumerated() {
                _ = try? index.insert(
                    counts: vector.span, scale: 1, row: Row(rawValue: UInt32(5_000 + number)),
                    partition: Partition(rawValue: 1))
            }
            for row in 0..<50 { index.remove(Row(rawValue: UInt32(row))) }
        })
        for (number, vector) in more.enumerated() {
            try pair.oracle.insert(
                counts: vector.span, scale: TestVectors.scale(vector),
                row: Row(rawValue: UInt32(5_000 + number)),
                partition: Partition(rawValue: 1))
        }
        for row in 0..<50 { pair.oracle.remove(Row(rawValue: UInt32(row))) }
        #expect(index.count == pair.oracle.count)
        #expect(index.checkInvariants() == [])
        #expect(try pair.recall(more, options: SearchOptions(strategy: .exact)) == 1)
        #expect(try pair.recall(more, options: SearchOptions(strategy: .graph)) >= 0.95)
    }

    @Test func `an empty index can be rebuilt`() throws {
        let index = try HNSWIndex(configuration)
        let report = try index.rebuild(threads: 2)
        #expect(report.nodes == 0)
        #expect(index.checkInvariants() == [])
    }
}
