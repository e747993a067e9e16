import Foundation
import Locks
import Testing

@testable import VectorIndex

@Suite struct SnapshotTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path)
    }

    private func filled(_ metric: Metric = .cosine, count: Int = 600) throws -> HNSWIndex {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension, metric: metric))
        for (row, vector) in TestVectors.decisions(count, duplicates: 40).enumerated() {
            try pair.insert(vector, row: row, partition: row % 3)
        }
        for row in stride(from: 0, to: count, by: 7) { _ = pair.remove(row) }
        return pair.index
    }

    @Test(arguments: Metric.allCases)
    func `a snapshot answers as the index did`(metric: Metric) throws {
        try withDirectory { directory in
            let index = try filled(metric)
            try index.writeSnapshot(to: directory + "/a")
            let copy = try HNSWIndex(snapshot: directory + "/a")
            #expect(copy.checkInvariants() == [])
            for query in TestVectors.decisions(30, seed: 8) {
                for strategy in [StrategyChoice.graph, .exact] {
                    let options = SearchOptions(count: 15, strategy: strategy)
                    let first = try index.search(counts: query.span, scale: 0.5, options: options)
                    let second = try copy.search(counts: query.span, scale: 0.5, options: options)
                    #expect(first == second)
                }
            }
            // Goes on taking rows.
            let vector = TestVectors.decisions(1, seed: 50)[0]
            try copy.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: 9_000), partition: Partition(rawValue: 1))
            #expect(copy.checkInvariants() == [])
        }
    }

    @Test func `a place that no vector overflows into any more is used again behind a loading`() throws {
        try withDirectory { directory in
            let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
            var generator = SeededGenerator(seed: 12)
            // No block holds so many values.
            let wide = (0..<4).map { _ in
                (0..<TestVectors.dimension).map { _ in Int8.random(in: 1...100, using: &generator) }
            }
            for (row, vector) in wide.prefix(3).enumerated() {
                try index.insert(
                    counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                    partition: Partition(rawValue: 0))
            }
            let narrow = TestVectors.decisions(1)[0]
            let scratch = index.scratches.take()
            try index.load(narrow.span, 1, into: scratch)
            // As an insert does that is given the slot of a vector that was removed.
            index.guarded.withWriting { graph in
                graph.arena.write(scratch.vector, slot: graph.postings.slot(of: 1))
            }
            try index.writeSnapshot(to: directory + "/a")
            let copy = try HNSWIndex(snapshot: directory + "/a")
            #expect(copy.guarded.withReading { $0.arena.overflow.count } == 3)
            let vector = wide[3]
            try copy.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: 3), partition: Partition(rawValue: 0))
            #expect(copy.guarded.withReading { $0.arena.overflow.count } == 3)
            for (row, vector) in [wide[0], narrow, wide[2], wide[3]].enumerated() {
                #expect(copy.counts(of: Row(rawValue: UInt32(row))) == vector)
            }
        }
    }

    @Test func `a file of the version before is read`() throws {
        try withDirectory { directory in
            let index = try filled(count: 60)
            try index.writeSnapshot(to: directory + "/new")
            let new = SnapshotBytes([UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + "/new"))))
            try Data(new.asVersion2()).write(to: URL(fileURLWithPath: directory + "/old"))
            let old = try HNSWIndex(snapshot: directory + "/old")
            #expect(old.checkInvariants() == [])
            for query in TestVectors.decisions(10, seed: 8) {
                let options = SearchOptions(count: 15, strategy: .exact)
                #expect(
                    try index.search(counts: query.span, scale: 0.5, options: options)
                        == old.search(counts: query.span, scale: 0.5, options: options))
            }
        }
    }

    @Test func `float vectors survive with both of their codes`() throws {
        try withDirectory { directory in
            let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension, element: .floats))
            for (row, vector) in TestVectors.decisions(200).enumerated() {
                let floats = TestVectors.floats(vector)
                try index.insert(
                    floats: floats.span, row: Row(rawValue: UInt32(row)), partition: Partition(rawValue: 0))
            }
            try index.writeSnapshot(to: directory + "/a")
            let copy = try HNSWIndex(snapshot: directory + "/a", kernel: .scalar)
            let query = TestVectors.floats(TestVectors.decisions(1, seed: 3)[0])
            let first = try index.search(floats: query.span)
            let second = try copy.search(floats: query.span)
            #expect(first.hits.map(\.row) == second.hits.map(\.row))
        }
    }

    @Test func `an empty index survives`() throws {
        try withDirectory { directory in
            try HNSWIndex(IndexConfiguration(dimension: 5)).writeSnapshot(to: directory + "/a")
            #expect(try HNSWIndex(snapshot: directory + "/a").count == 0)
        }
    }

    @Test func `a flipped bit anywhere is refused`() throws {
        try withDirectory { directory in
            let path = directory + "/a"
            try filled(count: 120).writeSnapshot(to: path)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            var generator = SeededGenerator(seed: 21)
            for _ in 0..<150 {
                var damaged = whole
                damaged[Int.random(in: 0..<whole.count, using: &generator)] ^=
                    1 << UInt8.random(in: 0..<8, using: &generator)
                try damaged.write(to: URL(fileURLWithPath: path))
                let refusal = #expect(throws: IndexError.self) { try HNSWIndex(snapshot: path) }
                #expect("\(refusal, default: "none")".contains(path))
            }
        }
    }

    @Test func `a truncated or foreign file is refused`() throws {
        try withDirectory { directory in
            let path = directory + "/a"
            try filled(count: 60).writeSnapshot(to: path)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in [0, 5, 16, 40, whole.count / 2, whole.count - 100] {
                try whole.prefix(length).write(to: URL(fileURLWithPath: path))
                #expect(throws: IndexError.self) { try HNSWIndex(snapshot: path) }
            }
            try Data("something else entirely".utf8).write(to: URL(fileURLWithPath: path))
            #expect(
                throws: IndexError.snapshot(
                    path: path, section: "header", problem: "this is no index snapshot")
            ) { try HNSWIndex(snapshot: path) }
            #expect(throws: IndexError.self) { try HNSWIndex(snapshot: directory + "/missing") }
            #expect(throws: IndexError.self) {
                try filled(count: 10).writeSnapshot(to: directory + "/no/such/place")
            }
        }
    }
}
