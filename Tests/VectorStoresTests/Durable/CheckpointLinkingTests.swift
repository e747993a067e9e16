import Decisions
import Glibc
import Locks
import Testing

@testable import VectorIndex
@testable import VectorStores

/// Snapshots of a store in which much waits to be linked.
@Suite(.timeLimit(.minutes(5))) struct CheckpointLinkingTests {
    private func entries(_ numbers: Range<Int>, seed: UInt64 = 86) -> [Entry] {
        var source = DecisionSource(seed: seed)
        return source.entries(numbers.upperBound)[numbers.lowerBound...].enumerated().map { place, entry in
            var entry = entry
            entry.decision.id = "row-\(numbers.lowerBound + place)"
            return entry
        }
    }

    private func open(_ scratch: ScratchDirectory) throws -> MemoryStore {
        var options = StoreOptions(clock: testClock)
        options.access = .write
        return try MemoryStore(directory: scratch.path, options: options)
    }

    /// A store with 300 entries, most of which wait to be linked, which nobody does behind; its next snapshot is due.
    private func crowded(_ scratch: ScratchDirectory) throws -> MemoryStore {
        let store = try open(scratch)
        store.tailLinker.stop()
        let report = try store.insertNow(entries(0..<300), measuringNovelty: false)
        #expect(report.outcomes.allSatisfy { $0.disposition == .accepted })
        #expect(store.core.index.tailCount > 2 * MemoryStore.linkedInTurn)
        store.writer.withLock { $0.checkpointLength = 1 }
        return store
    }

    private func expectWhole(_ scratch: ScratchDirectory, entries: [Entry]) throws {
        let store = try open(scratch)
        #expect(store.core.index.checkInvariants() == [] && store.core.index.tailCount == 0)
        #expect(store.core.state.withReading { $0.liveCount } == entries.count)
        for entry in entries {
            let row = store.core.state.withReading {
                $0.row(EntryIdentity(tenant: entry.decision.tenant, id: entry.decision.id))
            }
            let name = Row(rawValue: UInt32(try #require(row)))
            #expect(store.core.index.counts(of: name) == entry.embedding.counts)
        }
        #expect(store.shutDown() == nil)
    }

    @Test
    func `a snapshot that needs much linked is left to one, and taken in the turn where that is little`()
        throws
    {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let store = try crowded(scratch)
        let outcomes = store.writer.withLock { writer in
            [store.checkpointIfLong(&writer), store.checkpointIfLong(&writer)]
        }
        // The second finds that somebody is about to.
        #expect(outcomes == [.left, .done])
        #expect(try scratch.names() == ["journal-0", "lock"])
        store.checkpointOnceLinked()
        #expect(try scratch.names() == ["index-1", "journal-1", "lock", "snapshot-1"])
        #expect(store.core.index.tailCount == 0)
        #expect(store.writer.withLock { !$0.awaitsLinks })
        store.writer.withLock { $0.checkpointLength = 1 }
        _ = try store.insertNow(entries(300..<330), measuringNovelty: false)
        #expect(try scratch.names() == ["index-2", "journal-2", "lock", "snapshot-2"])
        #expect(store.core.index.tailCount == 0)
        #expect(store.shutDown() == nil)
        try expectWhole(scratch, entries: entries(0..<330))
    }

    @Test func `where others brought too much meanwhile the turn is given back once more`() throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let store = try crowded(scratch)
        let waiting = store.core.index.tailCount
        let outcomes = store.writer.withLock { writer in
            [
                store.checkpointIfLong(&writer), store.takeAwaitedCheckpoint(&writer, linkingAll: false),
            ]
        }
        #expect(outcomes == [.left, .left])
        #expect(store.core.index.tailCount == waiting)
        #expect(try scratch.names() == ["journal-0", "lock"])
        #expect(store.writer.withLock { $0.awaitsLinks })
        // Closed meanwhile: nothing is left to be done.
        #expect(store.shutDown() == nil)
        store.checkpointOnceLinked()
        #expect(store.writer.withLock { !$0.awaitsLinks })
        try expectWhole(scratch, entries: entries(0..<300))
    }

    @Test func `others write and search while what a snapshot needs is linked`() throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let store = try crowded(scratch)
        let more = entries(300..<340)
        let ended = Monitor(false)
        // As long as this is held nothing can be linked.
        try store.core.index.linkingTurn.withLock { _ in
            #expect(
                BackgroundThread.start {
                    _ = try? store.insertNow([more[0]], measuringNovelty: false)
                    ended.update { $0 = true }
                })
            while !store.writer.withLock({ $0.awaitsLinks }) { sched_yield() }
            // Would wait for ever if whoever takes the snapshot held the turn to write.
            let report = try store.insertNow(Array(more[1..<20]), measuringNovelty: false)
            #expect(report.outcomes.allSatisfy { $0.disposition == .accepted })
            #expect(try store.insertNow(Array(more[20...])).isMeasured)
            for entry in more {
                let answer = try store.searchNow(
                    SearchRequest(target: .embedding(entry.embedding), limit: 50))
                #expect(answer.results.contains { $0.stored.storedID == entry.decision.id })
            }
            #expect(try scratch.names() == ["journal-0", "lock"])
            #expect(!ended.read { $0 })
        }
        ended.wait { $0 }
        #expect(try scratch.names() == ["index-1", "journal-1", "lock", "snapshot-1"])
        #expect(store.core.index.tailCount == 0)
        #expect(store.shutDown() == nil)
        try expectWhole(scratch, entries: entries(0..<340))
    }
}
