import Decisions
import Glibc
import Locks
import Testing
import VectorIndex

@testable import VectorStores

/// Linking what was acknowledged before it was.
@Suite(.timeLimit(.minutes(5))) struct TailLinkerTests {
    private func core(seed: UInt64 = 81) throws -> StoreCore {
        let core = try StoreCore(configuration: StoreOptions(clock: testClock).index)
        var source = DecisionSource(seed: seed)
        try store(source.entries(200), in: core)
        return core
    }

    private func store(_ entries: [Entry], in core: StoreCore) throws {
        for entry in entries {
            let identity = EntryIdentity(tenant: entry.decision.tenant, id: entry.decision.id)
            guard core.state.withReading({ $0.row(identity) }) == nil else { continue }
            let novelty = try core.insert(entry, storedID: entry.decision.id, measuringNovelty: false)
            #expect(novelty == nil)
        }
    }

    @Test func `what no thread is there for is linked by who stored it`() throws {
        let core = try core()
        #expect(core.index.tailCount > 50)
        let linker = TailLinker(core) { _ in false }
        linker.wake()
        #expect(core.index.tailCount == 0)
        #expect(core.index.checkInvariants() == [])
        linker.stop()
    }

    @Test func `one thread links whatever comes, and ends when it is stopped`() async throws {
        let core = try core()
        let started = Mutex(0)
        let linker = TailLinker(core) { work in
            started.withLock { $0 += 1 }
            return BackgroundThread.start(work)
        }
        var source = DecisionSource(seed: 82)
        for _ in 0..<5 {
            linker.wake()
            while core.index.tailCount > 0 { await Task.yield() }
            linker.wake()
            try store(source.entries(40), in: core)
        }
        #expect(started.withLock { $0 } == 1)
        linker.stop()
        linker.stop()
        // Nobody is there any more who could link it.
        try store(source.entries(40), in: core)
        let left = core.index.tailCount
        linker.wake()
        #expect(left > 0 && core.index.tailCount == left)
        #expect(started.withLock { $0 } == 1)
        #expect(core.index.checkInvariants() == [])
    }

    @Test func `where it is stopped while it links, what is left stays in the tail and is found`() throws {
        let core = try core()
        let total = core.index.tailCount
        #expect(total > 2 * TailLinker.linkedAtOnce)
        let reached = Monitor(0)
        let released = Monitor(false)
        let linker = TailLinker(
            core,
            pausing: {
                reached.update { $0 += 1 }
                released.wait { $0 }
            })
        linker.wake()
        reached.wait { $0 > 0 }
        #expect(core.index.tailCount == total - TailLinker.linkedAtOnce)
        let ended = Monitor(false)
        #expect(
            BackgroundThread.start {
                linker.stop()
                ended.update { $0 = true }
            })
        while !linker.isStopped { sched_yield() }
        released.update { $0 = true }
        ended.wait { $0 }
        #expect(reached.read { $0 } == 1)
        #expect(core.index.tailCount == total - TailLinker.linkedAtOnce)
        linker.wake()
        #expect(core.index.tailCount == total - TailLinker.linkedAtOnce)
        #expect(core.index.checkInvariants() == [])
    }

    @Test func `an insert under way goes first, and what it left is linked once it ends`() async throws {
        let core = try core()
        let linker = TailLinker(core)
        let total = core.index.tailCount
        #expect(total > 2 * TailLinker.linkedAtOnce && total < TailLinker.yieldingTail)
        let after = try linker.around { () throws(StoreError) in
            linker.wake()
            // Hangs where it links them.
            while !linker.givesWay { sched_yield() }
            return core.index.tailCount
        }
        #expect(after == total)
        while core.index.tailCount > 0 { await Task.yield() }
        linker.stop()
        #expect(core.index.checkInvariants() == [])
    }

    @Test func `where an insert under way brings much it is linked meanwhile, but for what may wait`() throws
    {
        let core = try core()
        let limit = core.index.tailCount + 10
        let linker = TailLinker(core, yieldingBelow: limit)
        var source = DecisionSource(seed: 87)
        let more = source.entries(200)
        var (most, left) = (0, 0)
        try linker.around { () throws(StoreError) in
            linker.wake()
            // So that it waits when the others come.
            while !linker.givesWay { sched_yield() }
            for (number, entry) in more.enumerated() {
                _ = try core.insert(entry, storedID: "more-\(number)", measuringNovelty: false)
                most = max(most, core.index.tailCount)
            }
            // Hangs where nobody looks how many there are before the insert ends.
            while core.index.tailCount >= limit || !linker.givesWay { sched_yield() }
            left = core.index.tailCount
        }
        linker.stop()
        #expect(most >= limit)
        #expect(left < limit && left >= limit - TailLinker.linkedAtOnce)
        #expect(core.index.checkInvariants() == [])
    }

    @Test func `a stop does not wait for an insert that is under way`() throws {
        let core = try core()
        let total = core.index.tailCount
        let linker = TailLinker(core)
        try linker.around { () throws(StoreError) in
            linker.wake()
            while !linker.givesWay { sched_yield() }
            linker.stop()
        }
        // A step at most.
        #expect(core.index.tailCount >= total - TailLinker.linkedAtOnce)
        #expect(core.index.checkInvariants() == [])
    }

    @Test func `an index that takes another's place is linked too`() async throws {
        let core = try core()
        let linker = TailLinker(core)
        linker.wake()
        while core.index.tailCount > 0 { await Task.yield() }
        let other = try self.core(seed: 83)
        #expect(core.takeOver(other))
        #expect(core.index.tailCount > 0)
        linker.wake()
        while core.index.tailCount > 0 { await Task.yield() }
        linker.stop()
        #expect(core.index.checkInvariants() == [])
    }

    @Test(arguments: [1, 64 << 20])
    func `what was not linked when the store was closed is there after reopening`(snapshotAfter: Int)
        async throws
    {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var options = StoreOptions(clock: testClock)
        options.access = .write
        options.snapshotAfterJournalBytes = snapshotAfter
        var source = DecisionSource(seed: 84)
        var entries: [Entry] = []
        for round in 0..<3 {
            let store = try MemoryStore(directory: scratch.path, options: options)
            #expect(store.core.index.checkInvariants() == [])
            let outcomes = try await store.insert(entries, measuringNovelty: false).outcomes
            #expect(outcomes.allSatisfy { $0.disposition == .duplicate })
            let more = source.entries(150).enumerated().map { number, entry in
                var entry = entry
                entry.decision.id = "row-\(round)-\(number)"
                return entry
            }
            let report = try await store.insert(more, measuringNovelty: false)
            #expect(report.outcomes.allSatisfy { $0.disposition == .accepted })
            entries += more
            try await store.finish()
        }
        let store = try MemoryStore(directory: scratch.path, options: options)
        #expect(store.core.index.tailCount == 0)
        #expect(store.core.index.checkInvariants() == [])
        #expect(try await store.statistics().vectors == entries.count)
        for entry in entries.prefix(40) {
            let answer = try await store.search(
                SearchRequest(target: .embedding(entry.embedding), limit: 50))
            #expect(answer.results.contains { $0.stored.storedID == entry.decision.id })
        }
        try await store.finish()
    }

    @Test func `a later stage that nobody measures replaces what waits to be linked`() async throws {
        let core = try core()
        var source = DecisionSource(seed: 85)
        var entry = Entry(source.next(tenant: "acme"))
        entry.decision.id = "staged"
        _ = try core.insert(entry, storedID: "staged", measuringNovelty: false)
        let tail = core.index.tailCount
        var other = entry
        other.decision = source.next(tenant: "acme")
        other.decision.id = "staged"
        other = Entry(other.decision)
        try core.merge(other, storedID: "staged", measuringNovelty: false)
        let row = try #require(
            core.state.withReading { $0.row(EntryIdentity(tenant: "acme", id: "staged")) })
        #expect(core.index.counts(of: Row(rawValue: UInt32(row))) == other.embedding.counts)
        #expect(core.index.tailCount <= tail)
        #expect(core.index.checkInvariants() == [])
    }
}
