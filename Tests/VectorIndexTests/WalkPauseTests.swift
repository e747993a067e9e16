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

    @Test func `another graph under a walk makes it begin again`() throws {
        let index = try filled(600)
        let (began, couldGoOn) = read(index) {
            index.guarded.withWriting { $0.beginGeneration() }
        }
        #expect(began == 2 && couldGoOn == [false])
        let replaced = read(index) { _ = try? index.rebuild() }
        #expect(replaced.0 >= 1)
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

    @Test func `an insert is found by the very next search, beside others`() async throws {
        let index = try filled(1_500)
        let vectors = TestVectors.decisions(400, seed: 97)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    for query in TestVectors.decisions(300, seed: 96) {
                        let hits = try index.search(counts: query.span, scale: 1).hits
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
