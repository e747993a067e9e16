import Decisions
import Testing

@testable import VectorStores

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

    @Test func `behind a break the log goes on, and that is compared too`() async throws {
        let store = try await Self.store(6)
        var entry = try await value(3, store)
        entry["who"] = .string("nobody")
        try await put(key(3), .object(entry), store)
        try await put(key(5), nil, store)
        try await ActivityLog.append([Self.event(6)], to: store)
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 2 && result.fault?.sequence == 3)
        #expect(result.faults.map(\.sequence) == [3, 5])
        #expect(result.faults.map(\.since) == [Self.event(1).time, Self.event(3).time])
        #expect(result.faults.map(\.until) == [Self.event(3).time, Self.event(5).time])
        #expect(result.faults.last?.reason == "it is missing")
        let newest = try #require(try await ActivityLog.newest(1, of: store).first)
        #expect(result.behind?.entries == 3 && result.behind?.hash == newest.hash)
        #expect(result.behind?.last == Self.event(6).time)
        // Who looked at the breaks begins behind them.
        let rest = try await ActivityLog.verify(store, from: 6)
        #expect(rest.faults.isEmpty && rest.entries == 2 && rest.hash == newest.hash)
        #expect(try await ActivityLog.verify(store, from: 5).fault?.sequence == 5)
    }

    @Test func `a first entry that another one was written over is a break with a way on`() async throws {
        let store = try await Self.store(1)
        // What an older version's migration left: its head tells of an entry that is not there.
        let lost = ActivityEntry(Self.event(7), sequence: 1, previous: ActivityEntry.firstPrevious)
        try await put("head", ActivityLog.Head(sequence: 1, hash: lost.hash).json, store)
        #expect(try await ActivityLog.verify(store).fault?.reason.contains("the head tells another") == true)
        for number in 2..<5 { try await ActivityLog.append([Self.event(number)], to: store) }
        let result = try await ActivityLog.verify(store)
        #expect(result.faults.map(\.sequence) == [2])
        #expect(result.faults.first?.reason == "it does not follow the entry before it")
        #expect(result.faults.first?.since == Self.event(0).time)
        #expect(result.behind?.entries == 2)
        #expect(try await ActivityLog.verify(store, from: 2).faults.isEmpty)
    }

    @Test func `a head that tells of more than there is costs no time, and each break is told once`()
        async throws
    {
        let store = try await Self.store(3)
        let far = ActivityLog.Head(sequence: 9_000_000_000_000_000, hash: "x")
        try await put("head", far.json, store)
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 3 && result.faults.map(\.sequence) == [4])
        #expect(result.fault?.reason == "it and the 8,999,999,999,999,996 after it are missing")
        #expect(result.behind == nil)
    }

    @Test func `no more breaks are told than anybody reads`() async throws {
        let store = try await Self.store(0)
        let events = (0..<300).map { Self.event($0) }
        try await ActivityLog.append(events, to: store)
        func key(_ number: Int) -> String {
            String(repeating: "0", count: 16 - String(number).count) + String(number)
        }
        for number in stride(from: 2, to: 300, by: 2) { try await put(key(number), nil, store) }
        let result = try await ActivityLog.verify(store)
        #expect(result.faults.count == ActivityVerification.maximumFaults)
        #expect(result.faults.last?.sequence == 200)
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
        #expect(entry.sentence.hasPrefix("acknowledged incident K7F0: state new → acknowledged, note a"))
        func sentence(_ before: JSONValue, _ after: JSONValue) async throws -> String? {
            let event = ActivityEvent(
                time: Timestamp(seconds: 9), who: "ana", act: "recording", subject: "tenant acme",
                before: before, after: after)
            try await ActivityLog.append([event], to: store)
            return try await ActivityLog.newest(1, of: store).first?.sentence
        }
        #expect(try await sentence(.null, .string("off")) == "set the recording of tenant acme: off")
        #expect(try await sentence(.string("off"), .null) == "set the recording of tenant acme: off → none")
        #expect(
            try await sentence(.string("off"), .string("on")) == "set the recording of tenant acme: off → on")
        #expect(try await sentence(.null, .null) == "set the recording of tenant acme")
        #expect(
            try await sentence(
                .object(["memory_bytes": .number("1234567"), "decisions": .number("24381")]),
                .object(["memory_bytes": .number("999"), "decisions": .number("0")]))
                == "set the recording of tenant acme: memory 1.2 MB → 999 B, decisions 24,381 → 0")
        #expect(
            try await sentence(.null, .object(["applied": .array([.string("a"), .string("b")])]))
                == "set the recording of tenant acme: applied a, b")
    }

    @Test func `a snooze is told in words, and nothing stands as raw JSON`() {
        func sentence(_ before: JSONObject, _ after: JSONObject) -> String {
            let event = ActivityEvent(
                time: Timestamp("2026-01-31T12:10:00Z") ?? Timestamp(seconds: 0), who: "ana", act: "snooze",
                subject: "incident K7F2", before: .object(before), after: .object(after))
            return ActivityEntry(event, sequence: 1, previous: ActivityEntry.firstPrevious).sentence
        }
        func until(_ time: String) -> JSONObject { ["snooze": .object(["until": .string(time)])] }
        let count: JSONObject = ["snooze": .object(["count": .number("1060")])]
        let more: JSONObject = ["snooze": .object(["count": .number("1060"), "more": .number("50")])]
        #expect(
            sentence(["state": .string("new")], until("2026-01-31T14:00:00.5Z"))
                == "snoozed incident K7F2: state new → none, snoozed until 14:00")
        #expect(
            sentence([:], until("2026-02-02T14:00:00Z"))
                == "snoozed incident K7F2: snoozed until 2026-02-02 14:00Z")
        #expect(sentence([:], more) == "snoozed incident K7F2: snoozed for 50 more")
        // As it was told before the rest was told too.
        #expect(sentence([:], count) == "snoozed incident K7F2: snoozed until it has 1,060 decisions")
        #expect(sentence(until("2026-01-31T14:00:00Z"), [:]) == "snoozed incident K7F2: no longer snoozed")
        #expect(
            sentence(until("2026-01-31T14:00:00Z"), more)
                == "snoozed incident K7F2: snoozed until 14:00 → snoozed for 50 more")
        let odd = sentence([:], ["snooze": .object(["moon": .array([.object(["full": .bool(true)])])])])
        #expect(odd == "snoozed incident K7F2: snoozed moon full yes")
    }
}
