import Decisions
import PolicyEngine
import Synchronization
import Testing

@Suite struct PolicyEngineTests {
    /// A clock that moves on by a step at every look.
    private final class SteppingClock: Sendable {
        private let now = Atomic<Int64>(0)
        func look() -> Int64 { now.wrappingAdd(250, ordering: .relaxed).newValue }
    }

    @Test func `a checked request is answered, timed and recorded`() throws {
        let recorder = DecisionRecorder(capacity: 4)
        let clock = SteppingClock()
        let engine = PolicyEngine(
            policies: try samplePolicies(), clock: { clock.look() }, recorder: recorder)
        var request = AccessRequest(
            id: "d-7", time: Timestamp(seconds: 60), tenant: "acme",
            principal: Principal(id: "svc-billing", roles: ["service", "billing"]),
            resource: Resource(kind: "invoice", id: "inv-1", scope: "eu.finance"), actions: ["read"])
        request.source = Source(ip: "10.0.0.1", agent: "svc-billing/1")
        let decision = engine.check(request)
        #expect(decision.effect == .allow)
        #expect(decision.policies == ["invoices"])
        #expect(decision.durationNanoseconds == 250)
        #expect(decision.outcome == "ok")
        #expect(decision.source == request.source)
        request.actions = ["approve"]
        #expect(engine.check(request).outcome == "denied")
        #expect(recorder.drain().map(\.effect) == [.allow, .deny])
    }
}
