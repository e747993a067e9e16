import AnomalyDetection
import Decisions
import Testing

@testable import Operations

@Suite struct DetectionTrialTests {
    /// Four people who do the same few things again and again, and now and then one of them what nobody does.
    private static func events(
        _ count: Int, attackEvery period: Int = 125, tenant: String = "acme"
    ) -> [EvaluationEvent] {
        (0..<count).map { number in
            let isAttack = number % period == period - 1
            var decision = Decision(
                id: "\(tenant)-\(number)", time: Timestamp(seconds: 1_700_000_000 + Int64(number)),
                tenant: tenant,
                principal: Principal(id: ["alice", "bob", "carol", "dan"][number % 4], roles: ["clerk"]),
                resource: Resource(kind: ["invoice", "report", "ledger"][number % 3], scope: "eu"),
                actions: [number % 2 == 0 ? "read" : "update"], effect: .allow)
            guard isAttack else { return EvaluationEvent(decision: decision) }
            decision.resource = Resource(kind: "vault-\(number)", id: "key-\(number)", scope: "us")
            decision.actions = ["export-\(number)"]
            decision.effect = .deny
            return EvaluationEvent(decision: decision, incident: "attack-\(number)")
        }
    }

    @Test func `what nobody does stands above all else, by the past and by the other parts`() async throws {
        let events = Self.events(1_500)
        var trial = DetectionTrial(.past)
        let streamed = try await trial.run(events)
        #expect(streamed.attacks == 10 && streamed.benign == 1_190)
        #expect(streamed.ranking.areaUnderCurve == 1 && streamed.ranking.averagePrecision > 0.999_999)
        // The first thousand are learned from: attacks among them are scored, and not flagged.
        #expect(streamed.learning == 700)
        #expect(streamed.recall == 0.4 && streamed.incidentsOpened == 0.4)
        #expect(streamed.falsePositiveRate == 0)

        trial.procedure = .crossfit
        let crossed = try await trial.run(events)
        #expect(crossed.attacks == 12 && crossed.benign == 1_488 && crossed.incidents == 12)
        #expect(crossed.ranking.areaUnderCurve == 1 && crossed.ranking.averagePrecision > 0.999_999)
        #expect(crossed.learning == 0)
        #expect(crossed.recall == 1 && crossed.incidentsOpened == 1)
        #expect(crossed.falsePositiveRate == 0)
    }

    @Test func `the past is that of evaluating exactly, event by event`() async throws {
        let events = Self.events(120, attackEvery: 30)
        var trial = DetectionTrial(.past)
        trial.warmUpShare = 0.5
        let scorer = try PastScorer()
        let scored = try await scorer.score(events.map(\.decision))
        let expected = DetectionEvaluation(
            zip(events, scored).dropFirst(60).map { DetectionEvaluation.Judgement($1, of: $0) })
        #expect(try await trial.run(events) == expected)
        #expect(expected.attacks == 2 && expected.benign == 58)
    }

    @Test func `no attack is part of a clean past`() async throws {
        // The same attack thirty times: by what came before it becomes ordinary, by the clean parts it does not.
        var events = Self.events(300, attackEvery: 1_000)
        for index in stride(from: 9, to: 300, by: 10) {
            events[index].decision.resource.kind = "vault"
            events[index].decision.principal.id = "mallory"
            events[index].incident = "leak"
        }
        let streamed = try await DetectionTrial(.past).run(events)
        let crossed = try await DetectionTrial(.crossfit).run(events)
        #expect(crossed.ranking.areaUnderCurve == 1)
        #expect(streamed.ranking.areaUnderCurve < 1)
        #expect(crossed.incidents == 1 && crossed.attacks == 30)
    }

    @Test func `tenants have pasts of their own`() async throws {
        let events = EvaluationEvent.ordered(
            Self.events(300, attackEvery: 60) + Self.events(300, attackEvery: 60, tenant: "globex"))
        let crossed = try await DetectionTrial(.crossfit).run(events)
        #expect(crossed.attacks == 10 && crossed.ranking.areaUnderCurve == 1)
        #expect(crossed.learning == 600)
    }

    @Test func `an empty log has nothing to tell, and who stops a trial gets what they threw`() async throws {
        let empty = try await DetectionTrial(.crossfit).run([])
        #expect(empty.attacks == 0 && empty.benign == 0)
        #expect(try await DetectionTrial(.past).run([]) == empty)
        for procedure in DetectionTrial.Procedure.allCases {
            await #expect(throws: CancellationError.self) {
                _ = try await DetectionTrial(procedure).run(Self.events(20)) { throw CancellationError() }
            }
        }
    }
}
