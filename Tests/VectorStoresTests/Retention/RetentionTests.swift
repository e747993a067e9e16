import Decisions
import Locks
import Testing

@testable import VectorStores

@Suite struct RetentionTests {
    private func options(_ policy: String) throws -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.retention = try RetentionPolicy(parsing: policy)
        return options
    }

    /// Decisions whose times grow by a second with each, several to a second.
    private func log(_ count: Int, perSecond: Int = 1) -> [Entry] {
        var source = DecisionSource(seed: 60)
        return (0..<count).map { number in
            var entry = Entry(source.next())
            entry.decision.time = DecisionSource.start.advanced(bySeconds: Int64(number / perSecond))
            return entry
        }
    }

    private func insert(_ log: [Entry], into store: MemoryStore) async throws -> [InsertOutcome.Disposition] {
        var dispositions: [InsertOutcome.Disposition] = []
        for start in stride(from: 0, to: log.count, by: 40) {
            let batch = Array(log[start..<min(start + 40, log.count)])
            dispositions += try await store.insert(batch).outcomes.map(\.disposition)
            #expect(store.core.state.withReading { $0.invariantViolations() } == [])
        }
        return dispositions
    }

    @Test func `an insert's own entries stay until the members among them are pinned`() async throws {
        let store = try MemoryStore(options: options("10"))
        let log = log(30)
        _ = try await store.insert(log)
        #expect(try await store.statistics().vectors == 30)
        let first = log[0].decision
        await store.pin([EntryIdentity(tenant: first.tenant, id: first.id)])
        #expect(try await store.statistics().vectors == 10)
        #expect(try await store.entries(id: first.id, tenant: first.tenant).count == 1)
        #expect(try await store.statistics().oldestDecision == first.time)
        #expect(try await store.statistics().newestDecision == log[29].decision.time)
        await store.close()
    }

    @Test(arguments: [1, 7, 300], [1, 64 << 20])
    func `a log read again is all duplicates, also by the next process`(
        perSecond: Int, snapshotAfter: Int
    ) async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var options = try options("50")
        options.snapshotAfterJournalBytes = snapshotAfter
        let log = log(300, perSecond: perSecond)
        let first = try MemoryStore(directory: scratch.path, options: options)
        #expect(try await insert(log, into: first).allSatisfy { $0 == .accepted })
        await first.pin([])
        #expect(try await insert(log, into: first).allSatisfy { $0 == .duplicate })
        await first.close()
        let second = try MemoryStore(directory: scratch.path, options: options)
        #expect(try await second.statistics().vectors == 50)
        #expect(try await insert(log, into: second).allSatisfy { $0 == .duplicate })
        #expect(try await second.statistics().vectors == 50)
        await second.close()
    }

    @Test(arguments: [RetentionPolicy(maximumRows: 50), RetentionPolicy(maximumAgeSeconds: 49)])
    func `what is too old and was never here is left out`(policy: RetentionPolicy) async throws {
        var options = StoreOptions(clock: testClock)
        options.retention = policy
        let store = try MemoryStore(options: options)
        let log = log(200)
        _ = try await insert(log, into: store)
        await store.pin([])
        var late = log[100]
        late.decision.id = "late"
        var pinned = log[100]
        pinned.decision.id = "pinned"
        var inside = log[170]
        inside.decision.id = "inside"
        await store.pin([EntryIdentity(tenant: pinned.decision.tenant, id: "pinned")])
        let outcomes = try await store.insert([late, pinned, inside, log[99], log[199]]).outcomes
        #expect(
            outcomes.map(\.disposition) == [.expired, .accepted, .accepted, .duplicate, .duplicate])
        #expect(try await store.entries(id: "late", tenant: nil).isEmpty)
        await store.close()
    }

    @Test func `a decision dated far ahead ends no other's time, and health tells of it`() async throws {
        let store = try MemoryStore(options: options("10d"))
        let log = log(50)
        var ahead = log[0]
        ahead.decision.id = "ahead"
        ahead.decision.time = testClock().advanced(bySeconds: 86_401)
        var early = log[1]
        early.decision.id = "early"
        early.decision.time = testClock().advanced(bySeconds: 86_400)
        #expect(try await store.health().first { $0.name == "times" }?.status == .ok)
        #expect(try await insert(log + [ahead], into: store).allSatisfy { $0 == .accepted })
        await store.pin([])
        #expect(try await insert(log, into: store).allSatisfy { $0 == .duplicate })
        #expect(try await store.statistics().vectors == 51)
        let check = try #require(try await store.health().first { $0.name == "times" })
        #expect(check.status == .degraded)
        #expect(check.detail.hasPrefix("1 decision dated more than a day ahead of the clock"))
        // The last moment that is believed counts like any other.
        _ = try await store.insert([early])
        await store.pin([])
        #expect(try await store.statistics().vectors == 2)
        #expect(try await store.insert([log[0]]).outcomes[0].disposition == .duplicate)
        await store.close()
    }

    @Test(arguments: [1, 2]) func `a conflict outlives what it was kept beside, and is known again`(
        batches: Int
    ) async throws {
        let store = try MemoryStore(options: options("10d"))
        var log = log(4)
        for (index, day) in [1, 20, 21, 40].enumerated() {
            log[index].decision.tenant = "acme"
            log[index].decision.time = DecisionSource.start.advanced(bySeconds: Int64(day - 40) * 86_400)
        }
        for index in 0..<2 { log[index].decision.id = "x" }
        let first = Array(log[..<3])
        for _ in 0..<2 {
            for part in batches == 1 ? [first] : first.map({ [$0] }) { _ = try await store.insert(part) }
            await store.pin([])
            #expect(try await store.statistics().vectors == 2)
            #expect(try await store.statistics().conflicts == 1)
        }
        #expect(try await store.insert(first).outcomes.allSatisfy { $0.disposition == .duplicate })
        // The conflict is no longer kept either, and still known.
        _ = try await store.insert([log[3]])
        await store.pin([])
        #expect(try await store.statistics().vectors == 1)
        #expect(try await store.insert(first).outcomes.allSatisfy { $0.disposition == .duplicate })
        // What is new comes under the identifier that is free.
        var new = log[3]
        new.decision.id = "x"
        #expect(try await store.insert([new]).outcomes[0].disposition == .accepted)
        #expect(try await store.statistics().conflicts == 0)
        await store.close()
    }

    @Test func `what a person deleted may come again`() async throws {
        let store = try MemoryStore(options: options("50"))
        let log = log(60)
        _ = try await insert(log, into: store)
        await store.pin([])
        let victim = log[40].decision
        _ = try await store.delete(.ids([victim.id], tenant: victim.tenant))
        #expect(try await store.insert([log[40]]).outcomes[0].disposition == .accepted)
        await store.close()
    }

    @Test func `checks keep the time since when they are so`() async throws {
        var history = HealthHistory(start: Timestamp(seconds: 5))
        func look(_ statuses: [String: HealthCheck.Status], at second: Int64) -> [String: Int64] {
            let now = Timestamp(seconds: second)
            let checks = statuses.map { HealthCheck(name: $0, status: $1, since: now, detail: "") }
            let dated = history.dated(checks, at: now).map { ($0.name, $0.since.seconds) }
            return Dictionary(uniqueKeysWithValues: dated)
        }
        #expect(look(["a": .ok, "b": .failed], at: 9) == ["a": 5, "b": 5])
        #expect(look(["a": .degraded, "b": .failed], at: 10) == ["a": 10, "b": 5])
        #expect(look(["a": .degraded, "c": .ok], at: 11) == ["a": 10, "c": 11])
        #expect(look(["a": .ok, "b": .failed], at: 12) == ["a": 12, "b": 12])
    }
}

@Suite struct FirstRowsTests {
    @Test(arguments: [1, 3, 10, 64, 500]) func `the first rows are those that sorting gives`(limit: Int) {
        var random = SeededGenerator(seed: UInt64(limit))
        let times = (0..<400).map { _ in Timestamp(seconds: Int64.random(in: 0..<12, using: &random)) }
        var first = FirstRows(limit: limit)
        func precedes(_ left: FirstRows.Candidate, _ right: FirstRows.Candidate) -> Bool {
            left.time == right.time ? left.row < right.row : left.time > right.time
        }
        for row in times.indices {
            first.offer(FirstRows.Candidate(time: times[row], row: row), precedes: precedes)
        }
        let sorted = times.indices.sorted { left, right in
            times[left] == times[right] ? left < right : times[left] > times[right]
        }
        #expect(first.rows(precedes: precedes) == Array(sorted.prefix(limit)))
    }

    @Test func `rows of one time cost about one comparison each`() {
        var comparisons = 0
        var first = FirstRows(limit: 16)
        for row in 0..<20_000 {
            first.offer(FirstRows.Candidate(time: Timestamp(seconds: 1), row: row)) { left, right in
                comparisons += 1
                return left.row < right.row
            }
        }
        #expect(comparisons < 21_000)
    }
}
