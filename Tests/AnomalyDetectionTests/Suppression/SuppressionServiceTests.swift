import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

/// Rules in use: what they hide, what is counted of it, how they end, and that every process minds them.
@Suite struct SuppressionServiceTests {
    private static let fields = "tenant=acme,principal=svc-deploy,kind=secrets"

    private func scene() async throws -> (ServiceScene, DetectionService) {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        return (scene, service)
    }

    private func draft(_ text: String = fields, reason: String = "", days: Int64 = 14) throws
        -> SuppressionDraft
    {
        SuppressionDraft(
            fields: try SuppressionFields(parsing: text), reason: reason, seconds: days * 86_400)
    }

    private func item(_ id: String, _ service: DetectionService) async -> TaughtItem? {
        await service.snapshot().taught.first { $0.id == id }
    }

    private func acts(_ scene: ServiceScene) async throws -> [String] {
        try await ActivityLog.newest(100, of: scene.store).map { "\($0.event.who) \($0.event.act)" }
    }

    @Test func `what a rule hides opens no incident, and is scored, kept and counted`() async throws {
        var (scene, service) = try await scene()
        let rule = try await service.suppress(draft(), by: "ana")
        let observed = try await scene.feed(scene.attack(4), to: service)
        #expect(observed.changes.isEmpty)
        #expect(await service.snapshot().incidents.isEmpty)
        let flagged = observed.scored.compactMap(\.self).filter(\.anomalous).count
        #expect(flagged > 0)
        #expect(await service.snapshot().anomalies[ByteKey("acme")] == flagged)
        #expect(await item(rule.id, service)?.hits.count == flagged)
        let kept = try await service.tuningHistory().items.filter { $0.rule == rule.id }
        #expect(kept.count == flagged && kept.allSatisfy { $0.isFlagged && $0.incident == nil })
        // Something else is told as ever.
        let other = try await scene.feed(
            [scene.traffic.make("svc-report", "get", "secrets", id: "db")], to: service)
        #expect(other.changes.map(\.isNew) == [true])
    }

    @Test func `rule and counter survive a restart, and a crash counts nothing twice`() async throws {
        var (scene, service) = try await scene()
        let rule = try await service.suppress(draft(), by: "ana")
        try await scene.feed(scene.attack(2), to: service)
        scene.clock.advance(2)
        try await service.heartbeat()
        let saved = try #require(await item(rule.id, service)).hits.count
        #expect(saved > 0)
        // Counted, and not saved when the process ends.
        try await scene.feed(
            [scene.traffic.make("svc-deploy", "delete", "secrets", id: "x")], to: service)
        let counted = try #require(await item(rule.id, service)).hits.count
        #expect(counted > saved)
        let next = try await scene.restarted()
        #expect(await item(rule.id, next)?.hits.count == counted)
        #expect(await next.snapshot().incidents.isEmpty)
        try await next.close()
        let record = try #require(try await scene.store.record(in: "taught-hits", key: rule.id)?.value)
        #expect(try TaughtHits(json: record).count == counted)
        let items = try await TuningHistory.read(
            from: scene.store, incidents: [], alpha: 0.02, configuration: IncidentConfiguration(),
            now: scene.clock.now
        ).items
        #expect(items.filter { $0.rule == rule.id }.count == counted)
        #expect(Set(items.map(\.id)).count == items.count)
    }

    @Test func `a rule ends by itself, which is told, and what it hid is told again`() async throws {
        var (scene, service) = try await scene()
        let rule = try await service.suppress(draft(days: 1), by: "ana")
        scene.clock.advance(86_399)
        try await scene.feed(scene.attack(), to: service)
        #expect(await service.snapshot().incidents.isEmpty)
        scene.clock.advance(1)
        // Before anybody has looked: the time alone ends it.
        try await scene.feed(
            [scene.traffic.make("svc-deploy", "delete", "secrets", id: "x")], to: service)
        #expect(await service.snapshot().incidents.count == 1)
        try await service.heartbeat()
        let ended = try #require(await item(rule.id, service))
        #expect(ended.standing(at: scene.clock.now) == .expired && ended.end?.who == "verdict")
        #expect(try await acts(scene) == ["ana suppress", "verdict expire"])
        await #expect(throws: IncidentError.self) { try await service.restore(rule.id, by: "ana") }
        #expect(try await ActivityLog.verify(scene.store).fault == nil)
    }

    /// A detector of a store with one ended rule more than is kept.
    private func overfull() async throws -> (ServiceScene, DetectionService, [SuppressionRule]) {
        let scene = ServiceScene()
        let now = scene.clock.now
        let rules = try (0...SuppressionRule.maximumKept).map { number in
            SuppressionRule(
                id: "R-\(number)", fields: try SuppressionFields(parsing: "kind=k-\(number)"),
                author: "ana", reason: "", created: now.advanced(bySeconds: Int64(number) - 10_000),
                expires: now.advanced(bySeconds: 86_400), end: TaughtEnd(.undone, time: now, who: "ana"))
        }
        scene.store.state.withLock { state in
            for rule in rules { state.put(Self.change(rule)) }
        }
        let service = scene.service()
        try await service.start()
        return (scene, service, rules)
    }

    private static func change(_ rule: SuppressionRule) -> RecordChange {
        RecordChange(collection: SuppressionRule.collection, key: rule.id, value: rule.json)
    }

    private func isKept(_ rule: SuppressionRule, _ scene: ServiceScene) async throws -> Bool {
        try await scene.store.record(in: SuppressionRule.collection, key: rule.id) != nil
    }

    @Test func `of too many rules the oldest goes that ended, and not one that was brought back meanwhile`()
        async throws
    {
        let (scene, service, rules) = try await overfull()
        var back = rules[0]
        back.end = nil
        scene.store.state.withLock {
            $0.beforeWrite = { [back] state in state.put(Self.change(back)) }
        }
        try await service.heartbeat()
        #expect(scene.store.state.withLock { $0.beforeWrite == nil })
        #expect(try await isKept(rules[0], scene))
        #expect(await item(back.id, service)?.end == nil)
        #expect(try await isKept(rules[1], scene))
        try await service.heartbeat()
        #expect(try await isKept(rules[0], scene))
        #expect(try await !isKept(rules[1], scene))
        #expect(try await isKept(rules[2], scene))
    }

    @Test func `who lost the lease deletes no rules`() async throws {
        let (scene, service, rules) = try await overfull()
        let lease = Lease(holder: ServiceScene.holder(2), heartbeat: scene.clock.now).json
        scene.store.state.withLock {
            $0.beforeWrite = { state in
                state.put(RecordChange(collection: Detector.collection, key: Lease.key, value: lease))
            }
        }
        #expect(try await service.heartbeat() == .following)
        #expect(scene.store.state.withLock { $0.beforeWrite == nil })
        #expect(try await isKept(rules[0], scene))
    }

    @Test func `a rule is taken back and brought back, with who did it`() async throws {
        var (scene, service) = try await scene()
        let rule = try await service.suppress(draft(reason: " a migration "), by: "ana")
        #expect(rule.reason == "a migration" && rule.author == "ana")
        let undone = try await service.withdraw(rule.id, by: "ben")
        #expect(undone.standing(at: scene.clock.now) == .undone && undone.end?.who == "ben")
        #expect(try await service.withdraw(rule.id, by: "ben") == undone)
        let told = try await scene.feed(scene.attack(), to: service)
        #expect(told.changes.count == 1)
        let back = try await service.restore(rule.id, by: "cem")
        #expect(back.standing(at: scene.clock.now) == .active)
        #expect(try await acts(scene) == ["ana suppress", "ben withdraw", "cem restore"])
        await #expect(throws: IncidentError.self) { try await service.withdraw("R-ZZZZ", by: "ana") }
        scene.clock.advance(15 * 86_400)
        await #expect(throws: IncidentError.self) { try await service.restore(rule.id, by: "ana") }
    }

    @Test func `a rule that would have hidden something critical needs a reason`() async throws {
        var (scene, service) = try await scene()
        scene.configuration.severity.sensitiveWords.insert("secrets")
        try await scene.feed(
            (0..<12).map { _ in scene.traffic.make("svc-deploy", "get", "secrets", id: "db") }, to: service)
        let worst = try #require(await service.snapshot().incidents.first)
        #expect(worst.severity == .critical)
        let error = await #expect(throws: IncidentError.self) {
            try await service.suppress(draft(reason: "  "), by: "ana")
        }
        #expect(error?.description.contains("a reason is missing") == true)
        #expect(await service.snapshot().taught.isEmpty)
        let rule = try await service.suppress(draft(reason: "known"), by: "ana")
        let event = try #require(try await ActivityLog.newest(1, of: scene.store).last?.event)
        #expect(event.subject == "rule \(rule.id)" && event.after.object?["critical"] == .number("1"))
    }

    @Test func `what one process says, the one that detects does`() async throws {
        var (scene, holder) = try await scene()
        let follower = scene.service(2)
        #expect(try await follower.start() == .following)
        var changes = await holder.changes().makeAsyncIterator()
        let rule = try await follower.suppress(draft(), by: "ben")
        while await item(rule.id, holder) == nil { _ = await changes.next() }
        try await scene.feed(scene.attack(2), to: holder)
        #expect(await holder.snapshot().incidents.isEmpty)
        var told = await follower.changes().makeAsyncIterator()
        try await holder.checkpoint()
        while await item(rule.id, follower)?.hits.count == 0 { _ = await told.next() }
        #expect(await item(rule.id, follower)?.hits == item(rule.id, holder)?.hits)
        // What the holder takes back, the follower sees.
        _ = try await holder.withdraw(rule.id, by: "ana")
        while await item(rule.id, follower)?.end == nil { _ = await told.next() }
        #expect(await item(rule.id, follower)?.end?.who == "ana")
    }

    @Test func `two people who end one rule at the same moment both have their way`() async throws {
        let (scene, service) = try await scene()
        let rule = try await service.suppress(draft(), by: "ana")
        guard case .rule(var elsewhere) = rule.subject else { return }
        elsewhere.end = TaughtEnd(.undone, time: scene.clock.now, who: "ben")
        let value = elsewhere.json
        scene.store.state.withLock {
            $0.beforeWrite = { [rule] in
                $0.put(RecordChange(collection: "suppressions", key: rule.id, value: value))
            }
        }
        let ended = try await service.withdraw(rule.id, by: "ana")
        #expect(ended.end?.who == "ben")
    }

    @Test func `a write that fails makes no rule`() async throws {
        var (scene, service) = try await scene()
        scene.store.state.withLock { $0.writeError = StoreError(.inputOutput, "the disk is full") }
        await #expect(throws: StoreError.self) { try await service.suppress(draft(), by: "ana") }
        scene.store.state.withLock { $0.writeError = nil }
        #expect(await service.snapshot().taught.isEmpty)
        let told = try await scene.feed(scene.attack(), to: service)
        #expect(told.changes.count == 1)
        scene.store.state.withLock { $0.readOnlyReason = "held by pid 812" }
        let error = await #expect(throws: IncidentError.self) {
            try await service.suppress(draft(), by: "ana")
        }
        #expect(error?.description.contains("held by pid 812") == true)
    }

    @Test func `a damaged record is left out and told, and hides nothing`() async throws {
        let scene = ServiceScene()
        scene.store.state.withLock { state in
            state.put(
                RecordChange(
                    collection: "suppressions", key: "R-AAAA", value: .object(["id": .string("R-AAAA")])))
            state.put(RecordChange(collection: "lessons", key: "K7F2", value: .string("x")))
            state.put(RecordChange(collection: "history", key: "0000000001", value: .null))
        }
        let service = scene.service()
        try await service.start()
        let snapshot = await service.snapshot()
        #expect(snapshot.taught.isEmpty && snapshot.problems.count == 3, "\(snapshot.problems)")
    }
}
