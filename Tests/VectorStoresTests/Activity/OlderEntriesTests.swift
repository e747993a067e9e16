import Decisions
import Locks
import PostgresStore
import PostgresTesting
import Testing

@testable import VectorStores

/// An activity log that is longer than what of it is held in memory: nothing of it is lost, in either store.
@Suite(.timeLimit(.minutes(10))) struct OlderEntriesTests {
    private static let count = OlderEntries.held + 1_500
    /// So many more make the journal long enough for the next snapshot.
    private static let more = 7_000

    private func options(_ access: StoreOptions.Access = .write) -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.access = access
        options.snapshotAfterJournalBytes = 1 << 20
        return options
    }

    private func fill(_ store: any RecordStore, _ numbers: Range<Int> = 0..<count) async throws {
        try await ActivityLog.append(numbers.map { ActivityLogTests.event($0) }, to: store)
    }

    private func held(_ store: MemoryStore) -> Int {
        store.core.state.withReading { $0.records.count(in: ActivityLog.collection) }
    }

    /// Every entry is there, in its place, however it is asked for.
    private func checkAll(_ store: any RecordStore, _ count: Int = count) async throws {
        let result = try await ActivityLog.verify(store)
        #expect(result.faults.isEmpty && result.entries == count)
        #expect(try await ActivityLog.head(of: store).sequence == count)
        for number in [1, 2, 499, 500, 501, 1_500, 1_501, count] {
            let entry = try await ActivityLog.entry(number, of: store)
            #expect(entry?.event == ActivityLogTests.event(number - 1), "\(number)")
        }
        #expect(try await ActivityLog.entry(count + 1, of: store) == nil)
        let slice = try await store.records(
            in: ActivityLog.collection, from: ActivityLog.key(count - OlderEntries.held - 3), limit: 6)
        #expect(slice.map(\.key) == (0..<6).map { ActivityLog.key(count - OlderEntries.held - 3 + $0) })
        let all = try await store.records(in: ActivityLog.collection)
        #expect(all.count == count + 1 && all.last?.key == ActivityLog.headKey)
        #expect(zip(all, all.dropFirst()).allSatisfy { ByteKey($0.key) < ByteKey($1.key) })
    }

    @Test func `a store in a directory leaves old entries in its file, also once it was opened again`()
        async throws
    {
        let folder = ScratchDirectory()
        defer { folder.remove() }
        let path = folder.path
        let store = try MemoryStore(directory: path, options: options())
        let follower = try MemoryStore(directory: path, options: options(.read))
        try await fill(store)
        try await checkAll(store)
        try await fill(store, Self.count..<Self.count + Self.more)
        // What came since the last snapshot is held too.
        #expect(held(store) < Self.count + Self.more)
        try await checkAll(store, Self.count + Self.more)
        let first = try #require(
            try await store.record(in: ActivityLog.collection, key: ActivityLog.key(1)))
        await #expect(throws: StoreError.self) {
            try await store.write([
                RecordChange(
                    collection: ActivityLog.collection, key: first.key, value: .bool(true), expected: 0)
            ])
        }
        #expect(try await store.record(in: ActivityLog.collection, key: first.key) == first)
        await store.close()
        let again = try MemoryStore(directory: path, options: options())
        // A short journal is left as it is.
        #expect(held(again) < OlderEntries.held + 1_000)
        try await checkAll(again, Self.count + Self.more)
        #expect(try await again.record(in: ActivityLog.collection, key: first.key) == first)
        while follower.core.state.withReading({ $0.records.newestEntry }) < Self.count + Self.more {
            await Task.yield()
        }
        try await checkAll(follower, Self.count + Self.more)
        await follower.close()
        await again.close()
    }

    @Test func `an old entry that is changed or removed is found, and stays so`() async throws {
        let folder = ScratchDirectory()
        defer { folder.remove() }
        let path = folder.path
        let store = try MemoryStore(directory: path, options: options())
        try await fill(store)
        func put(_ number: Int, _ value: JSONValue?) async throws {
            try await store.write([
                RecordChange(
                    collection: ActivityLog.collection, key: ActivityLog.key(number), value: value)
            ])
        }
        try await put(7, .string("nothing"))
        try await put(20, nil)
        var expected = [7, 20]
        #expect(try await ActivityLog.verify(store).faults.map(\.sequence) == expected)
        // Newest ones go: some of the old ones are newest now.
        for number in Self.count - 3..<Self.count { try await put(number, nil) }
        expected.append(Self.count - 3)
        try await fill(store, Self.count..<Self.count + 3_000)
        #expect(try await ActivityLog.verify(store).faults.map(\.sequence) == expected)
        await store.close()
        let again = try MemoryStore(directory: path, options: options(.read))
        #expect(try await ActivityLog.verify(again).faults.map(\.sequence) == expected)
        await again.close()
    }

    @Test func `a mirror leaves old entries to its server`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try #require(
            try PostgresStore.open(.postgres(database.address), options: options()) as? MemoryStore)
        try await fill(store)
        #expect(held(store) < Self.count)
        try await checkAll(store)
        await store.close()
        let again = try #require(
            try PostgresStore.open(.postgres(database.address), options: options()) as? MemoryStore)
        #expect(held(again) == OlderEntries.held + 1)
        try await checkAll(again)
        try await fill(again, Self.count..<Self.count + 3)
        try await checkAll(again, Self.count + 3)
        // What somebody does to it on the server is found there.
        try database.run(
            "update verdict_records set value = '7' where collection = 'activity' and key = '0000000000000007'"
        )
        try database.run(
            "delete from verdict_records where collection = 'activity' and key = '0000000000000020'")
        #expect(try await ActivityLog.verify(again).faults.map(\.sequence) == [7, 20])
        await again.close()
    }
}
