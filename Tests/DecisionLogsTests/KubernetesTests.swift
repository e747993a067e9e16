import DecisionLogs
import Decisions
import Testing

@Suite struct KubernetesTests {
    @Test func `the real sample maps without a reject, and its features rarely collide`() throws {
        let items = try readAll(try Fixture.path("k8s-sample.audit.jsonl.gz"))
        #expect(items.count == 500)
        #expect(items.decisions.count == 500)
        #expect(items.map(\.line) == Array(1...500))
        var pairs = 0
        var collisions = 0
        for decision in items.decisions {
            let slots = DecisionEmbedder().tokens(of: decision).map(\.slot)
            for place in slots.indices {
                pairs += place
                for earlier in 0..<place where slots[earlier] == slots[place] { collisions += 1 }
            }
        }
        #expect(pairs > 50_000)
        #expect(Double(collisions) / Double(pairs) < 0.01)
    }

    /// An event with parts replaced or added; a later key wins.
    private func parse(_ changes: String = "") -> ParsedItem {
        let event =
            #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a-1","stage":"ResponseComplete","#
            + #""requestURI":"/api/v1/namespaces/prod/pods?limit=5","verb":"list","user":{"username":"bob"},"#
            + #""requestReceivedTimestamp":"2025-03-04T10:15:01.1Z""# + changes + "}"
        return LineParser().parse(event)[0]
    }

    private func decision(_ changes: String = "") throws -> Decision {
        guard case .decision(let decision) = parse(changes) else {
            throw DecisionError.invalid(field: changes, expected: "a decision")
        }
        return decision
    }

    @Test func `the effect follows the annotation, then the code, then the stage`() throws {
        let forbid = #","annotations":{"authorization.k8s.io/decision":"forbid"}"#
        let allow = #","annotations":{"authorization.k8s.io/decision":"allow"}"#
        let cases: [(String, Effect, String)] = [
            ("", .allow, "ok"), (forbid, .deny, "denied"),
            (#","responseStatus":{"code":401}"#, .deny, "denied"),
            (#","responseStatus":{"code":403}"#, .deny, "denied"),
            (#","responseStatus":{"code":404}"#, .allow, "404"),
            (allow + #","responseStatus":{"code":403}"#, .allow, "403"),
            (#","stage":"Panic""#, .conditional, "panic"),
            (#","stage":"Panic","responseStatus":{"code":500}"#, .conditional, "500"),
            (allow + #","stage":"Panic""#, .allow, "panic"),
            (#","responseStatus":{"code":"x"}"#, .allow, "ok"), (#","responseStatus":null"#, .allow, "ok"),
            (#","annotations":{"authorization.k8s.io/decision":"maybe"}"#, .allow, "ok"),
        ]
        for (changes, effect, outcome) in cases {
            let decision = try decision(changes)
            #expect(decision.effect == effect, "\(changes)")
            #expect(decision.outcome == outcome, "\(changes)")
        }
    }

    @Test func `a request without an object is told by its path`() throws {
        let paths: [(String, String, String)] = [
            ("/healthz", "url:/healthz", "/healthz"), ("/", "url:/", "/"),
            ("/apis/apps/v1?timeout=32s", "url:/apis/apps", "/apis/apps/v1"),
            ("//a//b/c", "url:/a/b", "//a//b/c"), ("/vers\\u0000ion?x", "url:/vers\u{0}ion", "/vers\u{0}ion"),
        ]
        for (uri, kind, id) in paths {
            let resource = try decision(",\"requestURI\":\"\(uri)\"").resource
            #expect(resource == Resource(kind: kind, id: id))
        }
        #expect(parse(#","requestURI":"""#) == .rejected("requestURI is missing"))
    }

    @Test func `objects give kind, name and scope`() throws {
        let full =
            #"{"resource":"deployments","apiGroup":"apps","subresource":"scale","namespace":"prod","name":"web"}"#
        let cases: [(String, Resource)] = [
            (full, Resource(kind: "apps/deployments/scale", id: "prod/web", scope: "prod")),
            (#"{"resource":"pods","namespace":"prod"}"#, Resource(kind: "pods", id: "prod", scope: "prod")),
            (#"{"resource":"nodes","name":"n1"}"#, Resource(kind: "nodes", id: "n1")),
            (
                #"{"resource":"nodes","name":"","namespace":"","apiGroup":"","x":{"y":[1]}}"#,
                Resource(kind: "nodes")
            ),
        ]
        for (object, resource) in cases {
            #expect(try decision(",\"objectRef\":\(object)").resource == resource)
        }
    }

    @Test func `the acting identity is the impersonated one`() throws {
        let decision = try decision(#","impersonatedUser":{"username":"eve","groups":["dev"]}"#)
        #expect(decision.principal == Principal(id: "eve", roles: ["dev"]))
        #expect(decision.values(of: DecisionField("attrs.impersonator")) == [.text("bob")])
        #expect(try self.decision(#","user":{}"#).principal.id == "?")
        #expect(try self.decision(#","user":7"#).principal.id == "?")
        #expect(try self.decision(#","user":{"username":"","groups":[1,"g",null]}"#).principal.roles == ["g"])
    }

    @Test func `latency is what passed since the request came, and never negative`() throws {
        let later = #","stageTimestamp":"2025-03-04T10:15:01.104250Z""#
        #expect(try decision(later).durationNanoseconds == 4_250_000)
        #expect(try decision(#","stageTimestamp":"2025-03-04T10:15:01Z""#).durationNanoseconds == nil)
        #expect(try decision().durationNanoseconds == nil)
        #expect(try decision(#","stageTimestamp":null"#).durationNanoseconds == nil)
        let old = #","requestReceivedTimestamp":null,"timestamp":"2017-09-11T19:55:05Z""#
        #expect(try decision(old).time.description == "2017-09-11T19:55:05Z")
        #expect(
            parse(#","stageTimestamp":"soon""#) == .rejected("stageTimestamp must be an RFC 3339 time"))
        #expect(parse(#","stageTimestamp":[]"#) == .rejected("stageTimestamp must be an RFC 3339 time"))
        #expect(try decision(#","requestReceivedTimestamp":1741083312"#).time.seconds == 1_741_083_312)
    }

    @Test(arguments: [
        (
            #"RBAC: allowed by RoleBinding "web/prod" of Role "web" to ServiceAccount "web/prod""#,
            ["RoleBinding/web/prod", "Role/web"]
        ),
        (
            #"RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to Group "g""#,
            ["ClusterRoleBinding/b", "ClusterRole/r"]
        ),
        (#"RBAC: allowed by RoleBinding "b""#, ["RoleBinding/b"]),
        (#"RBAC: allowed by RoleBinding "b" of x"#, ["RoleBinding/b"]),
        ("RBAC: allowed by nothing", []), (#"RBAC: allowed by x"y"#, []), ("no rule", []), ("", []),
    ])
    func `policies come from the reason`(reason: String, policies: [String]) throws {
        let annotations = JSONValue.object([
            "authorization.k8s.io/decision": .string("allow"), "authorization.k8s.io/reason": .string(reason),
            "other": .number("1"),
        ])
        let decision = try decision(",\"annotations\":" + annotations.json)
        #expect(decision.policies == policies)
        #expect(
            decision.values(of: DecisionField("request.reason")) == (reason.isEmpty ? [] : [.text(reason)]))
    }

    @Test func `events that lack what identifies them are rejected by field`() {
        #expect(parse(#","auditID":null"#) == .rejected("auditID is missing"))
        #expect(parse(#","stage":7"#) == .rejected("stage is missing"))
        #expect(parse(#","verb":"""#) == .rejected("verb is missing"))
        #expect(
            parse(#","requestReceivedTimestamp":null"#) == .rejected("requestReceivedTimestamp is missing"))
        #expect(
            parse(#","stage":"Later""#)
                == .rejected("stage must be ResponseStarted, ResponseComplete or Panic"))
        #expect(parse(#","stage":"RequestReceived""#) == .skipped(.notADecision))
    }

    @Test func `addresses, agents and bodies of any type do no harm`() throws {
        let odd =
            #","sourceIPs":["10.0.0.5","10.0.0.1",{}],"userAgent":"curl","requestObject":{"data":{"k":"secret"}}"#
        let decision = try decision(odd)
        #expect(decision.source == Source(ip: "10.0.0.5", agent: "curl", format: "kubernetes"))
        #expect(!decision.nativeLine().contains("secret"))
        let none = try self.decision(
            #","sourceIPs":"x","userAgent":{},"objectRef":[],"annotations":3,"level":"Odd""#)
        #expect(none.source == Source(format: "kubernetes"))
    }

    @Test func `stages of one event merge after any of them`() throws {
        let started = try decision(#","stage":"ResponseStarted""#)
        let complete = try decision(#","stage":"ResponseComplete","responseStatus":{"code":200}"#)
        #expect(complete.relation(toStored: started) == .laterStage)
        #expect(started.relation(toStored: complete) == .duplicate)
        let other = try decision(#","requestURI":"/api/v1/namespaces/prod/pods?limit=6""#)
        #expect(other.relation(toStored: complete) == .conflict)
        let forbidden = try decision(#","annotations":{"authorization.k8s.io/decision":"forbid"}"#)
        #expect(forbidden.relation(toStored: complete) == .conflict)
    }

    @Test func `every event survives its native line`() throws {
        for decision in try readAll(try Fixture.path("k8s-sample.audit.jsonl.gz")).decisions {
            #expect(try Decision(parsing: decision.nativeLine()) == decision)
            #expect(LineParser().parse(decision.nativeLine()) == [.decision(decision)])
        }
    }
}
