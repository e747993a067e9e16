import Decisions
import Foundation
import Testing

@testable import VectorStores

/// What a crash in the middle of a write leaves, and what becomes of it.
@Suite struct TornEndTests {
    private func options(_ access: StoreOptions.Access = .write) -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.access = access
        // The journals of these tests are long and stay.
        options.snapshotAfterJournalBytes = 64 << 20
        return options
    }

    private func ids(_ store: MemoryStore) async throws -> [String] {
        var all: [String] = []
        for try await batch in try await store.export(matching: nil) { all += batch.map(\.storedID) }
        return all
    }

    /// Entries that together need several journal records.
    private static func longEntries(_ source: inout DecisionSource) -> [Entry] {
        source.entries(12).map { entry in
            var entry = entry
            entry.decision.extras = ["note": .string(String(repeating: "x", count: 1 << 20))]
            return entry
        }
    }

    /// Makes a write past a size end the process, in the thread that calls.
    private static func endAtFileSize(_ bytes: Int) {
        signal(SIGXFSZ, SIG_DFL)
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGXFSZ)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t.max)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }

    @Test func `a writer moves a torn end away, tells it once and goes on`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var source = DecisionSource(seed: 60)
        let entries = source.entries(3)
        var store = try MemoryStore(directory: scratch.path, options: options())
        for entry in entries { _ = try await store.insert([entry]) }
        try await store.finish()
        let whole = try scratch.bytes("journal-0")
        let last = try #require(JournalRecords(whole).ranges(.entries).last)
        let torn = Array(whole[..<(last.upperBound - 5)])
        try scratch.write(torn, to: "journal-0")
        let reader = try MemoryStore(directory: scratch.path, options: options(.read))
        #expect(await reader.openingNotice?.contains("journal-0 ends with \(last.count - 5) bytes") == true)
        #expect(try await reader.health().contains { $0.name == "journal" && $0.status == .degraded })
        await reader.close()
        for _ in 0..<2 {
            try scratch.write(torn, to: "journal-0")
            store = try MemoryStore(directory: scratch.path, options: options())
            #expect(try await ids(store) == entries.prefix(2).map(\.decision.id))
            let notice = try #require(await store.openingNotice)
            let check = try await store.health().first { $0.name == "journal" }
            #expect(check?.status == .degraded)
            #expect(check?.detail == notice)
            #expect(notice.contains("journal-0.torn-\(last.lowerBound)"))
            await store.close()
        }
        for name in ["journal-0.torn-\(last.lowerBound)", "journal-0.torn-\(last.lowerBound)-2"] {
            #expect(try scratch.bytes(name) == Array(torn[last.lowerBound...]))
        }
        store = try MemoryStore(directory: scratch.path, options: options())
        #expect(await store.openingNotice == nil)
        _ = try await store.insert([entries[2]])
        try await store.finish()
        let again = try MemoryStore(directory: scratch.path, options: options(.read))
        #expect(try await ids(again) == entries.map(\.decision.id))
        await again.close()
    }

    @Test func `a close that changed nothing writes nothing`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var source = DecisionSource(seed: 61)
        for entries in [[], source.entries(3), [], []] {
            let before = try? scratch.bytes("journal-0")
            let store = try MemoryStore(directory: scratch.path, options: options())
            _ = try await store.insert(entries)
            try await store.finish()
            if entries.isEmpty, let before { #expect(try scratch.bytes("journal-0") == before) }
        }
    }

    @Test func `a kill in the middle of a write loses that write alone, whole`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        // The system ends a process whose write passes the largest size of a file, after writing up to it.
        await #expect(processExitsWith: .signal(SIGXFSZ)) { [path = scratch.path as String] in
            let store = try MemoryStore(directory: path, options: StoreOptions(clock: testClock))
            var source = DecisionSource(seed: 62)
            for _ in 0..<10 { _ = try await store.insert(source.entries(2)) }
            TornEndTests.endAtFileSize(10 << 20)
            // Without a suspension, so that it is this thread that takes the signal.
            _ = try store.insertNow(TornEndTests.longEntries(&source))
        }
        let torn = try scratch.bytes("journal-0")
        #expect(torn.count == 10 << 20)
        // Whole records of the batch are there, yet none of it counts.
        let records = JournalRecords(torn).ranges(.entries)
        try #require(records.count == 12)
        var source = DecisionSource(seed: 62)
        let expected = (0..<10).flatMap { _ in source.entries(2) }.map(\.decision.id)
        let store = try MemoryStore(directory: scratch.path, options: options())
        #expect(try await ids(store) == expected)
        let name = "journal-0.torn-\(records[10].lowerBound)"
        #expect(try scratch.bytes(name) == Array(torn[records[10].lowerBound...]))
        _ = try await store.insert(TornEndTests.longEntries(&source))
        try await store.finish()
        let again = try MemoryStore(directory: scratch.path, options: options(.read))
        #expect(try await again.statistics().vectors == 32)
        await again.close()
    }

    @Test func `a follower waits for the end of a batch and outlives one that is taken back`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var source = DecisionSource(seed: 63)
        let first = source.entries(4)
        let long = TornEndTests.longEntries(&source)
        func journal(_ batches: [[Entry]]) async throws -> [UInt8] {
            let folder = ScratchDirectory()
            defer { folder.remove() }
            // What is on disk is said in the journal, so that both journals say the same.
            var synchronized = options()
            synchronized.synchronizesEveryWrite = true
            let store = try MemoryStore(directory: folder.path, options: synchronized)
            for batch in batches { _ = try await store.insert(batch) }
            let bytes = try folder.bytes("journal-0")
            await store.close()
            return bytes
        }
        let taken = try await journal([first, long])
        let records = JournalRecords(taken).ranges(.entries)
        #expect(records.count >= 4)
        try scratch.write(Array(taken[..<records[2].upperBound]), to: "journal-0")
        let reader = try MemoryStore(directory: scratch.path, options: options(.read))
        let follower = try #require(reader.follower)
        follower.poll()
        #expect(try await ids(reader) == first.map(\.decision.id))
        let rest = source.entries(30)
        let written = try await journal([first, rest])
        let common = zip(taken, written).prefix { $0 == $1 }.count
        try #require(common >= records[1].lowerBound)
        // The follower looks of its own accord, too, so that the file must at no moment be without its beginning.
        let end = records[1].lowerBound
        try scratch.replaceEnd(of: "journal-0", from: end, by: Array(written[end...]))
        follower.poll()
        #expect(follower.failure == nil)
        #expect(try await ids(reader) == (first + rest).map(\.decision.id))
        await reader.close()
    }
}
