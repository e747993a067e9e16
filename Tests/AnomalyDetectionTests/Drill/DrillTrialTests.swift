import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

/// A drill in a real tenant: by what counts there it is judged, and nothing of it counts there.
@Suite struct DrillTrialTests {
    /// A process that detects, over a tenant that has learnt enough.
    private func scene(_ decisions: Int = 300) async throws -> (ServiceScene, DetectionService) {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service, decisions)
        return (scene, service)
    }

    private func trial(_ service: DetectionService) async throws -> DrillTrial {
        try #require(try await service.inTurn { try await service.drillTrial() })
    }

    private func caught(_ trial: DrillTrial) throws -> Incident {
        guard case .caught(let incident) = trial.outcome else {
            throw IncidentError(.unknown, "it was not caught: \(trial)")
        }
        return incident
    }

    private func rule(_ text: String) throws -> SuppressionDraft {
        SuppressionDraft(fields: try SuppressionFields(parsing: text))
    }

    @Test func `a drill would open an incident in the tenant with the longest past`() async throws {
        let (scene, service) = try await scene()
        var other = Traffic(seed: 2, tenant: "globex")
        try await scene.feed(other.next(200), to: service)
        let trial = try await trial(service)
        #expect(trial.tenant == "acme" && trial.passedOver.isEmpty && trial.sentence == "tried in acme")
        let incident = try caught(trial)
        #expect(incident.id == DrillTrial.incidentID && incident.key.tenant == "acme")
        #expect(incident.score >= 0.9 && incident.severity >= .medium && !incident.why.isEmpty)
        // Real are the kind and what is nearest; nobody who is there is named.
        #expect(incident.key.principal == "verdict:drill" && incident.key.kind == "report")
        #expect(incident.evidence.nearest?.decision.tenant == "acme")
    }

    @Test func `what is kept is to the byte what it is without drills, and so is all that follows`()
        async throws
    {
        var kept: [[String: Record]] = []
        var observed: [[ScoredDecision?]] = []
        for isDrilled in [false, true] {
            var (scene, service) = try await scene()
            // Whatever a drill could touch is there: what is hunted, a rule that hides it elsewhere, an incident.
            let hunted = Decision.drill(inTenant: "acme", onKind: "report", at: scene.clock.now)
            var story = hunted
            story.principal = Principal(id: "mallory")
            _ = try await service.perform(.save(story, incident: "K7F2"), by: "ana")
            _ = try await service.suppress(
                rule("tenant=globex,action=verdict:drill/escalate"), by: "ana")
            try await scene.feed(scene.attack(1), to: service)
            if isDrilled {
                let before = await (service.detector, service.history.items, service.taught.hits)
                let (snapshot, rows) = (await service.snapshot(), scene.store.state.withLock { $0.rows })
                for _ in 0..<3 { _ = try caught(try await trial(service)) }
                let after = await (service.detector, service.history.items, service.taught.hits)
                #expect(after.0 == before.0 && after.1 == before.1 && after.2 == before.2)
                #expect(await service.snapshot() == snapshot)
                #expect(scene.store.state.withLock { $0.rows } == rows)
            }
            let more = scene.traffic.next(20) + scene.attack(3) + [hunted]
            observed.append(try await scene.feed(more, to: service).scored)
            try await service.close()
            kept.append(scene.store.state.withLock { $0.records })
        }
        #expect(observed[0] == observed[1])
        #expect(kept[0].keys.contains { $0.hasPrefix("\(Detector.collection)/") })
        #expect(kept[0] == kept[1])
    }

    @Test func `a tenant where a rule hides it is passed over and says so, and the rule counts nothing`()
        async throws
    {
        let (scene, service) = try await scene()
        var other = Traffic(seed: 2, tenant: "globex")
        try await scene.feed(other.next(200), to: service)
        let first = try await service.suppress(rule("tenant=acme,kind=report"), by: "ana")
        let elsewhere = try await trial(service)
        #expect(elsewhere.tenant == "globex")
        #expect(elsewhere.passedOver == ["acme, where rule \(first.id) hides it"])
        #expect(elsewhere.sentence == "tried in globex; passed over: acme, where rule \(first.id) hides it")
        #expect(try caught(elsewhere).key.tenant == "globex")
        let second = try await service.suppress(
            rule("tenant=globex,action=verdict:drill/escalate"), by: "ana")
        let nowhere = try await trial(service)
        #expect(nowhere.tenant == nil && nowhere.outcome == .nowhere)
        #expect(
            nowhere.passedOver
                == ["acme, where rule \(first.id) hides it", "globex, where rule \(second.id) hides it"])
        #expect(nowhere.sentence.hasPrefix("no tenant was left to try it in; passed over: acme,"))
        #expect(await service.taught.hits.isEmpty)
    }

    @Test func `a tenant where a lesson makes it ordinary is passed over`() async throws {
        var scene = ServiceScene()
        let lesson = Lesson(
            incident: "K7F2", kind: .ordinary, resolution: .expected, tenant: "acme", author: "ana",
            reason: "", created: scene.clock.now,
            shapes: [
                Lesson.Shape(
                    principal: "verdict:drill", kind: "report", effect: .allow,
                    actions: ["verdict:drill/escalate"], count: 1)
            ])
        try await scene.store.write([
            RecordChange(collection: Lesson.collection, key: lesson.id, value: lesson.json)
        ])
        let service = scene.service()
        try await service.start()
        try await scene.train(service, 300)
        let trial = try await trial(service)
        #expect(trial.outcome == .nowhere)
        #expect(trial.passedOver == ["acme, where a lesson makes it ordinary"])
    }

    @Test func `it is judged by the tenant's own past: where everything is new, so is nothing of it`()
        async throws
    {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        let restless = (0..<300).map {
            scene.traffic.make("visitor-\($0)", "act-\($0)", "page", id: "page-\($0)")
        }
        try await scene.feed(restless, to: service)
        let trial = try await trial(service)
        guard case .unflagged(let score) = trial.outcome else {
            Issue.record("it was flagged: \(trial)")
            return
        }
        #expect(score < 0.9 && trial.tenant == "acme")
        #expect(trial.sentence.hasPrefix("it was scored in acme, and not flagged: score ."))
    }

    @Test func `a tenant that still learns is none to try it in`() async throws {
        let (_, service) = try await scene(149)
        let trial = try await trial(service)
        #expect(trial == DrillTrial(tenant: nil, outcome: .nowhere))
        #expect(trial.sentence == "no tenant has learnt enough to try it in")
    }

    @Test func `the busiest tenants are told in order, those with too few left out`() {
        var detector = Detector()
        for (tenant, count) in [("c", 3), ("a", 5), ("d", 1), ("b", 5), ("e", 4)] {
            var traffic = Traffic(seed: 1, tenant: tenant)
            for decision in traffic.next(count) { _ = detector.ingest(decision, novelty: nil) }
        }
        #expect(detector.busiestTenants(8, having: 3) == ["a", "b", "e", "c"])
        #expect(detector.busiestTenants(2, having: 0) == ["a", "b"])
        #expect(detector.busiestTenants(8, having: 6).isEmpty)
    }
}
