import Decisions
import Locks
import Testing

@testable import VectorStores

/// Numbers that no log has honestly, written by whoever can write into its store.
@Suite struct ActivityForgeryTests {
    private static let largest = 9_999_999_999_999_999

    private func put(_ key: String, _ value: JSONValue?, _ store: any RecordStore) async throws {
        try await store.write([RecordChange(collection: ActivityLog.collection, key: key, value: value)])
    }

    private func forge(_ sequence: Int, _ store: any RecordStore) async throws {
        let entry = ActivityEntry(
            ActivityLogTests.event(900), sequence: sequence, previous: ActivityEntry.firstPrevious)
        try await put(ActivityLog.key(sequence), entry.json, store)
    }

    private func append(_ numbers: Range<Int>, _ store: any RecordStore) async throws {
        for number in numbers { try await ActivityLog.append([ActivityLogTests.event(number)], to: store) }
    }

    @Test(arguments: StoreFactory.all, [9_999_999_999_999_999, 9_999_999_999_999_998, 500_000, 6])
    func `an entry far behind the newest stops no act and is told`(
        factory: StoreFactory, forged: Int
    ) async throws {
        let store = try await factory.make()
        try await append(0..<3, store)
        try await forge(forged, store)
        try await append(3..<5, store)
        #expect(try await ActivityLog.newest(9, of: store).map(\.sequence) == [1, 2, 3, 4, 5])
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 5 && result.faults.map(\.sequence) == [forged])
        #expect(result.fault?.reason == "it stands after the newest entry that the head tells")
        // Nothing can stand behind the largest number, and from there no way leads on.
        #expect(result.behind?.entries == (forged == 6 || forged == 9_999_999_999_999_999 ? nil : 1))
        // Behind one that stands where the next is to stand the log goes on; before any other one too.
        try await append(5..<8, store)
        let after = try await ActivityLog.verify(store)
        #expect(after.faults.map(\.sequence) == [forged])
        let written = try await ActivityLog.newest(3, of: store).map(\.event)
        #expect(written == (5..<8).map { ActivityLogTests.event($0) })
        await store.close()
    }

    @Test(arguments: [9_999_999_999_999_999, 9_999_999_999_999_998, 9_000_000_000_000_000, 70])
    func `a forged head stops no act, with and without an entry that it tells`(forged: Int) async throws {
        for hasEntry in [false, true] {
            let store = try await ActivityLogTests.store(3)
            if hasEntry { try await forge(forged, store) }
            try await put("head", ActivityLog.Head(sequence: forged, hash: "x").json, store)
            try await ActivityLog.append((3..<6).map { ActivityLogTests.event($0) }, to: store)
            try await append(6..<8, store)
            let written = try await ActivityLog.newest(5, of: store).map(\.event)
            #expect(written == (3..<8).map { ActivityLogTests.event($0) })
            let isFar = forged > ActivityLog.farthestEnd
            #expect(try await ActivityLog.head(of: store).sequence == (isFar ? 8 : forged + 5))
            let result = try await ActivityLog.verify(store)
            // A far head was set right by the first act; only an entry beside it betrays it then.
            #expect(result.faults.isEmpty == (isFar && !hasEntry))
            if isFar { #expect(result.entries == 8) }
        }
    }

    @Test(arguments: [nil, 9_999_999_999_999_999])
    func `where the head is lost too the log goes on behind the entries that follow each other`(
        head: Int?
    ) async throws {
        let store = try await ActivityLogTests.store(3)
        try await forge(Self.largest, store)
        try await put("head", head.map { ActivityLog.Head(sequence: $0, hash: "x").json }, store)
        try await append(3..<5, store)
        #expect(try await ActivityLog.head(of: store).sequence == 5)
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 5 && result.faults.map(\.sequence) == [Self.largest])
        // All that is left is forged.
        for number in 1...5 { try await put(ActivityLog.key(number), nil, store) }
        try await put("head", nil, store)
        try await append(5..<7, store)
        #expect(try await ActivityLog.head(of: store).sequence == 2)
    }

    @Test(arguments: StoreFactory.all)
    func `several acts together find room behind what was forged among their numbers`(
        factory: StoreFactory
    ) async throws {
        let store = try await factory.make()
        try await append(0..<3, store)
        try await forge(6, store)
        try await forge(Self.largest, store)
        try await ActivityLog.append((3..<6).map { ActivityLogTests.event($0) }, to: store)
        // Three do not fit before the first that was forged, and none behind the second.
        #expect(try await ActivityLog.newest(3, of: store).map(\.sequence) == [7, 8, 9])
        try await append(6..<7, store)
        let written = try await ActivityLog.newest(4, of: store).map(\.event)
        #expect(written == (3..<7).map { ActivityLogTests.event($0) })
        let result = try await ActivityLog.verify(store)
        #expect(result.faults.map(\.sequence) == [4, Self.largest])
        await store.close()
    }

    /// Records that look like entries and are none, more than are read together, where entries are.
    private func bury(_ store: any RecordStore) async throws {
        for (beginning, count) in [
            (ActivityLog.key(0), 1_200), (ActivityLog.key(3), 600), (ActivityLog.key(4), 1_200),
        ] {
            try await store.write(
                (0..<count).map { number in
                    RecordChange(
                        collection: ActivityLog.collection, key: "\(beginning)x\(number)", value: .bool(true))
                })
        }
    }

    @Test(arguments: StoreFactory.all)
    func `keys that are no numbers end nothing, however many there are`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        try await append(0..<6, store)
        try await bury(store)
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 6 && result.faults.isEmpty)
        // What stands behind the newest is found behind them, too.
        try await forge(9, store)
        try await put(ActivityLog.key(6) + "x", .bool(true), store)
        try await bury(store)
        #expect(try await ActivityLog.verify(store).faults.map(\.sequence) == [9])
        try await put(ActivityLog.key(9), nil, store)
        // Neither a head that was set back nor one that is lost leads to a number that is taken.
        for head in [ActivityLog.Head(sequence: 2, hash: "x").json, nil] {
            try await put("head", head, store)
            try await append(6..<8, store)
        }
        try await forge(Self.largest, store)
        try await put("head", nil, store)
        try await append(6..<8, store)
        #expect(try await ActivityLog.newest(3, of: store).map(\.sequence) == [10, 11, 12])
        let entries = try await ActivityLog.newest(12, of: store)
        #expect(entries.prefix(6).map(\.event) == (0..<6).map { ActivityLogTests.event($0) })
        #expect(entries.count == 12)
        await store.close()
    }

    @Test func `whether numbers are free is read together, not one by one`() async throws {
        let store = RacingStore(try await ActivityLogTests.store(3))
        let events = (0..<800).map { ActivityLogTests.event($0) }
        try await ActivityLog.append(events, to: store)
        #expect(store.reads.withLock { $0 } < 10)
        #expect(try await ActivityLog.newest(1, of: store).map(\.sequence) == [803])
    }

    @Test(arguments: [false, true])
    func `an entry is written where none is alone, and else takes the next number`(hasOther: Bool)
        async throws
    {
        let memory = try await ActivityLogTests.store(3)
        let store = RacingStore(memory)
        let forged = ActivityEntry(
            ActivityLogTests.event(900), sequence: 4, previous: ActivityEntry.firstPrevious)
        // After the number was looked for, and before it is written.
        store.beforeWrite.withLock {
            $0 = RecordChange(collection: ActivityLog.collection, key: ActivityLog.key(4), value: forged.json)
        }
        let other = RecordChange(collection: "c", key: "k", value: .bool(true), expected: 0)
        try await ActivityLog.append(
            [ActivityLogTests.event(3)], to: store, with: hasOther ? [other] : [])
        #expect(try await ActivityLog.entry(4, of: memory) == forged)
        #expect(try await ActivityLog.entry(5, of: memory)?.event == ActivityLogTests.event(3))
        #expect(try await memory.record(in: "c", key: "k")?.value == (hasOther ? .bool(true) : nil))
        // A change that comes too late is told still.
        await #expect(throws: StoreError.self) {
            try await ActivityLog.append(
                [ActivityLogTests.event(4)], to: store,
                with: [RecordChange(collection: "c", key: "k", value: .null, expected: 7)])
        }
        #expect(try await ActivityLog.head(of: memory).sequence == 5)
    }

    @Test func `a number that a server alone knows is taken where the head goes with it`() throws {
        var table = RecordTable()
        table.leaveOlderToServer()
        func entry(_ number: Int) -> Record {
            Record(
                collection: ActivityLog.collection, key: ActivityLog.key(number), value: .bool(true),
                revision: 1)
        }
        table.apply([entry(500_000)])
        #expect(table.leftToServer > 4)
        let change = RecordChange(
            collection: ActivityLog.collection, key: ActivityLog.key(4), value: .bool(true), expected: 0)
        #expect(throws: StoreError.self) { try table.planned([change]) }
        let head = RecordChange(
            collection: ActivityLog.collection, key: ActivityLog.headKey, value: .bool(true), expected: 0)
        #expect(try table.planned([change, head]).map(\.revision) == [1, 1])
    }

    @Test func `a forged number makes no entry old that is to be held`() {
        var table = RecordTable()
        table.leaveOlderToServer()
        table.apply(
            [1, 2, Self.largest].map {
                Record(
                    collection: ActivityLog.collection, key: ActivityLog.key($0), value: .bool(true),
                    revision: 1)
            })
        #expect(table.newestEntry == 2 && table.leftToServer == 0)
        #expect(table.record(in: ActivityLog.collection, key: ActivityLog.key(1)) != nil)
    }
}

/// Records of another store, where somebody writes at the last moment.
private final class RacingStore: RecordStore {
    /// What is written before the next write.
    let beforeWrite = Mutex<RecordChange?>(nil)
    /// How often something was read.
    let reads = Mutex(0)
    private let store: MemoryStore

    init(_ store: MemoryStore) { self.store = store }

    func record(in collection: String, key: String) async throws -> Record? {
        reads.withLock { $0 += 1 }
        return try await store.record(in: collection, key: key)
    }

    func records(in collection: String) async throws -> [Record] {
        reads.withLock { $0 += 1 }
        return try await store.records(in: collection)
    }

    func records(in collection: String, from key: String, limit: Int) async throws -> [Record] {
        reads.withLock { $0 += 1 }
        return try await store.records(in: collection, from: key, limit: limit)
    }

    func write(_ changes: [RecordChange]) async throws {
        let intruding = beforeWrite.withLock { change in
            defer { change = nil }
            return change
        }
        if let intruding { try await store.write([intruding]) }
        try await store.write(changes)
    }

    func recordChanges(in collection: String) -> AsyncStream<Record> { store.recordChanges(in: collection) }
}
