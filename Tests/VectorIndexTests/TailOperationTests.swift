import Foundation
import Locks
import Testing

@testable import VectorIndex

/// What happens to rows that wait to be linked while other things do.
@Suite struct TailOperationTests {
    private final class Flag: Sendable {
        let isDone = Mutex(false)
        let tally = Mutex(Tally())
    }

    private let configuration = IndexConfiguration(dimension: TestVectors.dimension)

    /// How much of what was to be found walks found.
    private struct Tally {
        var found = 0
        var wanted = 0
        var share: Double { wanted == 0 ? 0 : Double(found) / Double(wanted) }
    }

    @Test(arguments: [1, 2, 3])
    func `random operations with a tail agree with a plain scan`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var pair = try IndexedPair(configuration)
        var rows: [Int: [Int8]] = [:]
        var (walked, chosen) = (Tally(), Tally())
        var isSweptAround = false
        func add(_ row: Int, appending: Bool) throws {
            guard rows[row] == nil else { return }
            let vector = TestVectors.decision(&generator, choices: 8)
            rows[row] = vector
            if appending { return try pair.append(vector, row: row, partition: row % 3) }
            try pair.insert(vector, row: row, partition: row % 3)
        }
        // So many that searches walk, whatever goes.
        for row in 0..<1_700 { try add(row, appending: row >= 1_600) }
        for step in 0..<480 {
            let row = Int.random(in: 0..<1_900, using: &generator)
            // First more goes than comes, so that a sweep runs beside what waits.
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<(step < 240 ? 11 : 3):
                for victim in row..<row + 4 {
                    let isThere = rows.removeValue(forKey: victim) != nil
                    #expect(pair.remove(victim) == (isThere, isThere))
                }
            case 11: _ = pair.index.linkTail(atMost: Int.random(in: 1...12, using: &generator))
            case 12: try add(row, appending: false)
            case 13: try compare(pair, rows, &generator, walked: &walked, chosen: &chosen)
            default: try add(row, appending: true)
            }
            if step % 300 == 299 { try pair.index.rebuild() }
            if step % 200 == 199 { try expectSame(afterSnapshotOf: pair, &generator) }
            isSweptAround =
                isSweptAround || pair.index.guarded.withReading { $0.sweep != nil && !$0.tail.isEmpty }
            if step % 6 == 5 { #expect(pair.index.checkInvariants() == [], "step \(step)") }
        }
        #expect(isSweptAround)
        #expect(pair.index.count == rows.count)
        #expect(walked.wanted > 50 && walked.share >= 0.95, "\(walked)")
        #expect(chosen.wanted > 0 && chosen.share >= 0.8, "\(chosen)")
    }

    /// Exact answers equal the scan's, those of walks hold nothing that is not there and most of what is, and each of
    /// some rows is found by a walk.
    private func compare(
        _ pair: IndexedPair, _ rows: [Int: [Int8]], _ generator: inout SeededGenerator,
        walked: inout Tally, chosen: inout Tally
    ) throws {
        #expect(pair.index.distinctCount > Graph.exactNodeLimit)
        let query = TestVectors.decision(&generator, choices: 8)
        var options = SearchOptions(count: Int.random(in: 1...20, using: &generator))
        if Bool.random(using: &generator) { options.partition = Partition(rawValue: 1) }
        if Bool.random(using: &generator) {
            options.filter = RowFilter(rows.keys.filter { $0 % 4 != 0 }.map { Row(rawValue: UInt32($0)) })
        }
        let ranked = pair.oracle.search(
            TestVectors.floats(query), count: .max, partition: options.partition, filter: options.filter)
        let scores = Dictionary(uniqueKeysWithValues: ranked.map { ($0.row, $0.score) })
        let truth = ranked.prefix(options.count)
        let ways: [(StrategyChoice, breadth: Int?)] = [(.exact, nil), (.automatic, 12), (.graph, 200)]
        for (strategy, breadth) in ways {
            options.strategy = strategy
            options.breadth = breadth
            let outcome = try pair.search(query, options: options)
            #expect(outcome.hits.count == truth.count)
            // Nothing that is gone, or of another's partition, and by its own score.
            #expect(outcome.hits.allSatisfy { abs((scores[$0.row] ?? 2) - $0.score) < 1e-5 })
            #expect(Set(outcome.hits.map(\.row)).count == outcome.hits.count)
            if strategy == .automatic {
                let isDearer = pair.index.guarded.withReading {
                    Graph.isDearer(walking: $0.breadth(options), thanComparing: $0.liveCount)
                }
                // So narrow a walk may also end among equals, which compares everything.
                #expect(outcome.isExact || options.isUnrestricted && !isDearer)
            }
            if outcome.isExact {
                #expect(strategy != .graph)
                #expect(zip(outcome.hits, truth).allSatisfy { abs($0.score - $1.score) < 1e-5 })
            } else if let last = truth.last {
                let right = outcome.hits.count { $0.score >= last.score - 1e-6 }
                if strategy == .graph {
                    walked.found += right
                    walked.wanted += truth.count
                } else {
                    chosen.found += right
                    chosen.wanted += truth.count
                }
            }
        }
        for (row, vector) in rows.sorted(by: { $0.key < $1.key }) where row % 40 == 0 {
            let wide = SearchOptions(count: 1, breadth: 300, strategy: .graph)
            let walked = try pair.search(vector, options: wide)
            #expect(walked.hits.first.map { $0.score > 0.999_9 } == true)
        }
    }

    private func expectSame(afterSnapshotOf pair: IndexedPair, _ generator: inout SeededGenerator) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try pair.index.writeSnapshot(to: path)
        let copy = try HNSWIndex(snapshot: path)
        #expect(copy.checkInvariants() == [])
        let query = TestVectors.decision(&generator, choices: 8)
        let options = SearchOptions(count: 15, strategy: .exact)
        #expect(
            try copy.search(counts: query.span, scale: 1, options: options).hits
                == pair.index.search(counts: query.span, scale: 1, options: options).hits)
    }

    private func filled(_ count: Int) throws -> HNSWIndex {
        var pair = try IndexedPair(configuration)
        for (row, vector) in TestVectors.decisions(count).enumerated() { try pair.insert(vector, row: row) }
        return pair.index
    }

    private func append(_ vector: [Int8], row: UInt32, to index: HNSWIndex) throws {
        try index.append(
            counts: vector.span, scale: 1, row: Row(rawValue: row), partition: Partition(rawValue: 0))
    }

    @Test func `what is linked under a walk that paused is still found, and once`() throws {
        let index = try filled(400)
        let vector = TestVectors.decisions(1, seed: 71)[0]
        try append(vector, row: 1_000, to: index)
        let walking = index.scratches.take()
        let linking = index.scratches.take()
        try index.load(vector.span, 1, into: walking)
        index.guarded.withWriting { graph in
            let slot = graph.postings.slot(of: 1_000)
            for isMet in [false, true] {
                walking.tail = [slot]
                // Before: the walk has passed where it would be met. After: it has met it.
                #expect(graph.isInTail(slot) != isMet)
                let target = graph.fullTarget(walking)
                var pool = graph.walkFromTop(target, walking, breadth: 100)
                #expect(pool.contains(slot) == isMet)
                if !isMet, let plan = graph.planTail(linking) { graph.linkTail(plan, scratch: linking) }
                #expect(!graph.isInTail(slot))
                graph.offerTail(to: &pool, target, walking) { $0 }
                #expect((0..<pool.count).count { pool[$0].slot == slot } == 1)
            }
        }
        #expect(index.checkInvariants() == [])
    }

    @Test func `what goes from the tail under a walk takes nobody's place, and what has its slot is itself`()
        throws
    {
        let index = try filled(400)
        let vectors = TestVectors.decisions(2, seed: 75)
        let first = vectors[0]
        try append(first, row: 1_000, to: index)
        let walking = index.scratches.take()
        try index.load(first.span, 1, into: walking)
        let (slot, generation) = index.guarded.withReading { ($0.postings.slot(of: 1_000), $0.generation) }
        walking.tail = [slot]
        index.remove(Row(rawValue: 1_000))
        #expect(index.guarded.withReading { $0.generation } == generation)
        /// The scores under which the slot is among what a walk found, and its own.
        func found() -> (told: [Float], own: Float) {
            index.guarded.withReading { graph in
                let target = graph.fullTarget(walking)
                var pool = graph.walkFromTop(target, walking, breadth: 500)
                graph.offerTail(to: &pool, target, walking) { $0 }
                let told = (0..<pool.count).filter { pool[$0].slot == slot }.map { pool[$0].score }
                return (told, graph.score(target, slot: slot, scratch: walking))
            }
        }
        #expect(found().told.isEmpty)
        // Another's, which waits and is then linked.
        try append(vectors[1], row: 1_001, to: index)
        #expect(index.guarded.withReading { $0.postings.slot(of: 1_001) } == slot)
        for isLinked in [false, true] {
            if isLinked { index.linkTail() }
            let (told, own) = found()
            #expect(told == [own] && own < 0.999)
        }
        #expect(index.checkInvariants() == [])
    }

    @Test func `what was planned holds when something else goes from the tail`() throws {
        let index = try filled(300)
        let vectors = TestVectors.decisions(3, seed: 76)
        try append(vectors[0], row: 1_000, to: index)
        let scratch = index.scratches.take()
        let planned = vectors[1]
        try index.load(planned.span, 1, into: scratch)
        let plan = index.guarded.withReading { $0.plan(scratch, partition: 0) }
        index.remove(Row(rawValue: 1_000))
        // Its slot is taken meanwhile.
        try append(vectors[2], row: 1_001, to: index)
        #expect(index.guarded.withReading { $0.isCurrent(plan, scratch) })
        try index.guarded.withWriting { try $0.commit(plan, row: 1_002, scratch: scratch) }
        #expect(index.counts(of: Row(rawValue: 1_002)) == planned)
        #expect(index.checkInvariants() == [])
        #expect(index.statistics().unreachable == 0)
    }

    @Test func `a row planned for a node that is gone gets another`() throws {
        let index = try filled(300)
        let vectors = TestVectors.decisions(3, seed: 72)
        try append(vectors[0], row: 1_000, to: index)
        let first = vectors[0]
        let scratch = index.scratches.take()
        for (row, isAppended) in [(UInt32(1_001), true), (1_002, false)] {
            try index.load(first.span, 1, into: scratch)
            let plan = index.guarded.withReading { graph in
                isAppended ? graph.planNode(scratch, partition: 0) : graph.plan(scratch, partition: 0)
            }
            #expect(plan.existing != nil)
            // Another vector takes the place of the node that was found.
            index.remove(Row(rawValue: row - 1))
            try append(vectors[isAppended ? 1 : 2], row: row + 1_000, to: index)
            try index.guarded.withWriting { graph in
                if isAppended {
                    try graph.append(plan, row: row, scratch: scratch)
                } else {
                    try graph.commit(plan, row: row, scratch: scratch)
                }
            }
            #expect(index.counts(of: Row(rawValue: row)) == vectors[0])
            #expect(index.counts(of: Row(rawValue: row + 1_000)) == vectors[isAppended ? 1 : 2])
            #expect(index.checkInvariants() == [])
        }
    }

    @Test func `a node whose links were planned may go, or be another's, before it gets them`() throws {
        let index = try filled(300)
        let vectors = TestVectors.decisions(3, seed: 73)
        let scratch = index.scratches.take()
        // Gone.
        try append(vectors[0], row: 1_000, to: index)
        var plan = try #require(index.guarded.withReading { $0.planTail(scratch) })
        index.remove(Row(rawValue: 1_000))
        index.guarded.withWriting { $0.linkTail(plan, scratch: scratch) }
        #expect(index.checkInvariants() == [])
        // Another's: linked as its own vector asks.
        try append(vectors[1], row: 1_001, to: index)
        plan = try #require(index.guarded.withReading { $0.planTail(scratch) })
        index.remove(Row(rawValue: 1_001))
        try append(vectors[2], row: 1_002, to: index)
        #expect(index.guarded.withReading { $0.postings.slot(of: 1_002) } == plan.slot)
        index.guarded.withWriting { $0.linkTail(plan, scratch: scratch) }
        #expect(index.tailCount == 0 && index.checkInvariants() == [])
        let query = vectors[2]
        let walked = try index.search(
            counts: query.span, scale: 1, options: SearchOptions(count: 1, strategy: .graph))
        #expect(walked.hits.first?.row == Row(rawValue: 1_002))
        // A second time nothing is left to be done.
        index.guarded.withWriting { $0.linkTail(plan, scratch: scratch) }
        #expect(index.checkInvariants() == [])
    }

    @Test func `appending, linking, searching, removing, a snapshot and a rebuild go on side by side`()
        async throws
    {
        let index = try filled(1_400)
        #expect(index.distinctCount > Graph.exactNodeLimit)
        let vectors = TestVectors.decisions(900, duplicates: 20, seed: 74)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let flag = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { flag.isDone.withLock { $0 = true } }
                try await withThrowingTaskGroup(of: Void.self) { writers in
                    for writer in 0..<2 {
                        writers.addTask {
                            for number in stride(from: writer, to: vectors.count, by: 2) {
                                let vector = vectors[number]
                                let row = Row(rawValue: UInt32(2_000 + number))
                                try index.append(
                                    counts: vector.span, scale: 1, row: row, partition: Partition(rawValue: 0)
                                )
                                // Acknowledged, so found, whatever links and rebuilds meanwhile.
                                let found = try index.search(
                                    counts: vector.span, scale: 1,
                                    options: SearchOptions(count: 1, breadth: 8))
                                #expect(found.strategy == .graph)
                                #expect(found.hits.first.map { $0.score > 0.999_9 } == true)
                                // By walk and tail alone, without a look at what has just this vector.
                                let walked = try index.search(
                                    counts: vector.span, scale: 1,
                                    options: SearchOptions(count: 1, breadth: 200, strategy: .graph))
                                let isFound = walked.hits.first.map { $0.score > 0.999_9 } == true
                                flag.tally.withLock { tally in
                                    tally.wanted += 1
                                    tally.found += isFound ? 1 : 0
                                }
                                if number % 5 == writer { index.remove(row) }
                            }
                        }
                    }
                    try await writers.waitForAll()
                }
            }
            group.addTask { while !flag.isDone.withLock({ $0 }) { index.linkTail(atMost: 20) } }
            group.addTask {
                for round in 0..<6 {
                    for query in vectors.prefix(40) {
                        let options = SearchOptions(
                            count: 5, partition: round % 2 == 0 ? nil : Partition(rawValue: 0),
                            strategy: .graph)
                        let outcome = try index.search(counts: query.span, scale: 1, options: options)
                        #expect(zip(outcome.hits, outcome.hits.dropFirst()).allSatisfy { $0.precedes($1) })
                    }
                }
            }
            group.addTask {
                try index.writeSnapshot(to: path)
                try index.rebuild(threads: 2)
            }
            group.addTask { _ = index.statistics() }
            try await group.waitForAll()
        }
        index.linkTail()
        #expect(index.checkInvariants() == [])
        #expect(flag.tally.withLock { $0.wanted == vectors.count && $0.share >= 0.99 })
        #expect(index.count == 1_400 + vectors.indices.count { $0 % 5 != $0 % 2 })
        #expect(index.statistics().unreachable == 0)
    }
}
