import Decisions
import Testing

// snippet: own engine
/// An engine of your own: answers first, then hands the decision over without waiting.
struct DoorEngine {
    let recorder: DecisionRecorder

    func mayOpen(_ door: String, who: String, at time: Timestamp, requestID: String) -> Bool {
        let allowed = door != "vault" || who == "director"
        var decision = Decision(
            id: requestID, time: time, tenant: "bank", principal: Principal(id: who),
            resource: Resource(kind: "door", id: door), actions: ["open"], effect: allowed ? .allow : .deny)
        decision.policies = ["doors"]
        recorder.record(decision)
        return allowed
    }
}
// snippet: end

// snippet: recording
/// Records a tenth of every tenant's decisions, and all of those of the tenants that are looked at.
func record(allOf tenants: [String], by recorder: DecisionRecorder) {
    var policy = RecordingPolicy(RecordingMode("10 %") ?? .on)
    for tenant in tenants { policy.set(.on, tenant: tenant) }
    recorder.policy = policy
}
// snippet: end

@Suite struct OwnEngineTests {
    @Test func `an engine of one's own records what it answers`() {
        let engine = DoorEngine(recorder: DecisionRecorder(capacity: 2))
        let time = Timestamp(seconds: 1_767_603_600)
        #expect(engine.mayOpen("vault", who: "director", at: time, requestID: "1"))
        #expect(!engine.mayOpen("vault", who: "clerk", at: time, requestID: "2"))
        // A full recorder drops and counts; the engine answers all the same.
        #expect(engine.mayOpen("lobby", who: "clerk", at: time, requestID: "3"))
        #expect(engine.recorder.drain().map(\.effect) == [.allow, .deny])
        #expect(engine.recorder.dropped == 1)
    }

    @Test func `a share is recorded of all, and everything of some`() {
        let engine = DoorEngine(recorder: DecisionRecorder())
        let time = Timestamp(seconds: 1_767_603_600)
        record(allOf: [], by: engine.recorder)
        for number in 0..<1_000 {
            _ = engine.mayOpen("lobby", who: "clerk", at: time, requestID: "\(number)")
        }
        #expect((70...130).contains(engine.recorder.recorded))
        #expect(engine.recorder.recorded + engine.recorder.leftOut == 1_000)
        record(allOf: ["bank"], by: engine.recorder)
        let before = engine.recorder.recorded
        for number in 0..<100 { _ = engine.mayOpen("lobby", who: "clerk", at: time, requestID: "\(number)") }
        #expect(engine.recorder.recorded == before + 100)
    }
}
