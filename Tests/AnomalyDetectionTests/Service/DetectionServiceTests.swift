import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct DetectionServiceTests {
    @Test func `inserted decisions are scored in order and anomalies become an incident with evidence`()
        async throws
    {
        var scene = ServiceScene()
        let service = scene.service()
        #expect(try await service.start() == .detecting)
        try await scene.train(service)
        let observation = try await scene.feed(scene.attack(12), to: service)
        #expect(observation.scored.map { $0?.anomalous }.first == true)
        let snapshot = await service.snapshot()
        let incident = try #require(snapshot.incidents.first { $0.key.kind == "secrets" })
        #expect(incident.key.principal == "svc-deploy" && incident.severity == .critical)
        #expect(incident.count == 12 && incident.members.count == 12)
        #expect(incident.evidence.nearestOwn?.decision.principal.id == "svc-deploy")
        #expect(incident.evidence.nearestOwn?.decision.resource.kind != "secrets")
        #expect(incident.evidence.nearest?.decision.resource.kind != "secrets")
        #expect(incident.why.contains { $0.hasSuffix("past decisions, none on secrets") })
        #expect(snapshot.role == .detecting && snapshot.learning.isEmpty)
        #expect((snapshot.anomalies["acme"] ?? 0) >= 1)
        let saved = try #require(try await scene.store.record(in: "incidents", key: incident.id)?.value)
        #expect(try Incident(json: saved) == incident)
        #expect(await service.incident(incident.id) == incident)
        #expect(await service.incident("nope") == nil)
    }

    @Test func `duplicates are not scored again`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        let decisions = scene.traffic.next(20)
        try await scene.feed(decisions, to: service)
        let again = try await scene.feed(decisions, to: service)
        #expect(again.scored == Array(repeating: nil, count: 20))
        #expect(await service.snapshot().learning == ["acme": 20])
    }

    @Test func `merged entries are left out and conflicts are scored under their stored name`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        let entries = scene.traffic.next(2).map(Entry.init)
        let report = InsertReport(outcomes: [
            InsertOutcome(disposition: .merged, storedID: entries[0].decision.id),
            InsertOutcome(disposition: .conflict, storedID: "derived"),
        ])
        let observation = await service.observe(entries, report)
        #expect(observation.scored[0] == nil && observation.scored[1]?.id == "derived")
        let mismatched = await service.observe(entries, InsertReport(outcomes: []))
        #expect(mismatched.scored.count == 2 && mismatched.changes.isEmpty)
    }

    @Test func `what nobody measured as it was stored is measured before it is scored`() async throws {
        var scores: [[Double]] = []
        for isMeasured in [true, false] {
            var scene = ServiceScene()
            let service = scene.service()
            #expect(await !service.measuresNovelty)
            try await service.start()
            #expect(await service.measuresNovelty)
            try await scene.train(service)
            let entries = (scene.traffic.next(5) + scene.attack(2)).map(Entry.init)
            var report = try await scene.store.insert(entries)
            report.isMeasured = isMeasured
            if !isMeasured {
                for index in report.outcomes.indices { report.outcomes[index].novelty = nil }
            }
            let observation = await service.observe(entries, report)
            #expect(observation.scored.contains { $0?.anomalous == true })
            scores.append(observation.scored.map { $0?.score ?? -1 })
        }
        #expect(scores[0].count == 7)
        #expect(zip(scores[0], scores[1]).allSatisfy { abs($0 - $1) < 0.01 })
    }

    @Test func `an incident never mixes tenants`() async throws {
        var scene = ServiceScene()
        var other = Traffic(seed: 2, tenant: "globex")
        let service = scene.service()
        try await service.start()
        var mixed: [Decision] = []
        for _ in 0..<200 { mixed += [scene.traffic.next(), other.next()] }
        try await scene.feed(mixed, to: service)
        try await scene.feed(
            scene.attack(2) + [other.make("svc-deploy", "get", "secrets", id: "db-0")], to: service)
        let incidents = await service.snapshot().incidents
        #expect(Set(incidents.map(\.key.tenant)) == ["acme", "globex"])
        #expect(incidents.contains { $0.evidence.nearest != nil && $0.evidence.nearestOwn != nil })
        for incident in incidents {
            #expect(incident.members.allSatisfy { $0.hasPrefix(incident.key.tenant) })
            let neighbours = [incident.evidence.nearest, incident.evidence.nearestOwn]
            #expect(neighbours.allSatisfy { $0 == nil || $0?.decision.tenant == incident.key.tenant })
        }
    }

    @Test func `a store that cannot search still gets its incident`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        scene.store.state.withLock { $0.searchError = StoreError(.inputOutput, "the disk is gone") }
        try await scene.feed(scene.attack(), to: service)
        let snapshot = await service.snapshot()
        let incident = try #require(snapshot.incidents.first { $0.key.kind == "secrets" })
        #expect(incident.evidence.nearest == nil && !incident.evidence.counters.isEmpty)
        #expect(snapshot.problems.contains { $0.contains("the disk is gone") })
    }

    @Test func `a restart goes on with the same incidents and scores`() async throws {
        var scene = ServiceScene()
        let whole = ServiceScene()
        let first = scene.service()
        let uninterrupted = whole.service()
        try await first.start()
        try await uninterrupted.start()
        let before = scene.traffic.next(200) + scene.attack(2)
        try await scene.feed(before, to: first)
        try await whole.feed(before, to: uninterrupted)
        try await first.close()

        let second = scene.service(2)
        #expect(try await second.start() == .detecting)
        let after = scene.traffic.next(50) + scene.attack(1)
        let scored = try await scene.feed(after, to: second).scored
        let expected = try await whole.feed(after, to: uninterrupted).scored
        #expect(scored == expected)
        #expect(await second.snapshot().incidents == uninterrupted.snapshot().incidents)
    }

    @Test func `members of unresolved incidents are named to the store as to be kept`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        try await scene.feed(scene.attack(3), to: service)
        let incidents = await service.snapshot().incidents
        let members = Set(
            incidents.flatMap { incident in
                incident.members.map { EntryIdentity(tenant: incident.key.tenant, id: $0) }
            })
        #expect(members.count >= 3)
        #expect(scene.store.state.withLock { $0.pinned } == members)
        for incident in incidents {
            _ = try await service.setState(.resolved, ofIncident: incident.id, by: "ana")
        }
        try await service.checkpoint()
        #expect(scene.store.state.withLock { $0.pinned }.isEmpty)
    }

    @Test func `what cannot be saved is told, and saved once it can be`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        let store = scene.store
        store.state.withLock { $0.writeError = StoreError(.inputOutput, "the disk is full") }
        scene.clock.advance(3)
        let observation = try await scene.feed(scene.attack(2), to: service)
        #expect(observation.changes.contains { $0.isNew })
        #expect(await service.snapshot().problems.contains { $0.contains("the disk is full") })
        store.state.withLock { $0.writeError = nil }
        try await service.heartbeat()
        #expect(await service.snapshot().problems.isEmpty)
        let saved = try await store.records(in: Incident.collection).map(\.key)
        #expect(Set(saved) == Set(await service.snapshot().incidents.map(\.id)))
    }

    @Test func `flagged decisions are counted, also for who only reads`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        let reader = scene.service(2)
        try await service.start()
        try await reader.start()
        var flagged = 0
        for decisions in [scene.traffic.next(200), scene.attack(12), scene.traffic.next(20)] {
            let scored = try await scene.feed(decisions, to: service).scored
            flagged += scored.count { $0?.anomalous ?? false }
        }
        try await service.heartbeat()
        #expect(flagged > 0)
        #expect(await service.snapshot().anomalies == ["acme": flagged])
        #expect(try await AnomalyCounts.counts(of: scene.store) == ["acme": flagged])
        for record in try await scene.store.records(in: AnomalyCounts.collection) {
            await reader.adopt(count: record)
        }
        #expect(await reader.snapshot().anomalies == ["acme": flagged])
        let late = scene.service(3)
        #expect(try await late.start() == .following)
        #expect(await late.snapshot().anomalies == ["acme": flagged])
    }

    @Test func `a heartbeat saves the state of what was scored long ago`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.feed(scene.traffic.next(20), to: service)
        try await service.heartbeat()
        #expect(try await scene.store.record(in: "detector", key: "progress") == nil)
        scene.clock.advance(301)
        try await service.heartbeat()
        #expect(try await scene.store.record(in: "detector", key: "progress") != nil)
    }

    @Test func `the embedded store is watched, restarted and triaged like the plain one`() async throws {
        var scene = ServiceScene()
        let store = try MemoryStore(options: StoreOptions(clock: { Timestamp(seconds: 0) }))
        func service(_ number: Int) -> DetectionService {
            DetectionService(
                store: store, configuration: scene.configuration, holder: ServiceScene.holder(number),
                clock: { Timestamp(seconds: 0) })
        }
        let first = service(1)
        #expect(try await first.start() == .detecting)
        for batch in [scene.traffic.next(200), scene.attack(12)] {
            let entries = batch.map(Entry.init)
            _ = await first.observe(entries, try await store.insert(entries))
        }
        let incident = try #require(await first.snapshot().incidents.first { $0.key.kind == "secrets" })
        #expect(incident.count == 12 && incident.severity == .critical)
        #expect(incident.evidence.nearest?.decision.tenant == "acme")
        #expect(incident.evidence.nearestOwn?.decision.principal.id == "svc-deploy")
        _ = try await first.setState(.acknowledged, ofIncident: incident.id, by: "ana")
        let incidents = await first.snapshot().incidents
        try await first.close()
        let second = service(2)
        #expect(try await second.start() == .detecting)
        #expect(await second.snapshot().incidents == incidents)
    }

    @Test func `the state is saved when enough was scored`() async throws {
        var scene = ServiceScene()
        scene.configuration.checkpointDecisions = 25
        let service = scene.service()
        try await service.start()
        try await scene.feed(scene.traffic.next(20), to: service)
        #expect(try await scene.store.record(in: "detector", key: "progress") == nil)
        try await scene.feed(scene.traffic.next(10), to: service)
        #expect(try await scene.store.record(in: "detector", key: "progress") != nil)
    }

    @Test func `followers of the service are told of changes`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        var changes = await service.changes().makeAsyncIterator()
        try await service.start()
        let first = try #require(await changes.next())
        try await scene.train(service)
        try await scene.feed(scene.attack(), to: service)
        let second = try #require(await changes.next())
        #expect(second > first)
        try await service.close()
        while await changes.next() != nil {}
        #expect(await service.snapshot().role == .idle)
        #expect(try await service.heartbeat() == .idle)
    }

    @Test func `calls made at once are served one after the other`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        let batches = (0..<8).map { _ in scene.attack(2).map(Entry.init) }
        let store = scene.store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for batch in batches {
                group.addTask {
                    _ = await service.observe(batch, try await store.insert(batch))
                }
                group.addTask { try await service.checkpoint() }
            }
            try await group.waitForAll()
        }
        let incidents = await service.snapshot().incidents
        let members = incidents.flatMap(\.members)
        #expect(Set(members).count == members.count)
        #expect(await service.detectorDecisions("acme") == 200 + 16)
    }
}

extension DetectionService {
    /// How many decisions of a tenant were scored.
    func detectorDecisions(_ tenant: String) -> Int { detector.decisions(ofTenant: tenant) }
}
