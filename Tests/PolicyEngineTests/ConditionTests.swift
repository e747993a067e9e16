import Decisions
import PolicyEngine
import Testing

@Suite struct ConditionTests {
    private static func request() -> AccessRequest {
        var request = AccessRequest(
            id: "d-1", time: Timestamp(seconds: 1_767_603_600), tenant: "acme",
            principal: Principal(id: "alice", roles: ["clerk", "admin"]),
            resource: Resource(kind: "invoice", id: "inv-9", scope: "eu.finance"), actions: ["read"])
        request.principalAttributes = ["limit": 500, "department": "finance", "trained": true]
        request.resourceAttributes = ["owner": "alice", "amount": 499]
        request.source = Source(ip: "10.1.2.3")
        return request
    }

    // 1767603600 is Monday 2026-01-05 09:00 UTC.
    @Test(arguments: [
        ("resource.attr.owner == principal.id", true),
        ("resource.attr.owner != principal.id", false),
        ("resource.attr.amount <= principal.attr.limit", true),
        ("resource.attr.amount > principal.attr.limit", false),
        ("resource.attr.amount >= 499 and resource.attr.amount < 500", true),
        ("hour == 9 and weekday == 1", true),
        ("hour < 9 or hour >= 20", false),
        ("not (hour < 9 or hour >= 20)", true),
        ("not not principal.attr.trained", true),
        ("principal.attr.trained and tenant == \"acme\"", true),
        ("principal.attr.department in ['sales', \"finance\"]", true),
        ("\"admin\" in principal.roles", true),
        ("\"root\" in principal.roles", false),
        ("principal.id in \"alice\"", false),
        ("resource.kind == \"invoice\" and resource.id == \"inv-9\"", true),
        ("resource.scope > \"eu.a\" and resource.scope < \"eu.z\"", true),
        ("resource.scope >= \"eu.finance\" and resource.scope <= \"eu.finance\"", true),
        ("source.ip == \"10.1.2.3\"", true),
        ("resource.attr.amount == \"499\"", false),
        ("resource.attr.amount < \"500\"", false),
        ("principal.attr.absent == 1", false),
        ("principal.attr.absent != 1", false),
        ("not principal.attr.absent == 1", true),
        ("principal.attr.limit in []", false),
        ("resource.attr.amount > -1.5 and true", true),
        ("false or false and true", false),
    ])
    func `a condition holds exactly when the request says so`(source: String, holds: Bool) throws {
        #expect(try Condition(parsing: source).holds(for: Self.request()) == holds)
    }

    @Test func `and binds tighter than or`() throws {
        let condition = try Condition(parsing: "true or false and false")
        #expect(condition.holds(for: Self.request()))
        #expect(try !Condition(parsing: "(true or false) and false").holds(for: Self.request()))
    }

    @Test(arguments: [
        ("", "the end where a name or a value"),
        ("hour ==", "the end where a name or a value"),
        ("hour == 9 9", "`and`, `or` or the end"),
        ("(hour == 9", "where `)` should be"),
        ("principal.name == 1", "`principal.name` at column 1"),
        ("hour in [1, hour]", "where a value should be"),
        ("hour in [1 2]", "where `,` or `]` should be"),
        ("tenant == \"acme", "never ends"),
        ("hour == 1.2.3", "is no number"),
        ("hour # 3", "unexpected character at column 6"),
        ("hour = 3", "`=` at column 6"),
        ("principal.attr. == 1", "`principal.attr.`"),
        ("== 1", "`==` at column 1"),
        ("hour == \"x\" \"y\"", "\"y\" at column 13"),
    ])
    func `a broken condition is refused with its place`(source: String, problem: String) throws {
        let error = #expect(throws: PolicyError.self) { try Condition(parsing: source, line: 7) }
        let text = try #require(error).description
        #expect(text.hasPrefix("policies, line 7: "))
        #expect(text.contains(problem), "\(text)")
    }

    @Test func `a condition deeper or longer than the limits is refused`() {
        let deep = String(repeating: "(", count: 40) + "true" + String(repeating: ")", count: 40)
        #expect(throws: PolicyError.self) { try Condition(parsing: deep) }
        let long = "tenant == \"" + String(repeating: "x", count: 3_000) + "\""
        #expect(throws: PolicyError.self) { try Condition(parsing: long) }
    }

    @Test func `hours and weekdays before 1970 count backwards`() throws {
        var request = Self.request()
        request.time = Timestamp(seconds: -1)  // Wednesday 1969-12-31 23:59:59
        #expect(try Condition(parsing: "hour == 23 and weekday == 3").holds(for: request))
        request.time = Timestamp(seconds: -10 * 86_400)  // Monday 1969-12-22
        #expect(try Condition(parsing: "hour == 0 and weekday == 1").holds(for: request))
    }

    @Test func `attributes keep the last value of a name and forget a removed one`() {
        var attributes: Attributes = ["a": 1, "b": true, "a": "x"]
        #expect(attributes["a"] == .text("x"))
        attributes["a"] = nil
        attributes["zero"] = nil
        #expect(attributes["a"] == nil)
        #expect(attributes["b"] == .flag(true))
        attributes["b"] = nil
        #expect(attributes.isEmpty)
    }
}
