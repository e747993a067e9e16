import DecisionLogs
import Decisions
import Testing

/// What the decisions of one call share, and plans.
@Suite struct CerbosCallTests {
    private static let check =
        #","checkResources":{"inputs":[{"resource":{"kind":"k"},"principal":{"id":"p"},"actions":["a"]}],"#
        + #""outputs":[{"actions":{"a":{"effect":"EFFECT_ALLOW"}}}]}"#

    private func plan(_ input: String, _ output: String) -> String {
        #","planResources":{"input":\#(input),"output":\#(output)}"#
    }

    private static let planned =
        #"{"actions":["view","edit"],"principal":{"id":"maggie","roles":["manager"],"attr":{"tenant":"t"}},"#
        + #""resource":{"kind":"leave_request","policyVersion":"1","attr":{}}}"#

    @Test(
        arguments: [
            (
                #"{"address":"10.1.4.7:41222","userAgent":"cerbos-sdk-js/0.20"}"#, "10.1.4.7",
                "cerbos-sdk-js/0.20"
            ),
            (#"{"address":"10.1.4.7:41222","forwardedFor":"203.0.113.9"}"#, "203.0.113.9", nil),
            (#"{"forwardedFor":"203.0.113.9, 10.0.0.1|10.0.0.2"}"#, "203.0.113.9", nil),
            (#"{"address":"[::1]:80","forwardedFor":"","userAgent":""}"#, "::1", nil),
            (#"{"address":"10.1.4.7:41222","forwardedFor":" , |"}"#, "10.1.4.7", nil),
            (#"{"address":"","forwardedFor":7,"userAgent":{}}"#, nil, nil), ("[]", nil, nil),
            ("{}", nil, nil),
        ] as [(String, String?, String?)])
    func `the client is the first that the call came from`(peer: String, ip: String?, agent: String?) {
        let decisions = cerbosItems(#","peer":"# + peer + Self.check).found
        #expect(decisions.map(\.source) == [Source(ip: ip, agent: agent, format: "cerbos")])
    }

    @Test(arguments: [
        (
            #"{"effectivePolicies":{"resource.k.vdefault":{"attributes":{}},"principal.p.vdefault":{}}}"#,
            ["resource.k.vdefault", "principal.p.vdefault"]
        ),
        (#"{"effectivePolicies":{}}"#, []), (#"{"effectivePolicies":["x"]}"#, []), ("7", []),
    ])
    func `without a policy by action, those of the call count`(trail: String, policies: [String]) {
        #expect(cerbosItems(#","auditTrail":"# + trail + Self.check).found.map(\.policies) == [policies])
        let plan = plan(Self.planned, "{}")
        #expect(cerbosItems(#","auditTrail":"# + trail + plan).found.map(\.policies) == [policies])
    }

    @Test(arguments: [
        ("KIND_ALWAYS_ALLOWED", Effect.allow, "ok"), ("KIND_ALWAYS_DENIED", .deny, "denied"),
        ("KIND_CONDITIONAL", .conditional, "ok"), ("KIND_UNSPECIFIED", .conditional, "ok"),
    ])
    func `a plan is about all resources of its kind`(kind: String, effect: Effect, outcome: String) throws {
        let filter = #"{"kind":"leave_request","filter":{"kind":"\#(kind)","condition":{"expression":{}}}}"#
        let decisions = cerbosItems(plan(Self.planned, filter)).found
        let decision = try #require(decisions.first)
        #expect(decisions.count == 1)
        #expect(decision.id == "01HG#plan")
        #expect(decision.tenant == "t")
        #expect(decision.principal == Principal(id: "maggie", roles: ["manager"]))
        #expect(decision.resource == Resource(kind: "leave_request", id: "*"))
        #expect(decision.actions == ["view", "edit"])
        #expect(decision.effect == effect)
        #expect(decision.outcome == outcome)
        #expect(decision.extras["attrs"]?.json == #"{"plan":true}"#)
        #expect(try Decision(parsing: decision.nativeLine()) == decision)
    }

    @Test func `plans of the first versions are about one action`() {
        let input = #"{"action":"view","principal":{"id":"m"},"resource":{"kind":"k","scope":"acme"}}"#
        let decisions = cerbosItems(plan(input, #"{"filter":7}"#)).found
        #expect(decisions.map(\.actions) == [["view"]])
        #expect(decisions.map(\.effect) == [.conditional])
        #expect(decisions.map(\.resource) == [Resource(kind: "k", id: "*", scope: "acme")])
    }

    @Test(arguments: [
        ("null", "{}", "planResources.input is missing"), ("{}", "null", "planResources.output is missing"),
        ("{}", "{}", "planResources.input.resource.kind is missing"),
        (#"{"resource":{"kind":"k"}}"#, "{}", "planResources.input.actions is missing"),
    ])
    func `a plan that lacks something is rejected by field`(input: String, output: String, reason: String) {
        #expect(cerbosItems(plan(input, output)) == [.rejected(reason)])
    }

    @Test func `attributes are not kept`() {
        let secret =
            #","checkResources":{"inputs":[{"resource":{"kind":"k","attr":{"iban":"secret"}},"#
            + #""principal":{"id":"p","attr":{"tenant":{"x":"secret"},"pin":"secret"}},"#
            + #""auxData":{"jwt":"secret"},"actions":["a"]}],"outputs":[{"actions":{"a":{}}}]},"#
            + #""metadata":{"authorization":{"values":["secret"]}}"#
        let decisions = cerbosItems(secret).found
        #expect(decisions.map(\.tenant) == [""])
        #expect(!decisions.contains { $0.nativeLine().contains("secret") })
    }

    @Test func `a call about more resources than any server takes is rejected whole`() {
        let inputs = Array(repeating: "{}", count: 10_001).joined(separator: ",")
        #expect(
            cerbosItems(#","checkResources":{"inputs":[\#(inputs)]}"#)
                == [.rejected("checkResources must be about at most 10000 resources")])
        let most = Array(repeating: "{}", count: 10_000).joined(separator: ",")
        #expect(cerbosItems(#","inputs":[\#(most)]"#).count == 10_000)
    }

    @Test func `a call does not grow to many times its size by what its decisions share`() {
        let inputs = Array(
            repeating: #"{"resource":{"kind":"k"},"principal":{"id":"p"},"actions":["a"]}"#, count: 1_000
        ).joined(separator: ",")
        let outputs = Array(repeating: #"{"actions":{"a":{}}}"#, count: 1_000).joined(separator: ",")
        let check = #","checkResources":{"inputs":[\#(inputs)],"outputs":[\#(outputs)]}"#
        let long = String(repeating: "x", count: 100_000)
        let refusal = ParsedItem.rejected(
            "checkResources must be about fewer resources for texts of that length")
        #expect(cerbosItems(#","callId":"\#(long)""# + check) == [refusal])
        #expect(cerbosItems(#","peer":{"userAgent":"\#(long)"}"# + check) == [refusal])
        #expect(cerbosItems(#","auditTrail":{"effectivePolicies":{"\#(long)":{}}}"# + check) == [refusal])
        #expect(cerbosItems(check).found.count == 1_000)
        #expect(cerbosItems(#","callId":"\#(long)""# + Self.check).found.count == 1)
    }
}
