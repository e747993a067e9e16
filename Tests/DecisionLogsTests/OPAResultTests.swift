import DecisionLogs
import Decisions
import Testing

@Suite struct OPAResultTests {
    @Test(
        arguments: [
            ("true", .allow), ("false", .deny), (#""true""#, .allow), (#""false""#, .deny), ("null", .deny),
            (#""yes""#, .conditional), (#""""#, .conditional), ("1", .conditional), ("0", .conditional),
            ("[]", .deny), (#"[{"x":true}]"#, .conditional), ("[[],{}]", .conditional),
            (#"{"allow":true}"#, .allow), (#"{"allow":false,"reasons":["amount over limit"]}"#, .deny),
            (#"{"allow":"true"}"#, .allow), (#"{"allowed":true,"headers":{"allow":[]}}"#, .allow),
            (#"{"allowed":false,"http_status":403}"#, .deny), (#"{"response":{"allowed":false}}"#, .deny),
            (#"{"response":{"uid":"u","allowed":true},"kind":"AdmissionReview"}"#, .allow),
            (#"{"response":{"allowed":true},"allowed":false,"allow":true}"#, .allow),
            (#"{"response":{"allowed":true},"allowed":false}"#, .deny),
            (#"{"allow":null,"allowed":true}"#, .allow), (#"{"allow":["a"]}"#, .conditional),
            (#"{"response":true}"#, .conditional), (#"{"deny":[]}"#, .conditional), ("{}", .conditional),
            (#"{"allow":true,"allow":false}"#, .deny),
        ] as [(String, Effect)])
    func `the effect follows the result`(result: String, effect: Effect) throws {
        #expect(try opaDecision(#","result":"# + result).effect == effect)
    }

    @Test func `a mapped result counts before the result`() throws {
        #expect(try opaDecision(#","mapped_result":{"allowed":false}"#).effect == .deny)
        #expect(try opaDecision(#","mapped_result":null"#).effect == .allow)
        #expect(try opaDecision(#","result":null,"mapped_result":true"#).effect == .allow)
    }

    @Test func `a result that was erased denies nothing`() throws {
        let erased = try opaDecision(#","result":null,"erased":["/input/user","/result"]"#)
        #expect(erased.effect == .conditional)
        #expect(erased.outcome == "ok")
        #expect(try opaDecision(#","result":null,"erased":["/input/user"]"#).effect == .deny)
        #expect(try opaDecision(#","erased":["/result/reasons"],"result":{"allow":false}"#).effect == .deny)
        #expect(try opaDecision(#","masked":["/result"],"result":"***""#).effect == .conditional)
    }

    @Test func `a result that is not valid JSON rejects the event`() {
        for result in ["tru", #"{"allow":tru}"#, #"{"response":{"allowed":01}}"#, "[1,]"] {
            guard case .rejected(let reason)? = opaItem(#","result":"# + result) else {
                Issue.record("\(result) was taken")
                continue
            }
            #expect(reason.hasPrefix("not valid JSON at byte "))
        }
    }
}
