import Decisions
import Testing

@Suite struct DecisionFieldTests {
    private func values(_ name: String, in line: String = DecisionTests.line) throws -> [FieldValue] {
        try Decision(parsing: line).values(of: DecisionField(name))
    }

    @Test func `every named field gives its value`() throws {
        let expected: [(String, [FieldValue])] = [
            ("id", [.text("d-1")]), ("tenant", [.text("acme")]), ("principal", [.text("alice")]),
            ("role", [.text("clerk")]), ("kind", [.text("invoice")]), ("resource", [.text("inv-9")]),
            ("scope", [.text("eu.finance")]), ("action", [.text("read")]), ("effect", [.text("allow")]),
            ("policy", [.text("invoice-base")]), ("duration_us", [.number(310)]),
            ("cache_hit", [.text("false")]), ("ip", [.text("10.1.2.3")]), ("agent", [.text("web/4.2")]),
            ("outcome", [.text("ok")]), ("source.format", [.text("verdict")]),
            ("source.ip", [.text("10.1.2.3")]),
        ]
        for (name, value) in expected { #expect(try values(name) == value, "\(name)") }
        #expect(try values("time") == [.time(try #require(Timestamp("2026-01-05T09:00:00.120Z")))])
    }

    @Test func `absent fields give nothing`() throws {
        for name in [
            "role", "resource", "scope", "policy", "duration_us", "cache_hit", "ip", "agent", "outcome",
        ] {
            #expect(try values(name, in: DecisionTests.least).isEmpty, "\(name)")
        }
        #expect(try values("no.such.key").isEmpty)
    }

    @Test func `dotted paths reach into metadata, arrays and keys that hold dots`() throws {
        let line =
            String(DecisionTests.least.dropLast())
            + #","a":{"b":[{"c":1},{"c":"two"},{"c":true}],"x.y/z":{"q":"deep"},"n":null},"principal":{"id":"p","dept":"d"}}"#
        #expect(try values("a.b.c", in: line) == [.number(1), .text("two"), .text("true")])
        #expect(try values("a.x.y/z.q", in: line) == [.text("deep")])
        #expect(try values("a.n", in: line).isEmpty)
        #expect(try values("a", in: line).isEmpty)
        #expect(try values("principal.dept", in: line) == [.text("d")])
    }

    @Test func `names and fields correspond`() {
        for entry in DecisionField.named {
            #expect(DecisionField(entry.name) == entry.field)
            #expect(entry.field.name == entry.name)
        }
        #expect(DecisionField("principal.id") == .principal)
        #expect(DecisionField("a.b").name == "a.b")
    }
}

@Suite struct IdentityRelationTests {
    private func event(stage: String, code: Int = 200, uri: String = "/api") throws -> Decision {
        try Decision(
            parsing:
                #"{"id":"x","time":"2026-01-05T09:00:00Z","principal":{"id":"p"},"resource":{"kind":"k"},"#
                + #""actions":["a"],"effect":"allow","source":{"format":"kubernetes"},"#
                + #""attrs":{"stage":"\#(stage)","code":\#(code)},"request":{"uri":"\#(uri)"}}"#)
    }

    @Test func `a later stage merges, the same or an earlier one is a duplicate`() throws {
        let started = try event(stage: "ResponseStarted")
        let complete = try event(stage: "ResponseComplete", code: 500)
        let panic = try event(stage: "Panic")
        #expect(complete.relation(toStored: started) == .laterStage)
        #expect(panic.relation(toStored: complete) == .laterStage)
        #expect(complete.relation(toStored: complete) == .duplicate)
        #expect(started.relation(toStored: panic) == .duplicate)
    }

    @Test func `stages of different requests are in conflict`() throws {
        let started = try event(stage: "ResponseStarted")
        #expect(try event(stage: "ResponseComplete", uri: "/other").relation(toStored: started) == .conflict)
        var other = try event(stage: "ResponseComplete")
        other.principal.id = "q"
        #expect(other.relation(toStored: started) == .conflict)
    }

    @Test func `a later stage changes no answer that the authorizer annotated`() throws {
        var denied = try event(stage: "ResponseComplete", code: 403)
        denied.effect = .deny
        denied.extras["request"] = .object(["authorization": .string("forbid")])
        var forged = denied
        forged.extras["attrs"] = .object(["stage": .string("Panic")])
        #expect(forged.relation(toStored: denied) == .laterStage)
        forged.effect = .allow
        #expect(forged.relation(toStored: denied) == .conflict)
        forged.effect = .deny
        forged.policies = ["forged"]
        #expect(forged.relation(toStored: denied) == .conflict)
    }

    @Test func `an answer read from the status code follows the stage`() throws {
        let started = try event(stage: "ResponseStarted")
        var complete = try event(stage: "ResponseComplete", code: 403)
        complete.effect = .deny
        #expect(complete.relation(toStored: started) == .laterStage)
        #expect(complete.event == started.event)
    }

    @Test func `decisions without stages are the same or in conflict`() throws {
        let one = try Decision(parsing: DecisionTests.line)
        var other = one
        #expect(other.relation(toStored: one) == .duplicate)
        other.effect = .deny
        #expect(other.relation(toStored: one) == .conflict)
        #expect(try event(stage: "Panic").relation(toStored: one) == .conflict)
        #expect(try event(stage: "Unheard").stageRank == nil)
        #expect(one.event == one)
    }
}
