import Decisions
import Testing

@testable import DecisionLogs

@Suite struct OPAContentTests {
    private func decision(_ input: String) throws -> Decision {
        try opaDecision(#","input":"# + input)
    }

    @Test(arguments: [
        (#"{"user":{"id":"alice","roles":["teller","clerk"]}}"#, "alice", ["teller", "clerk"]),
        (#"{"user":{"id":7,"groups":["g",8,null,""]}}"#, "7", ["g", "8"]),
        (#"{"user":"eve","roles":["r"]}"#, "eve", ["r"]),
        (#"{"user":"eve","groups":"admins"}"#, "eve", ["admins"]),
        (#"{"user":{"id":"alice","roles":[],"groups":["g"]}}"#, "alice", ["g"]),
        (#"{"subject":"svc-batch"}"#, "svc-batch", []),
        (#"{"subject":{"type":"user","id":"s","roles":["r"]}}"#, "s", ["r"]),
        (#"{"user":"","subject":"s"}"#, "s", []), (#"{"user":{},"principal":"p"}"#, "p", []),
        (#"{"principal":{"id":"p"}}"#, "p", []),
        (#"{"attributes":{"source":{"principal":"spiffe://td/sa/web"}}}"#, "spiffe://td/sa/web", []),
        (#"{"request":{"userInfo":{"username":"u","groups":["authenticated"]}}}"#, "u", ["authenticated"]),
        (#"{"user":true,"subject":null,"principal":[]}"#, "?", []), ("null", "?", []), ("[]", "?", []),
        (#""alice""#, "?", []), ("{}", "?", []),
    ])
    func `the principal and its roles come from the first place that has them`(
        input: String, id: String, roles: [String]
    ) throws {
        #expect(try decision(input).principal == Principal(id: id, roles: roles))
    }

    @Test(
        arguments: [
            (#"{"resource":{"type":"account","id":"acc-17"}}"#, "account", "acc-17"),
            (#"{"resource":{"kind":"account","id":17}}"#, "account", "17"),
            (#"{"resource":{"type":"account"},"path":"/x"}"#, "account", nil),
            (#"{"resource":"accounts","path":"/x"}"#, "accounts", nil), (#"{"resource":42}"#, "42", nil),
            (#"{"request":{"kind":{"kind":"Pod"}}}"#, "Pod", nil),
            (#"{"request":{"kind":{"kind":"Pod"},"namespace":"prod","name":"web"}}"#, "Pod", "prod/web"),
            (#"{"request":{"kind":{"kind":"Pod"},"namespace":"prod","name":""}}"#, "Pod", "prod"),
            (#"{"path":["v1","transfers"]}"#, "http:/v1", "/v1/transfers"),
            (#"{"path":["v1",7]}"#, "http:/v1", "/v1/7"),
            (#"{"path":"/salary/bob"}"#, "http:/salary", "/salary/bob"), (#"{"path":"/"}"#, "http:/", "/"),
            (#"{"path":[""]}"#, "http:/", "/"), (#"{"path":"?q=/a"}"#, "http:/", "?q=/a"),
            (#"{"path":"//a//b?c=/d"}"#, "http:/a", "//a//b?c=/d"),
            (#"{"attributes":{"request":{"http":{"path":"/books?id=1"}}}}"#, "http:/books", "/books?id=1"),
            (#"{"path":[],"attributes":{"request":{"http":{"path":"/b"}}}}"#, "http:/b", "/b"),
            (#"{"resource":{"id":"1"},"path":"/x"}"#, "http:/x", "1"),
            (#"{"resource":{"id":"1"}}"#, "shop/authz/allow", "1"),
            (#"{"resource":[]}"#, "shop/authz/allow", nil), ("7", "shop/authz/allow", nil),
        ] as [(String, String, String?)])
    func `the resource comes from the first rule that fits`(input: String, kind: String, id: String?) throws {
        #expect(try decision(input).resource == Resource(kind: kind, id: id, scope: "shop/authz/allow"))
    }

    @Test(arguments: [
        (#"{"action":"read","method":"GET"}"#, ["read"]),
        (#"{"action":["read","write"]}"#, ["read", "write"]),
        (#"{"action":{"name":"can_read"}}"#, ["can_read"]), (#"{"method":"POST"}"#, ["POST"]),
        (#"{"attributes":{"request":{"http":{"method":"GET"}}}}"#, ["GET"]),
        (#"{"request":{"operation":"CREATE"}}"#, ["CREATE"]), (#"{"operation":"delete"}"#, ["delete"]),
        (#"{"action":"","method":null}"#, ["allow"]), (#"{"action":[{}]}"#, ["allow"]), ("{}", ["allow"]),
    ])
    func `actions keep their case, and default to the rule`(input: String, actions: [String]) throws {
        #expect(try decision(input).actions == actions)
    }

    @Test(arguments: [
        (#"{"tenant":"bank-eu","org":"o"}"#, "bank-eu"), (#"{"tenant":"","tenant_id":12}"#, "12"),
        (#"{"tenant":{"id":"x"},"org":"o"}"#, "o"), (#"{"tenant":null}"#, "shop"), ("{}", "shop"),
    ])
    func `the tenant is the input's, else the application's`(input: String, tenant: String) throws {
        #expect(try decision(input).tenant == tenant)
        #expect(try opaDecision(#","labels":{"id":"1"}"#).tenant == "")
    }

    @Test func `Envoy's source and agent count where OPA was not asked over the network`() throws {
        let input =
            #"{"attributes":{"source":{"address":{"socketAddress":{"address":"10.244.2.10","portValue":5}}},"#
            + #""request":{"http":{"headers":{"user-agent":"Go-http-client/1.1"}}}}}"#
        let envoy = try opaDecision(#","requested_by":"","input":"# + input)
        #expect(envoy.source == Source(ip: "10.244.2.10", agent: "Go-http-client/1.1", format: "opa"))
        #expect(try decision(input).source.ip == "10.1.4.7")
    }

    @Test(arguments: [
        (#"{"user":{"id":"a\ud800"}}"#, "input.user.id"), (#"{"user":"\udc00"}"#, "input.user"),
        (#"{"tenant":"\ud800x"}"#, "input.tenant"),
        (#"{"resource":{"type":"\ud800"}}"#, "input.resource.type"),
        (#"{"path":["a","\ud800"]}"#, "input.path"), (#"{"action":["\ud800"]}"#, "input.action"),
    ])
    func `a name with a lone surrogate is refused`(input: String, field: String) {
        #expect(
            opaItem(#","input":"# + input) == .rejected("\(field) must be text without lone surrogates"))
    }

    @Test func `a lone surrogate elsewhere does no harm`() throws {
        #expect(try decision(#"{"user":"eve","note":"\ud800","\udc00":1}"#).principal.id == "eve")
        #expect(try decision("{\"user\":\"e\u{FFFD}\"}").principal.id == "e\u{FFFD}")
        #expect(
            opaItem(#","labels":{"app":"\ud800"}"#)
                == .rejected("labels.app must be text without lone surrogates"))
        #expect(try opaDecision(#","labels":{"app":"\ud800"},"input":{"tenant":"t"}"#).tenant == "t")
    }

    @Test func `large and deep inputs end in a decision or a reject`() throws {
        let keys = (0..<20_000).map { #""k\#($0)":[{}]"# }.joined(separator: ",")
        #expect(try decision(#"{"user":"eve",\#(keys),"user":"bob"}"#).principal.id == "bob")
        let name = String(repeating: "n", count: 10_000)
        #expect(try decision(#"{"user":"\#(name)"}"#).principal.id == name)
        let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        guard case .rejected(let reason)? = opaItem(#","input":"# + deep) else {
            Issue.record("a deep input was taken")
            return
        }
        #expect(reason.hasSuffix("nested too deeply"))
    }

    @Test func `pointers follow RFC 6901`() throws {
        let value = try JSONParser().parse(#"{"a/b":{"~":[10,[20]]},"":{"":1},"0":"zero","n":null}"#)
        let found: [(String, String?)] = [
            ("/a~1b/~0/0", "10"), ("/a~1b/~0/1/0", "20"), ("/a~1b/~0/2", nil), ("/a~1b/~0/-", nil),
            ("/a~1b/~0/00", nil), ("/a~1b/~0/+1", nil), ("/a~1b/~0/99999999999999999999", nil), ("//", "1"),
            ("/0", #""zero""#), ("/0/0", nil), ("/n", "null"), ("/n/x", nil), ("", value.json),
        ]
        for (text, json) in found {
            let pointer = try #require(JSONPointer(parsing: text))
            #expect(value.value(at: pointer)?.json == json, "\(text)")
        }
        for wrong in ["a/b", "~", "/~", "/a~2", "/~0/b~", "#/a"] {
            #expect(JSONPointer(parsing: wrong) == nil, "\(wrong)")
        }
        #expect(JSONPointer(parsing: "/~01")?.steps == ["~1"])
    }
}
