import Decisions
import Testing

@testable import AnomalyDetection

@Suite struct SuppressionFieldsTests {
    private func facts(_ actions: [String] = ["get"], effect: Effect = .allow) -> DecisionFacts {
        var decision = Decision(
            id: "d", time: Timestamp(seconds: 1_767_600_000), tenant: "acme",
            principal: Principal(id: "svc-deploy", roles: []),
            resource: Resource(kind: "secrets", id: "db", scope: "eu"), actions: actions, effect: effect)
        decision.policies = ["base", "deploy"]
        decision.source.ip = "10.0.0.9"
        return DecisionFacts(decision)
    }

    @Test(arguments: [
        ("principal=svc-deploy,kind=secrets", true), ("principal=svc-Deploy", false),
        ("action=get", true), ("action=list", false), ("resource=db,scope=eu", true), ("scope=us", false),
        ("policy=deploy", true), ("policy=other", false), ("ip=10.0.0.9,effect=allow", true),
        ("ip=10.0.0.9,effect=deny", false), (#"principal = svc-deploy , kind = "secrets""#, true),
        ("tenant=globex,kind=secrets", false),
    ])
    func `every field must be exactly so`(_ text: String, _ isHidden: Bool) throws {
        #expect(try SuppressionFields(parsing: text).matches(facts()) == isHidden)
    }

    @Test func `an action hides no decision that does something else as well`() throws {
        let fields = try SuppressionFields(parsing: "action=get")
        #expect(fields.matches(facts(["get", "get"])))
        #expect(!fields.matches(facts(["get", "delete"])))
        let many = Array(repeating: "get", count: 2 * DecisionFacts.maximumElements)
        #expect(fields.matches(facts(many)) && !fields.matches(facts(many + ["delete"])))
        #expect(!fields.matches(facts([])))
    }

    @Test func `what a decision does not say is never asked for with success`() throws {
        var decision = Decision(
            id: "d", time: Timestamp(seconds: 1), tenant: "", principal: Principal(id: "a", roles: []),
            resource: Resource(kind: "k", id: nil, scope: nil), actions: ["x"], effect: .deny)
        decision.source.ip = nil
        for text in ["resource=", "scope=", "ip=", "policy="] {
            #expect(!(try SuppressionFields(parsing: text)).matches(DecisionFacts(decision)), "\(text)")
        }
        #expect(try SuppressionFields(parsing: "tenant=,kind=k").matches(DecisionFacts(decision)))
    }

    @Test func `a name of ten kilobytes is asked for by all of it`() throws {
        let long = String(repeating: "p", count: 10_000)
        var decision = Decision(
            id: "d", time: Timestamp(seconds: 1), tenant: "acme",
            principal: Principal(id: long + "1", roles: []),
            resource: Resource(kind: "k", id: nil, scope: nil), actions: ["x"], effect: .deny)
        var fields = SuppressionFields()
        fields[.principal] = long + "1"
        #expect(fields.matches(DecisionFacts(decision)))
        #expect((fields[.principal]?.utf8.count ?? .max) <= DecisionFacts.maximumNameBytes)
        decision.principal.id = long + "2"
        #expect(!fields.matches(DecisionFacts(decision)))
    }

    @Test(arguments: [
        "principal=svc-deploy,action=get", #"principal="a,b=\"c\" \\",kind=secrets"#, #"tenant="",kind=k"#,
        #"kind="two words""#,
    ])
    func `what is printed is read again`(_ text: String) throws {
        let fields = try SuppressionFields(parsing: text)
        #expect(fields.description == text)
        #expect(try SuppressionFields(parsing: fields.description) == fields)
        #expect(try SuppressionFields(json: fields.json) == fields)
    }

    @Test(arguments: [
        ("", "no = after"), ("principal", "no = after"), ("who=a", "knows no field 'who'"),
        ("kind=a,kind=b", "names kind twice"), ("effect=maybe", "allow, deny or conditional"),
        (#"kind="a"#, "not closed"), (#"kind="a"b"#, "no comma"),
    ])
    func `what cannot be read says why`(_ text: String, _ reason: String) {
        let error = #expect(throws: IncidentError.self) { try SuppressionFields(parsing: text) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func `tenant and effect alone are no rule`() throws {
        #expect(!(try SuppressionFields(parsing: "tenant=acme,effect=deny")).isNarrow)
        #expect(try SuppressionFields(parsing: "tenant=acme,kind=secrets").isNarrow)
        #expect(throws: IncidentError.self) {
            try SuppressionFields(json: .object(["tenant": .string("acme")]))
        }
        #expect(throws: IncidentError.self) {
            try SuppressionFields(json: .object(["kind": .string("k"), "later": .string("x")]))
        }
    }

    @Test(arguments: [
        ("14d", 14 * 86_400), ("36h", 36 * 3_600), (" 1 h", 3_600), ("90d", 90 * 86_400),
    ])
    func `a duration is read`(_ text: String, _ seconds: Int64) {
        #expect(SuppressionDraft.seconds(text) == seconds)
    }

    @Test(arguments: ["", "14", "59m", "91d", "-2d", "soon"])
    func `a duration out of bounds is none`(_ text: String) {
        #expect(SuppressionDraft.seconds(text) == nil)
    }

    @Test(arguments: ["", "   ", "\t\n"])
    func `what would hide something critical needs words`(_ reason: String) throws {
        var preview = SuppressionPreview()
        let draft = SuppressionDraft(fields: try SuppressionFields(parsing: "kind=k"), reason: reason)
        #expect(draft.problem(hiding: preview) == nil)
        preview.critical = 2
        #expect(draft.problem(hiding: preview)?.contains("a reason is missing") == true)
        preview.critical = 0
        preview.truePositives = ["K7F2"]
        #expect(draft.problem(hiding: preview)?.contains("K7F2, a true positive") == true)
        var told = draft
        told.reason = "migration"
        #expect(told.problem(hiding: preview) == nil)
        told.reason = String(repeating: "x", count: 501)
        #expect(told.problem(hiding: preview)?.contains("500") == true)
    }
}
