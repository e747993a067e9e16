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
}
