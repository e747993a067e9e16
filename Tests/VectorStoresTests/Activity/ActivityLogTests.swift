import Decisions
import Testing
import VectorStores

/// The chain of acts, in every store.
@Suite struct ActivityLogTests {
    static func event(_ number: Int, who: String = "ana") -> ActivityEvent {
        ActivityEvent(
            time: Timestamp(seconds: 1_800_000_000 + Int64(number), fractionDigits: 0), who: who,
            act: "acknowledge",
            subject: "incident K7F\(number)", before: .object(["state": .string("new")]),
            after: .object(["state": .string("acknowledged"), "note": .string("a\u{0}b ☃ \"q\"")]))
    }

    /// A store with so many entries.
    static func store(_ count: Int) async throws -> MemoryStore {
        let store = try MemoryStore(options: StoreOptions(clock: testClock))
        for number in 0..<count { try await ActivityLog.append([event(number)], to: store) }
        return store
    }

    @Test(arguments: StoreFactory.all)
    func `entries are chained, read from the newest on, and verified`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        let empty = try await ActivityLog.verify(store)
        #expect(empty.entries == 0 && empty.fault == nil && empty.first == nil)
        #expect(try await ActivityLog.newest(5, of: store).isEmpty)
        try await ActivityLog.append([Self.event(0)], to: store)
        try await ActivityLog.append((1..<12).map { Self.event($0) }, to: store)
        let newest = try await ActivityLog.newest(5, of: store)
        #expect(newest.map(\.sequence) == Array(8...12))
        #expect(newest.map(\.event.subject) == (7...11).map { "incident K7F\($0)" })
        #expect(zip(newest, newest.dropFirst()).allSatisfy { $1.previous == $0.hash })
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 12 && result.fault == nil && result.hash == newest.last?.hash)
        #expect(result.first == Self.event(0).time && result.last == Self.event(11).time)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `however many write, the log is one line`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<10 {
                        try await ActivityLog.append([Self.event(number, who: "w\(writer)")], to: store)
                    }
                }
            }
            try await group.waitForAll()
        }
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 40 && result.fault == nil)
        let entries = try await ActivityLog.newest(100, of: store)
        for writer in 0..<4 {
            let own = entries.filter { $0.event.who == "w\(writer)" }.map(\.event)
            #expect(own == (0..<10).map { Self.event($0, who: "w\(writer)") })
        }
        await store.close()
    }

    @Test func `an entry is written together with what it tells, or not at all`() async throws {
        let store = try await Self.store(2)
        let stale = RecordChange(collection: "c", key: "k", value: .bool(true), expected: 7)
        await #expect {
            try await ActivityLog.append([Self.event(2)], to: store, with: [stale])
        } throws: {
            ($0 as? StoreError)?.code == .revisionConflict
        }
        #expect(try await ActivityLog.head(of: store).sequence == 2)
        let fresh = RecordChange(collection: "c", key: "k", value: .bool(true), expected: 0)
        try await ActivityLog.append([Self.event(2)], to: store, with: [fresh])
        #expect(try await store.record(in: "c", key: "k")?.value == .bool(true))
        #expect(try await ActivityLog.head(of: store).sequence == 3)
    }

    /// Ways to forge the log, with the entry that betrays it.
    enum Forgery: CaseIterable {
        case changed, rehashed, removed, cutOff, headGone, reordered, appended

        var broken: Int {
            switch self {
            case .changed, .removed: 3
            case .rehashed: 4
            case .cutOff: 6
            case .headGone: 1
            case .reordered: 2
            case .appended: 7
            }
        }
    }

    private func key(_ sequence: Int) -> String {
        String(repeating: "0", count: 15) + String(sequence)
    }

    private func value(_ sequence: Int, _ store: MemoryStore) async throws -> JSONObject {
        let record = try await store.record(in: ActivityLog.collection, key: key(sequence))
        return try #require(record?.value?.object)
    }

    private func put(_ key: String, _ value: JSONValue?, _ store: MemoryStore) async throws {
        try await store.write([RecordChange(collection: ActivityLog.collection, key: key, value: value)])
    }

    @Test(arguments: Forgery.allCases)
    func `a forgery is found at the first entry that it breaks`(_ forgery: Forgery) async throws {
        let store = try await Self.store(6)
        switch forgery {
        case .changed:
            var entry = try await value(3, store)
            entry["who"] = .string("nobody")
            try await put(key(3), .object(entry), store)
        case .rehashed:
            // Another entry in its place that is whole in itself.
            let other = try await Self.store(2)
            try await ActivityLog.append([Self.event(9)], to: other)
            var entry = try await value(3, other)
            entry["previous"] = try await value(3, store)["previous"]
            #expect(try await value(3, other)["previous"] == entry["previous"])
            try await put(key(3), .object(entry), store)
        case .removed: try await put(key(3), nil, store)
        case .cutOff: try await put(key(6), nil, store)
        case .headGone: try await put("head", nil, store)
        case .reordered:
            let (second, third) = (try await value(2, store), try await value(3, store))
            try await put(key(2), .object(third), store)
            try await put(key(3), .object(second), store)
        case .appended: try await put(key(7), .object(try await value(6, store)), store)
        }
        let result = try await ActivityLog.verify(store)
        let fault = try #require(result.fault)
        #expect(fault.sequence == forgery.broken)
        #expect(result.entries == forgery.broken - 1)
        // The last entry before that is whole, as it stands there now.
        let last = forgery == .rehashed ? 9 : forgery.broken - 2
        let since = forgery.broken == 1 ? nil : Self.event(last).time
        #expect(fault.since == since)
    }

    @Test func `a log whose head was lost goes on behind its last entry`() async throws {
        let store = try await Self.store(3)
        try await put("head", nil, store)
        try await ActivityLog.append([Self.event(3)], to: store)
        #expect(try await ActivityLog.head(of: store).sequence == 4)
        #expect(try await ActivityLog.newest(9, of: store).map(\.sequence) == [1, 2, 3, 4])
        #expect(try await ActivityLog.verify(store).fault == nil)
    }

    @Test(arguments: ["9223372036854775807", "10000000000000000", "-1", "1.5"])
    func `a head that tells of more than there can be is taken for none`(_ sequence: String) async throws {
        let store = try await Self.store(2)
        let hash = JSONValue.string(ActivityEntry.firstPrevious)
        try await put("head", .object(["sequence": .number(sequence), "hash": hash]), store)
        #expect(try await ActivityLog.newest(9, of: store).isEmpty)
        try await ActivityLog.append([Self.event(2)], to: store)
        #expect(try await ActivityLog.newest(9, of: store).map(\.sequence) == [1, 2, 3])
        #expect(try await ActivityLog.verify(store).fault == nil)
    }

    @Test func `what is too long is cut, and what is too large is told as that`() {
        let event = ActivityEvent(
            time: Timestamp(seconds: 0), who: String(repeating: "w", count: 900), act: "delete",
            subject: String(repeating: "s", count: 5_000),
            before: .array(Array(repeating: .string("row"), count: 20_000)), after: .number("1e9"))
        #expect(event.who.count == ActivityEvent.maximumName)
        #expect(event.subject.count == ActivityEvent.maximumSubject)
        #expect(event.before.object?.members.first?.key.hasPrefix("too_large") == true)
        #expect(event.after == .string("1e9"))
    }

    @Test func `an entry says in one line what changed`() async throws {
        let store = try await Self.store(1)
        let entry = try #require(try await ActivityLog.newest(1, of: store).first)
        #expect(entry.sentence.hasPrefix("acknowledge incident K7F0: state new → acknowledged, note a"))
        func sentence(_ before: JSONValue, _ after: JSONValue) async throws -> String? {
            let event = ActivityEvent(
                time: Timestamp(seconds: 9), who: "ana", act: "recording", subject: "tenant acme",
                before: before, after: after)
            try await ActivityLog.append([event], to: store)
            return try await ActivityLog.newest(1, of: store).first?.sentence
        }
        #expect(try await sentence(.null, .string("off")) == "recording tenant acme: off")
        #expect(try await sentence(.string("off"), .null) == "recording tenant acme: off → none")
        #expect(try await sentence(.string("off"), .string("on")) == "recording tenant acme: off → on")
        #expect(try await sentence(.null, .null) == "recording tenant acme")
    }
}
