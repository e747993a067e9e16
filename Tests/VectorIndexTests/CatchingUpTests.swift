import Dispatch
import Locks
import Testing

@testable import VectorIndex

/// A rebuild that carries over what is inserted meanwhile.
@Suite struct CatchingUpTests {
    private let configuration = IndexConfiguration(dimension: TestVectors.dimension)

    private func filled(_ count: Int) throws -> HNSWIndex {
        let index = try HNSWIndex(configuration)
        for (row, vector) in TestVectors.decisions(count).enumerated() {
            try insert(vector, UInt32(row), into: index)
        }
        return index
    }

    private func insert(_ vector: [Int8], _ row: UInt32, into index: HNSWIndex) throws {
        try index.insert(
            counts: vector.span, scale: 1, row: Row(rawValue: row), partition: Partition(rawValue: 0))
    }

    @Test(.timeLimit(.minutes(5)))
    func `a rebuild ends while two never stop inserting, and nothing is lost`() async throws {
        let index = try filled(600)
        let isOver = ReadWriteLock(false)
        let counts = try await withThrowingTaskGroup(of: UInt32?.self) { group in
            for half in 0..<UInt32(2) {
                group.addTask {
                    var generator = SeededGenerator(seed: UInt64(70 + half))
                    var row = 10_000 + half
                    while !isOver.withReading({ copy $0 }) {
                        let vector = TestVectors.decision(&generator)
                        try index.insert(
                            counts: vector.span, scale: 1, row: Row(rawValue: row),
                            partition: Partition(rawValue: 0))
                        row += 2
                        // The rebuild needs a thread to begin on.
                        await Task.yield()
                    }
                    return row
                }
            }
            group.addTask {
                defer { isOver.withWriting { $0 = true } }
                try index.rebuild()
                return nil
            }
            var ends: [UInt32] = []
            for try await end in group { if let end { ends.append(end) } }
            return ends
        }
        let inserted = counts.sorted().map { ($0 - 10_000) / 2 }
        #expect(index.count == 600 + inserted.reduce(0) { $0 + Int($1) })
        #expect(index.checkInvariants() == [])
        for half in 0..<UInt32(2) {
            var generator = SeededGenerator(seed: UInt64(70 + half))
            let end = counts.first { $0 % 2 == half } ?? 0
            for row in stride(from: 10_000 + half, to: end, by: 2) {
                let vector = TestVectors.decision(&generator)
                #expect(index.counts(of: Row(rawValue: row)) == vector)
            }
        }
    }

    /// Stores vectors as inserts one by one would, but in one turn, which nothing holds up.
    private func insertAtOnce(_ vectors: [[Int8]], from row: Int, into index: HNSWIndex) {
        index.guarded.withWriting { graph in
            let scratch = SearchScratch(graph.configuration, layout: graph.arena.layout)
            for (number, vector) in vectors.enumerated() {
                guard (try? scratch.vector.load(counts: vector.span, scale: 1)) != nil else { continue }
                let plan = graph.plan(scratch, partition: 0)
                try? graph.commit(plan, row: UInt32(row + number), scratch: scratch)
            }
        }
    }

    @Test func `rounds that do not become half as long hold changes up longer and longer`() throws {
        let index = try filled(300)
        let vectors = TestVectors.decisions(160, seed: 71)
        var pressures: [Int] = []
        let report = try index.rebuild(progress: { progress in
            guard progress == RebuildProgress(phase: .swapping, fraction: 0) else { return }
            insertAtOnce(Array(vectors[..<40]), from: 1_000, into: index)
        }) { _ in
            pressures.append(index.brake.rows)
            guard pressures.count <= 3 else { return }
            let first = pressures.count * 40
            insertAtOnce(Array(vectors[first..<first + 40]), from: 1_000 + first, into: index)
        }
        #expect(pressures.starts(with: [0, 2, 4, 8]))
        #expect(index.brake.rows == 0)
        #expect(report.rowsCarriedOver == 160)
        #expect(index.count == 460)
        #expect(index.checkInvariants() == [])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a change waits for as many rows as the pressure is, and for none without`() {
        let brake = WriterBrake()
        brake.pass()
        brake.press(4)
        let passed = Mutex(0)
        let writer = DispatchQueue(label: "writer")
        writer.async {
            for _ in 0..<50 {
                brake.pass()
                passed.withLock { $0 += 1 }
            }
        }
        var carried = 0
        while passed.withLock({ $0 }) < 50 {
            brake.countCarried()
            carried += 1
        }
        #expect(carried >= 200)
        brake.press(1_000_000)
        writer.async { brake.pass() }
        brake.press(0)
        writer.sync {}
        brake.pass()
    }

    @Test func `what was carried over and cannot be found keeps the copy from taking over`() throws {
        let index = try filled(600)
        let vectors = TestVectors.decisions(80, seed: 72)
        let rows = (0..<UInt32(80)).map { 2_000 + $0 }
        var isCarried = false
        do throws(IndexError) {
            _ = try index.rebuild(progress: { progress in
                guard progress == RebuildProgress(phase: .swapping, fraction: 0) else { return }
                insertAtOnce(vectors, from: 2_000, into: index)
            }) { copy in
                isCarried = rows.allSatisfy { copy.postings.slot(of: $0) != Graph.none }
                copy.cutOff(Set(rows.map { copy.postings.slot(of: $0) }))
            }
            Issue.record("a copy that lost rows took over")
        } catch {
            guard case .verification(let problem) = error else { throw error }
            #expect(problem.contains("inserted meanwhile"))
        }
        #expect(isCarried)
        #expect(index.count == 680 && index.checkInvariants() == [])
        for vector in vectors {
            let options = SearchOptions(count: 1, strategy: .graph)
            let hits = try index.search(counts: vector.span, scale: 1, options: options).hits
            #expect(hits.first.map { $0.score > 0.999_99 } == true)
        }
        // The next one is not refused, and carries on.
        #expect(try index.rebuild().selfRecall >= 0.99)
    }

    @Test func `one row that nothing leads to is found out behind the carrying over`() throws {
        let index = try filled(600)
        let vector = TestVectors.decisions(1, seed: 73)
        #expect(throws: IndexError.verification("one vector cannot be reached")) {
            try index.rebuild(progress: { progress in
                guard progress == RebuildProgress(phase: .swapping, fraction: 0) else { return }
                insertAtOnce(vector, from: 2_000, into: index)
            }) { copy in
                copy.cutOff([copy.postings.slot(of: 2_000)])
            }
        }
        #expect(index.count == 601)
    }
}
