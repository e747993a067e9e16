import DecisionLogs
import Decisions
import Testing

@Suite struct LineParserTests {
    private func ids(_ line: String, format: DecisionLogFormat = .auto) -> [String] {
        LineParser(format: format).parse(line).map { item in
            switch item {
            case .decision(let decision): decision.id
            case .skipped(let reason): "skipped: " + reason.rawValue
            case .rejected(let reason): "rejected: " + reason
            }
        }
    }

    @Test(arguments: ["", "   ", "\t\r\n"]) func `blank lines are skipped`(line: String) {
        #expect(ids(line) == ["skipped: blank"])
    }

    @Test func `containers give their items`() {
        #expect(ids("[\(nativeLine("a")), \(nativeLine("b"))]") == ["a", "b"])
        #expect(ids("[]") == ["skipped: empty container"])
        #expect(ids(#"{"Records":[]}"#) == ["skipped: empty container"])
        #expect(ids(#"{"kind":"EventList","items":null}"#) == ["skipped: empty container"])
        #expect(ids("[1,\(nativeLine("a"))]") == ["rejected: not a JSON object", "a"])
        #expect(
            ids(#"{"kind":"EventList","items":[\#(nativeLine("a"))],"items":[\#(nativeLine("b"))]}"#) == ["b"]
        )
        #expect(
            ids("[\(nativeLine("a"))") == [
                "rejected: not valid JSON at byte 121: the text ends inside a value"
            ])
        #expect(
            ids(#"{"Records":[{"eventSource":"x"}]}"#) == ["rejected: none of the known log formats"])
    }

    @Test func `a tenant whose name is too long is rejected alone`() throws {
        func item(_ name: String) -> ParsedItem? {
            LineParser(tenantRule: TenantRule(fallback: name)).parse(nativeLine("a")).first
        }
        for name in [String(repeating: "t", count: 1_000), String(repeating: "\0", count: 333)] {
            guard case .decision(let decision)? = item(name) else {
                Issue.record("a name that is short enough was not taken")
                continue
            }
            #expect(decision.tenant == name)
        }
        for name in [String(repeating: "t", count: 1_001), String(repeating: "\0", count: 334)] {
            guard case .rejected(let reason)? = item(name) else {
                Issue.record("a name that is too long was taken")
                continue
            }
            #expect(reason.hasPrefix("its tenant's name has 100"))
        }
        let lines = "[\(nativeLine("a")), \(nativeLine("b"))]"
        let rule = TenantRule(fallback: String(repeating: "t", count: 2_000), field: "id")
        let tenants = LineParser(tenantRule: rule).parse(lines).map { item in
            if case .decision(let decision) = item { decision.tenant } else { "rejected" }
        }
        #expect(tenants == ["a", "b"])
    }

    @Test func `containers inside containers end somewhere`() {
        let nested = String(repeating: #"{"Records":["#, count: 20) + String(repeating: "]}", count: 20)
        #expect(ids(nested) == ["rejected: not a JSON object"])
    }

    @Test(arguments: [
        ("not json", "not valid JSON at byte 1: unexpected character"),
        (#"{"truncated": "#, "not valid JSON at byte 14: the text ends inside a value"),
        ("{}", "none of the known log formats"), ("7", "not a JSON object"), ("\"x\"", "not a JSON object"),
        (#"{"a":1} {"b":2}"#, "not valid JSON at byte 8: text after the value"),
        (#"{"id":"x","effect":"allow"}"#, "time is missing"), (#"{"principal":{"id":"x"}}"#, "id is missing"),
        (#"{"apiVersion":"audit.k8s.io/v1"}"#, "auditID is missing"),
        (
            #"{"apiVersion":"audit.k8s.io/v1","auditID":"a\ud800"}"#,
            "auditID must be text without lone surrogates"
        ),
        (
            #"{"apiVersion":"audit.k8s.io/v1","auditID":"a","user":{"username":"\udc00"}}"#,
            "username must be text without lone surrogates"
        ),
        (#"{"decision_id":"1","path":"a"}"#, "timestamp is missing"),
        (#"{"callId":"1","checkResources":{}}"#, "timestamp is missing"),
        (#"{"eventSource":"s3.amazonaws.com","eventName":"x"}"#, "eventID is missing"),
        (
            #"{"eventName":"IsAuthorized","eventSource":"verifiedpermissions.amazonaws.com"}"#,
            "eventID is missing"
        ),
        (#"{"grpc_service":"openfga.v1.OpenFGAService"}"#, "grpc_method is missing"),
        (
            #"{"specversion":"1.0","type":"/authzed.api.v1.PermissionsService/CheckPermission"}"#,
            "id is missing"
        ),
        (#"{"protoPayload":{}}"#, "serviceName is missing"),
    ])
    func `what is no decision is rejected with the reason`(line: String, reason: String) {
        #expect(ids(line) == ["rejected: " + reason])
    }

    @Test func `a named format is taken at its word`() {
        let event = #"{"kind":"Event","auditID":"a","verb":"get","apiVersion":"audit.k8s.io/v1"}"#
        #expect(ids(event, format: .verdict) == ["rejected: id is missing"])
        #expect(ids(nativeLine("a"), format: .kubernetes) == ["rejected: auditID is missing"])
        #expect(ids("{}", format: .kubernetes) == ["rejected: auditID is missing"])
        #expect(ids(nativeLine("a"), format: .verdict) == ["a"])
        #expect(ids("[\(nativeLine("a"))]", format: .verdict) == ["a"])
    }

    @Test func `records that lie in one log are read by either of their names`() {
        let check =
            #"{"eventSource":"verifiedpermissions.amazonaws.com","eventName":"IsAuthorized","eventID":"e-1"}"#
        for format in [DecisionLogFormat.auto, .cloudtrail, .avp] {
            #expect(ids(check, format: format) == ["rejected: eventTime is missing"])
        }
        let entry = #"{"protoPayload":{"serviceName":"container.googleapis.com"}}"#
        #expect(ids(entry) == ["rejected: serviceName must be k8s.io"])
        #expect(ids(entry, format: .kubernetes) == ["rejected: serviceName must be k8s.io"])
        #expect(ids(entry, format: .cerbos) == ["rejected: callId is missing"])
    }

    @Test func `what is no question to Verified Permissions is a record of CloudTrail`() throws {
        let line =
            #"{"eventSource":"verifiedpermissions.amazonaws.com","eventName":"CreatePolicy","eventID":"e-1","#
            + #""eventTime":"2025-03-04T10:15:02Z","userIdentity":{"type":"Root","accountId":"1"}}"#
        for format in [DecisionLogFormat.auto, .cloudtrail, .avp] {
            guard case .decision(let decision) = LineParser(format: format).parse(line)[0] else {
                Issue.record("no decision")
                return
            }
            #expect(decision.source.format == "cloudtrail")
            #expect(decision.actions == ["verifiedpermissions:CreatePolicy"])
        }
    }

    @Test func `a record of which a part cannot be stored keeps its other parts`() throws {
        let line = try #require(
            try Fixture.text("cerbos.file.jsonl").split(separator: "\n").first { $0.contains("YY999") })
        let all = LineParser(format: .cerbos).parse(String(line))
        #expect(all.count == 3)
        let long = String(repeating: "t", count: 2_000)
        let refused = String(line).replacing(#""actions": ["delete"]"#, with: #""actions": []"#)
        let items = LineParser(tenantRule: TenantRule(fallback: "acme")).parse(refused)
        try #require(items.count == 3)
        for item in items.prefix(2) {
            guard case .decision(let decision) = item else {
                Issue.record("a sound pair was rejected: \(item)")
                return
            }
            #expect(decision.tenant == "acme")
        }
        #expect(items[2] == .rejected("checkResources.inputs[1].actions is missing"))
        for item in LineParser(tenantRule: TenantRule(fallback: long)).parse(String(line)) {
            guard case .rejected(let reason) = item else {
                Issue.record("a name that is too long was taken")
                return
            }
            #expect(reason.hasPrefix("its tenant's name has 2000"))
        }
    }

    @Test func `invalid UTF-8, depth and length are rejected`() {
        var items: [ParsedItem] = []
        LineParser().parse((Array(#"{"id":""#.utf8) + [0xFF, 0x22, 0x7D]).span, into: &items)
        #expect(items == [.rejected("not valid JSON at byte 7: invalid UTF-8")])
        let deep =
            #"{"x":"# + String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
            + "}"
        #expect(ids(deep) == ["rejected: not valid JSON at byte 68: nested too deeply"])
        let short = LineParser(limits: JSONLimits(bytes: 20))
        #expect(
            short.parse(nativeLine("a")) == [.rejected("not valid JSON at byte 20: longer than the limit")])
    }

    @Test func `a tenant is filled where it is missing`() throws {
        let rule = TenantRule(fallback: "acme")
        let parser = LineParser(tenantRule: rule)
        guard case .decision(let filled) = parser.parse(nativeLine("a"))[0] else {
            Issue.record("no decision")
            return
        }
        #expect(filled.tenant == "acme")
        let own = #"{"tenant":"own","# + nativeLine("a").dropFirst()
        guard case .decision(let kept) = parser.parse(own)[0] else {
            Issue.record("no decision")
            return
        }
        #expect(kept.tenant == "own")
    }

    @Test(arguments: [
        ("kind", "k"), ("cluster", "c1"), ("meta.org.name", "globex"), ("meta.list.id", "7"),
        ("a.b/c.d", "dotted"),
        ("time", "2026-01-05T09:00:00Z"), ("number", "42"), ("nothing", "acme"), ("meta", "acme"),
        ("flag", "true"),
        ("resource.id", "acme"), ("num.ber", "1.5"),
    ])
    func `a tenant is taken from a field`(field: String, tenant: String) {
        let line =
            #"{"cluster":"c1","meta":{"org":{"name":"globex"},"list":[{"id":7},{"id":8}]},"a.b/c":{"d":"dotted"},"#
            + #""number":42,"flag":true,"num.ber":1.5,"# + nativeLine("a").dropFirst()
        let parser = LineParser(tenantRule: TenantRule(fallback: "acme", field: field))
        guard case .decision(let decision) = parser.parse(line)[0] else {
            Issue.record("no decision")
            return
        }
        #expect(decision.tenant == tenant)
    }

    @Test func `a tenant is taken from what the mapping leaves behind`() {
        let event =
            #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"Panic","verb":"get","#
            + #""requestURI":"/x","user":{"username":"u","extra":{"org":["globex"]}},"annotations":{"k8s.io/cluster":"c1"},"#
            + #""requestReceivedTimestamp":"2025-03-04T10:15:01Z"}"#
        for (field, tenant) in [("user.extra.org", "globex"), ("annotations.k8s.io/cluster", "c1")] {
            let items = LineParser(tenantRule: TenantRule(field: field)).parse(event)
            guard case .decision(let decision) = items[0] else {
                Issue.record("no decision")
                return
            }
            #expect(decision.tenant == tenant)
        }
    }

    @Test(arguments: 0..<60) func `damaged lines never yield nothing`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lines = try Samples.lines() + [nativeLine("x")]
        for _ in 0..<40 {
            var bytes = Array(lines[Int.random(in: 0..<lines.count, using: &random)].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            for format in [.auto, DecisionLogFormat.allCases.randomElement(using: &random) ?? .verdict] {
                var items: [ParsedItem] = []
                LineParser(format: format).parse(bytes.span, into: &items)
                #expect(!items.isEmpty)
            }
        }
    }

    @Test func `lines that break off anywhere never yield nothing`() throws {
        for line in try Samples.lines() {
            let bytes = Array(line.utf8)
            for length in stride(from: 1, to: bytes.count, by: 7) {
                var items: [ParsedItem] = []
                LineParser().parse(bytes.span.extracting(first: length), into: &items)
                #expect(items.count == 1)
                if case .rejected = items[0] { continue }
                Issue.record("half a line was taken: \(items)")
            }
        }
    }
}
