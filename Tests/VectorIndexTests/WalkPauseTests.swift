import Dispatch
import Locks
import Testing

@testable import VectorIndex

/// Walks that let writers in between two steps.
@Suite struct WalkPauseTests {
    private func filled(_ count: Int) throws -> HNSWIndex {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        for (row, vector) in TestVectors.decisions(count).enumerated() {
            try index.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                partition: Partition(rawValue: 0))
        }
        return index
    }

    /// Reads as a search does, pausing once while a writer works; how often it began, and whether it could go on.
    private func read(_ index: HNSWIndex, meanwhile work: @escaping @Sendable () -> Void) -> (Int, [Bool]) {
        let scratch = index.scratches.take()
        defer { index.scratches.giveBack(scratch) }
        let writer = DispatchQueue(label: "writer")
        var began = 0
        var couldGoOn: [Bool] = []
        index.walking(scratch) { graph in
            began += 1
            guard let lock = scratch.pauses.lock else { return }
            _ = scratch.visited(count: graph.slotCount)
            writer.async(execute: work)
            while !lock.isAwaited {}
            // A pause does not last until a slow writer has come.
            while !scratch.pauses.isOverrun, lock.isAwaited { _ = graph.pause(lock, scratch) }
            couldGoOn.append(!scratch.pauses.isOverrun)
        }
        writer.sync {}
        return (began, couldGoOn)
    }

    @Test func `an insert under a walk lets it go on`() throws {
        let index = try filled(600)
        let vector = TestVectors.decisions(1, seed: 99)[0]
        let (began, couldGoOn) = read(index) {
            _ = try? index.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: 600), partition: Partition(rawValue: 0))
        }
        #expect(began == 1 && couldGoOn == [true])
        #expect(index.count == 601)
    }

    @Test func `a row that goes before it was linked lets a walk go on`() throws {
        let index = try filled(600)
        let vector = TestVectors.decisions(1, seed: 93)[0]
        try index.append(
            counts: vector.span, scale: 1, row: Row(rawValue: 600), partition: Partition(rawValue: 0))
        #expect(index.tailCount == 1)
        let (began, couldGoOn) = read(index) { index.remove(Row(rawValue: 600)) }
        #expect(began == 1 && couldGoOn == [true])
        #expect(index.tailCount == 0 && index.count == 600)
    }

    @Test func `another graph under a walk makes it begin again`() throws {
        let index = try filled(600)
        let (began, couldGoOn) = read(index) {
            index.guarded.withWriting { $0.beginGeneration() }
        }
        #expect(began == 2 && couldGoOn == [false])
    }

    @Test func `what is walked over outlives the rebuild that takes its place`() throws {
        let index = try filled(600)
        let scratch = index.scratches.take()
        defer { index.scratches.giveBack(scratch) }
        let isRebuilt = ReadWriteLock(false)
        let first = index.counts(of: Row(rawValue: 0))
        var began = 0
        index.walking(scratch) { graph in
            began += 1
            guard let lock = scratch.pauses.lock else { return }
            DispatchQueue(label: "rebuild").async {
                _ = try? index.rebuild()
                isRebuilt.withWriting { $0 = true }
            }
            while !isRebuilt.withReading({ copy $0 }) { _ = graph.pause(lock, scratch) }
            scratch.vector.load(graph.postings.slot(of: 0), of: graph.arena, graph.kernel)
            let read = (0..<TestVectors.dimension).map { unsafe scratch.vector.signed[$0] }
            #expect(read == first)
            #expect(scratch.pauses.isOverrun)
        }
        #expect(began == 2)
        #expect(index.checkInvariants() == [])
    }

    @Test func `more nodes than there are marks for make a walk begin again`() throws {
        let index = try filled(1_024)
        let nodes = index.distinctCount
        let vectors = TestVectors.decisions(1_200, seed: 98)
        let (began, couldGoOn) = read(index) {
            index.guarded.withWriting { graph in
                // As inserts one by one would, but in one turn.
                let scratch = SearchScratch(graph.configuration, layout: graph.arena.layout)
                for (number, vector) in vectors.enumerated() {
                    guard (try? scratch.vector.load(counts: vector.span, scale: 1)) != nil else { continue }
                    let plan = graph.plan(scratch, partition: 0)
                    try? graph.commit(plan, row: UInt32(2_000 + number), scratch: scratch)
                }
            }
        }
        #expect(index.distinctCount > nodes * 3 / 2)
        #expect(began == 2 && couldGoOn == [false])
    }

    @Test func `sweeps, rebuilds and inserts under walks leave all that is held to be found`() async throws {
        let index = try filled(1_000)
        let coming = TestVectors.decisions(1_500, seed: 95)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for half in 0..<2 {
                group.addTask {
                    // So many go that sweeps begin and end again and again.
                    for (number, vector) in coming.enumerated() where number % 2 == half {
                        try index.insert(
                            counts: vector.span, scale: 1, row: Row(rawValue: UInt32(2_000 + number)),
                            partition: Partition(rawValue: 0))
                        if number < 1_000 { index.remove(Row(rawValue: UInt32(number))) }
                        if number % 3 != 0 { index.remove(Row(rawValue: UInt32(2_000 + number))) }
                    }
                }
            }
            group.addTask {
                for query in TestVectors.decisions(400, seed: 94) {
                    let hits = try index.search(counts: query.span, scale: 1).hits
                    #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.precedes($1) })
                }
            }
            group.addTask { for _ in 0..<3 { try index.rebuild() } }
            try await group.waitForAll()
        }
        #expect(index.checkInvariants() == [])
        #expect(index.count == 500)
        for (number, vector) in coming.enumerated() where number % 3 == 0 {
            let found = try index.search(counts: vector.span, scale: 1, options: SearchOptions(count: 1))
            #expect(found.hits.first.map { $0.score > 0.999_99 } == true, "\(number)")
        }
    }

    @Test func `an insert is found by the very next search, beside others`() async throws {
        let index = try filled(1_500)
        let vectors = TestVectors.decisions(400, seed: 97)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    for query in TestVectors.decisions(300, seed: 96) {
                        let options = SearchOptions(strategy: .graph)
                        let hits = try index.search(counts: query.span, scale: 1, options: options).hits
                        #expect(hits.count == 10)
                        #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.precedes($1) })
                    }
                }
            }
            group.addTask {
                for (number, vector) in vectors.enumerated() {
                    let row = Row(rawValue: UInt32(2_000 + number))
                    try index.insert(
                        counts: vector.span, scale: 1, row: row, partition: Partition(rawValue: 0))
                    let options = SearchOptions(count: 1, breadth: 1)
                    let found = try index.search(counts: vector.span, scale: 1, options: options)
                    #expect(found.hits.first.map { $0.score > 0.999_99 } == true)
                }
            }
            try await group.waitForAll()
        }
        #expect(index.checkInvariants() == [])
    }
}
