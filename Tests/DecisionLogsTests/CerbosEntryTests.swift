import DecisionLogs
import Decisions
import Testing

/// What an entry of Cerbos comes to, with parts replaced or added; a later key wins.
func cerbosItems(_ changes: String) -> [ParsedItem] {
    let entry =
        #"{"log.logger":"cerbos.audit","log.kind":"decision","callId":"01HG","#
        + #""timestamp":"2025-03-04T10:15:01.248570163Z""#
    return LineParser(format: .cerbos).parse(entry + changes + "}")
}

extension [ParsedItem] {
    /// The decisions among them.
    var found: [Decision] {
        compactMap { if case .decision(let decision) = $0 { decision } else { nil } }
    }
}

@Suite struct CerbosEntryTests {
    /// A check of one resource.
    private func check(_ input: String = Self.input, _ output: String = Self.output) -> String {
        #","checkResources":{"inputs":[{\#(input)}],"outputs":[{\#(output)}]}"#
    }

    private static let input =
        #""resource":{"kind":"leave_request","id":"XX125","policyVersion":"20210210","scope":"acme.hr","#
        + #""attr":{"tenant":"wrong"}},"principal":{"id":"john","roles":["employee"],"attr":{"tenant":"acme"}},"#
        + #""actions":["view:public","approve","delete"]"#
    private static let output =
        #""actions":{"delete":{"effect":"EFFECT_DENY","policy":"NO_MATCH"},"#
        + #""approve":{"effect":"EFFECT_DENY","policy":"resource.leave_request.v20210210"},"#
        + #""view:public":{"effect":"EFFECT_ALLOW","policy":"resource.leave_request.v20210210"}},"#
        + #""effectiveDerivedRoles":["owner"],"validationErrors":[{"path":"/x"},{}]"#

    @Test func `mixed answers give one decision for each effect, allowed first`() throws {
        let decisions = cerbosItems(check()).found
        try #require(decisions.count == 2)
        #expect(decisions.map(\.id) == ["01HG#0/A", "01HG#0/D"])
        #expect(decisions.map(\.effect) == [.allow, .deny])
        #expect(decisions.map(\.outcome) == ["ok", "denied"])
        #expect(decisions.map(\.actions) == [["view:public"], ["approve", "delete"]])
        #expect(
            decisions.map(\.policies) == [
                ["resource.leave_request.v20210210"], ["resource.leave_request.v20210210", "NO_MATCH"],
            ])
        for decision in decisions {
            #expect(decision.time.description == "2025-03-04T10:15:01.248570163Z")
            #expect(decision.tenant == "acme")
            #expect(decision.principal == Principal(id: "john", roles: ["employee"]))
            #expect(decision.resource == Resource(kind: "leave_request", id: "XX125", scope: "acme.hr"))
            #expect(decision.durationNanoseconds == nil)
            #expect(decision.cacheHit == nil)
            #expect(decision.source == Source(format: "cerbos"))
            #expect(
                decision.extras["attrs"]?.json
                    == #"{"derivedRoles":["owner"],"policyVersion":"20210210","validationErrors":2}"#)
            #expect(try Decision(parsing: decision.nativeLine()) == decision)
        }
    }

    @Test func `the deprecated place of what was checked is read too`() {
        let deprecated = #","inputs":[{\#(Self.input)}],"outputs":[{\#(Self.output)}]"#
        #expect(cerbosItems(deprecated) == cerbosItems(check()))
        #expect(cerbosItems(deprecated + #","checkResources":{}"#) == cerbosItems(check()))
        #expect(cerbosItems(#","inputs":[{}]"#) == [.rejected("outputs[0] is missing")])
    }

    @Test(arguments: [
        (#","log.kind":"access","method":"/cerbos.svc.v1/CheckResources""#, SkipReason.notADecision),
        (#","log.kind":"access","callId":null,"timestamp":null"#, .notADecision),
        (#","log.kind":"sync""#, .notADecision),
        (#","oversized":true,"checkResources":{}"#, .contentDropped),
        (#","oversized":true"#, .contentDropped),
        (#","oversized":true,"planResources":{}"#, .contentDropped),
    ])
    func `entries that tell of no decision are skipped`(changes: String, reason: SkipReason) {
        #expect(cerbosItems(changes) == [.skipped(reason)])
    }

    @Test(arguments: [
        ("", "checkResources is missing"), (#","checkResources":{}"#, "checkResources is missing"),
        (#","checkResources":7,"oversized":"true""#, "checkResources is missing"),
        (#","callId":null"#, "callId is missing"), (#","callId":"""#, "callId is missing"),
        (#","callId":"\ud800""#, "callId must be text without lone surrogates"),
        (#","timestamp":null"#, "timestamp is missing"),
        (#","timestamp":{}"#, "timestamp must be an RFC 3339 time"),
        (
            #","checkResources":{"inputs":[{"principal":{"id":"\udc00"}}]}"#,
            "principal.id must be text without lone surrogates"
        ),
        (
            #","checkResources":{"inputs":[{"actions":["\udc00"]}]}"#,
            "actions must be text without lone surrogates"
        ),
        (
            #","inputs":[{"resource":{"kind":"\udc00"}}]"#,
            "resource.kind must be text without lone surrogates"
        ),
    ])
    func `entries that lack what identifies them are rejected by field`(changes: String, reason: String) {
        #expect(cerbosItems(changes) == [.rejected(reason)])
    }

    @Test(arguments: [
        (#"[{"actions":["a"],"resource":{"id":"1"}}]"#, "[{}]", "inputs[0].resource.kind is missing"),
        (#"[{"actions":["a"],"resource":{"kind":""}}]"#, "[{}]", "inputs[0].resource.kind is missing"),
        (#"[{"resource":{"kind":"k"}}]"#, "[{}]", "inputs[0].actions is missing"),
        (#"[{"resource":{"kind":"k"},"actions":[{}]}]"#, "[{}]", "inputs[0].actions is missing"),
        (
            #"[{"resource":{"kind":"k"},"actions":["a"]}]"#, "[{}]",
            "outputs[0].actions must be an answer to each action that was asked"
        ),
        (
            #"[{"resource":{"kind":"k"},"actions":["a"]}]"#, #"[{"actions":{"a":7}}]"#,
            "outputs[0].actions must be an answer to each action that was asked"
        ),
        ("[{}]", "[]", "outputs[0] is missing"), ("[]", "[{}]", "inputs[0] is missing"),
        ("[null]", "[{}]", "inputs[0] is missing"), ("[{}]", "[7]", "outputs[0] is missing"),
        ("{}", "[{}]", "inputs[0] is missing"),
    ])
    func `a pair that lacks something is rejected by its place`(
        inputs: String, outputs: String, reason: String
    ) {
        let check = #","checkResources":{"outputs":\#(outputs),"inputs":\#(inputs)}"#
        #expect(cerbosItems(check) == [.rejected("checkResources." + reason)])
    }

    @Test func `a broken pair does not take the others along`() {
        let good = #"{"resource":{"kind":"k"},"principal":{"id":"p"},"actions":["a"]}"#
        let yes = #"{"actions":{"a":{"effect":"EFFECT_ALLOW"}}}"#
        let items = cerbosItems(
            #","checkResources":{"inputs":[\#(good),null,\#(good)],"outputs":[\#(yes),\#(yes)]}"#)
        #expect(items.count == 3)
        #expect(items.found.map(\.id) == ["01HG#0/A"])
        #expect(
            Array(items.dropFirst()) == [
                .rejected("checkResources.inputs[1] is missing"),
                .rejected("checkResources.outputs[2] is missing"),
            ])
    }

    @Test func `answers and questions that do not meet are told beside the others`() throws {
        let asked = #""resource":{"kind":"k"},"principal":{"id":"p"},"actions":["a","b","a"]"#
        let unanswered = cerbosItems(check(asked, #""actions":{"a":{"effect":"EFFECT_ALLOW"}}"#))
        #expect(unanswered.found.map(\.actions) == [["a"]])
        #expect(
            unanswered.last
                == .rejected(
                    "checkResources.outputs[0].actions must be an answer to each action that was asked"))
        let unasked = cerbosItems(check(asked, #""actions":{"a":{},"b":{},"c":{}}"#))
        #expect(unasked.found.map(\.actions) == [["a", "b"]])
        #expect(
            unasked.last
                == .rejected("checkResources.inputs[0].actions must be all the actions that were answered"))
    }

    @Test(arguments: [
        ("EFFECT_ALLOW", "A", Effect.allow), ("EFFECT_DENY", "D", .deny), ("EFFECT_NO_MATCH", "D", .deny),
        ("", "D", .deny), ("effect_allow", "D", .deny),
    ])
    func `all but an allowing effect denies`(word: String, letter: String, effect: Effect) {
        let asked = #""resource":{"kind":"k"},"principal":{"id":"p"},"actions":["a"]"#
        let decisions = cerbosItems(check(asked, #""actions":{"a":{"effect":"\#(word)"}}"#)).found
        #expect(decisions.map(\.id) == ["01HG#0/" + letter])
        #expect(decisions.map(\.effect) == [effect])
    }

    @Test func `numbers name as their text, and what is absent stays absent`() throws {
        let odd =
            #""resource":{"kind":1,"id":2,"scope":"","policyVersion":3},"#
            + #""principal":{"id":7,"roles":[1,"r"],"attr":{"tenant":8}},"actions":[9]"#
        let items = cerbosItems(#","callId":12"# + check(odd, #""actions":{"9":{}}"#))
        let decision = try #require(items.found.first)
        #expect(decision.id == "12#0/D")
        #expect(decision.tenant == "8")
        #expect(decision.principal == Principal(id: "7", roles: ["r"]))
        #expect(decision.resource == Resource(kind: "1", id: "2"))
        #expect(decision.actions == ["9"])
        let bare = #""resource":{"kind":"k","scope":"acme.hr"},"actions":["a"],"principal":7"#
        let none = try #require(cerbosItems(check(bare, #""actions":{"a":{}}"#)).found.first)
        #expect(none.principal == Principal(id: "?"))
        #expect(none.tenant == "")
        #expect(none.policies == [])
        #expect(
            none.extras["attrs"]?.json == #"{"derivedRoles":[],"policyVersion":"","validationErrors":0}"#)
    }
}
