import Decisions
import Testing

@testable import DecisionLogs

@Suite struct OPAMappingTests {
    /// A policy whose callers send what no built-in place finds.
    private static let event =
        #"{"decision_id":"d-1","timestamp":"2025-03-04T10:15:01Z","path":"/shop/orders/decide","#
        + #""labels":{"app":"shop","env":"prod"},"requested_by":"10.1.4.7:53114","#
        + #""input":{"jwt":{"sub":"ann","grp":["ops","dev"],"a/b":{"~x":"t-9"}},"what":["Order","o/17"],"#
        + #""verbs":["read","write"],"client":{"ip":"203.0.113.9:44","ua":"app/2"},"user":"eve"},"#
        + #""result":{"verdict":"Permit","violations":[]}"#

    private func item(_ mappings: [OPAMapping], _ changes: String = "") -> ParsedItem? {
        LineParser(mappings: mappings).parse(Self.event + changes + "}").first
    }

    private func decision(_ mappings: [OPAMapping], _ changes: String = "") throws -> Decision {
        let item = item(mappings, changes)
        guard case .decision(let decision)? = item else {
            throw DecisionError.invalid(field: "\(String(describing: item))", expected: "a decision")
        }
        return decision
    }

    /// A mapping of all fields.
    private var whole: OPAMapping {
        var mapping = OPAMapping()
        mapping.tenant = ["/input/nothing", "/input/jwt/a~1b/~0x"]
        mapping.principal = ["/input/jwt/sub"]
        mapping.roles = ["/input/jwt/grp"]
        mapping.kind = ["/input/what/0"]
        mapping.resource = ["/input/what/1"]
        mapping.scope = ["/labels/env"]
        mapping.actions = ["/input/verbs"]
        mapping.address = ["/input/client/ip"]
        mapping.agent = ["/input/client/ua"]
        mapping.allow = ["/result/verdict"]
        return mapping
    }

    @Test func `every field is taken from where a mapping says that it is`() throws {
        let decision = try decision([whole])
        #expect(decision.tenant == "t-9")
        #expect(decision.principal == Principal(id: "ann", roles: ["ops", "dev"]))
        #expect(decision.resource == Resource(kind: "Order", id: "o/17", scope: "prod"))
        #expect(decision.actions == ["read", "write"])
        #expect(decision.effect == .allow)
        #expect(decision.source == Source(ip: "203.0.113.9", agent: "app/2", format: "opa"))
    }

    @Test func `what a mapping does not find is where inputs usually have it`() throws {
        var mapping = OPAMapping()
        mapping.principal = ["/input/nobody", "/input/jwt"]
        mapping.actions = ["/input/verbs/7"]
        let decision = try decision([mapping])
        #expect(decision.principal.id == "eve")
        #expect(decision.actions == ["decide"])
        #expect(decision.resource == Resource(kind: "shop/orders/decide", scope: "/shop/orders/decide"))
        #expect(decision.tenant == "shop")
        #expect(decision.effect == .conditional)
        #expect(decision.source.ip == "10.1.4.7")
    }

    @Test(
        arguments: [
            (nil, true), ("shop/orders/decide", true), ("/shop/orders/decide", true), ("shop/*", true),
            ("/shop/orders*", true), ("*", true), ("shop/orders", false), ("hop/*", false), ("", false),
            ("Shop/*", false),
        ] as [(String?, Bool)])
    func `a mapping is for the rules that its path means`(path: String?, isMeant: Bool) throws {
        var mapping = OPAMapping(path: path)
        mapping.principal = ["/input/jwt/sub"]
        #expect(try decision([mapping]).principal.id == (isMeant ? "ann" : "eve"))
    }

    @Test func `the first mapping that finds something counts, wherever in the event its rule stands`() throws
    {
        var (first, second, other) = (OPAMapping(), OPAMapping(path: "shop/*"), OPAMapping(path: "bank/*"))
        first.principal = ["/input/nobody"]
        other.principal = ["/input/what/0"]
        second.principal = ["/input/what/1"]
        #expect(try decision([first, other, second, whole]).principal.id == "o/17")
        #expect(try decision([other, whole], #","path":"bank/allow""#).principal.id == "Order")
        let query = try decision([other, second], #","path":null,"query":"data.x = y""#)
        #expect(query.principal.id == "eve")
    }

    @Test(
        arguments: [
            (#""Permit""#, .allow), (#""ALLOWED""#, .allow), ("true", .allow), (#""yes""#, .allow),
            (#""deny""#, .deny), ("false", .deny), (#""Forbidden""#, .deny), (#""perhaps""#, .conditional),
            ("1", .conditional), ("[]", .conditional), ("{}", .conditional), (#""""#, .conditional),
        ] as [(String, Effect)])
    func `the answer is read at its place, in the words that policies use`(
        answer: String, effect: Effect
    ) throws {
        var mapping = OPAMapping()
        mapping.allow = ["/result/missing", "/result/verdict"]
        #expect(try decision([mapping], #","result":{"verdict":\#(answer)}"#).effect == effect)
    }

    @Test(
        arguments: [
            ("[]", .allow), (#"["amount over limit"]"#, .deny), ("{}", .allow), (#"{"a":true}"#, .deny),
            ("0", .allow), ("2", .deny), ("true", .deny), ("false", .allow), (#""""#, .allow),
            (#""because""#, .deny), ("null", .conditional),
        ] as [(String, Effect)])
    func `reasons to deny deny, and none of them allows`(reasons: String, effect: Effect) throws {
        var mapping = OPAMapping()
        mapping.deny = ["/result/violations"]
        #expect(try decision([mapping], #","result":{"violations":\#(reasons)}"#).effect == effect)
        mapping.deny = ["/result"]
        if reasons != "null" {
            #expect(try decision([mapping], #","result":\#(reasons)"#).effect == effect)
        }
    }

    @Test func `a reason to deny counts before a permission, and a refusal before no reason`() throws {
        var mapping = OPAMapping()
        mapping.allow = ["/result/ok"]
        mapping.deny = ["/result/violations"]
        for (result, effect) in [
            (#"{"ok":true,"violations":["x"]}"#, Effect.deny), (#"{"ok":true,"violations":[]}"#, .allow),
            (#"{"ok":false,"violations":[]}"#, .deny), (#"{"violations":[]}"#, .allow),
            (#"{"ok":null}"#, .conditional), ("null", .deny),
        ] {
            #expect(try decision([mapping], #","result":"# + result).effect == effect, "\(result)")
        }
    }

    @Test func `a result that the mask erased is not answered by a mapping`() throws {
        let erased = #","result":null,"erased":["/result"]"#
        #expect(try decision([whole], erased).effect == .conditional)
        #expect(try decision([whole], #","result":null"#).effect == .deny)
    }

    @Test(arguments: [
        ("user/id", "`user/id` is no JSON pointer: it begins with a slash"),
        ("/input/a~b", "~0 and ~1 stand for ~ and / in a name"),
        ("/user/id", "leads into none of /input, /labels, /result; is /input/user/id meant?"),
        ("", "`` leads into none of"), ("/", "leads into none of"),
    ])
    func `a place that is none is refused with what to write`(text: String, reason: String) {
        #expect {
            try OPAPlace(parsing: text)
        } throws: { error in
            "\(error)".contains(reason)
        }
    }

    @Test func `a whole part is a place`() throws {
        #expect(try OPAPlace(parsing: "/result").pointer.steps == [])
        #expect(try OPAPlace(parsing: "/input/").pointer.steps == [""])
    }

    @Test func `a lone surrogate at a mapped place is refused by its name`() {
        let item = item([whole], #","input":{"jwt":{"sub":"a\ud800"}}"#)
        #expect(item == .rejected("input.jwt.sub must be text without lone surrogates"))
    }

    @Test func `mappings change events of Open Policy Agent alone, however they come`() throws {
        let parser = LineParser(mappings: [whole])
        let console = #","level":"info","msg":"Decision Log","type":"openpolicyagent.org/decision_logs"}"#
        let upload = parser.parse("[" + Self.event + "}]")
        #expect(upload == parser.parse(Self.event + console))
        #expect(parser.parse(nativeLine("a")) == LineParser().parse(nativeLine("a")))
        for file in Samples.files where !file.hasPrefix("opa") {
            #expect(
                try readAll(try Fixture.path(file), parser: parser) == readAll(try Fixture.path(file)),
                "\(file)")
        }
    }
}
