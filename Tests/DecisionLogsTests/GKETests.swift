import DecisionLogs
import Decisions
import Testing

@Suite struct GKETests {
    /// An entry with parts of its payload and of itself replaced or added; a later key wins.
    private func parse(_ payload: String = "", _ changes: String = "") -> ParsedItem {
        let entry =
            #"{"insertId":"i-1","timestamp":"2025-03-04T10:15:02.127266Z","#
            + #""resource":{"type":"k8s_cluster","labels":{"project_id":"p1","cluster_name":"c1"}},"#
            + #""protoPayload":{"serviceName":"k8s.io","methodName":"io.k8s.core.v1.pods.exec.create","#
            + #""resourceName":"core/v1/namespaces/prod/pods/web-1/exec","#
            + #""authenticationInfo":{"principalEmail":"dev@example.com"}"# + payload + "}" + changes + "}"
        return LineParser().parse(entry)[0]
    }

    private func decision(_ payload: String = "", _ changes: String = "") throws -> Decision {
        guard case .decision(let decision) = parse(payload, changes) else {
            throw DecisionError.invalid(field: payload + changes, expected: "a decision")
        }
        return decision
    }

    @Test func `the effect follows the label, then the permissions, then the status`() throws {
        let forbid = #","labels":{"authorization.k8s.io/decision":"forbid"}"#
        let allow = #","labels":{"authorization.k8s.io/decision":"allow"}"#
        let cases: [(String, String, Effect, String)] = [
            ("", "", .allow, "ok"), ("", forbid, .deny, "denied"),
            (#","status":{"code":7}"#, allow, .allow, "7"),
            (#","authorizationInfo":[{"granted":true}]"#, forbid, .deny, "denied"),
            (#","authorizationInfo":[{"granted":true},{"permission":"x"}]"#, "", .deny, "denied"),
            (#","authorizationInfo":[{"granted":false},{"granted":true}]"#, "", .deny, "denied"),
            (#","authorizationInfo":[{"granted":true}],"status":{"code":5}"#, "", .allow, "5"),
            (#","authorizationInfo":[{"granted":"true"}]"#, "", .deny, "denied"),
            (#","authorizationInfo":[],"status":{"code":7}"#, "", .deny, "denied"),
            (#","status":{"code":7}"#, "", .deny, "denied"), (#","status":{"code":0}"#, "", .allow, "ok"),
            (#","status":{"code":"7"}"#, "", .allow, "ok"), (#","status":null"#, "", .allow, "ok"),
        ]
        for (payload, changes, effect, outcome) in cases {
            let decision = try decision(payload, changes)
            #expect(decision.effect == effect, "\(payload) \(changes)")
            #expect(decision.outcome == outcome, "\(payload) \(changes)")
        }
    }

    @Test func `names of resources give kind, name and scope`() throws {
        let cases: [(String, Resource)] = [
            (
                "core/v1/namespaces/prod/pods/web-1/exec",
                Resource(kind: "pods/exec", id: "prod/web-1", scope: "prod")
            ), ("core/v1/namespaces/prod/pods", Resource(kind: "pods", id: "prod", scope: "prod")),
            ("core/v1/namespaces/prod", Resource(kind: "namespaces", id: "prod")),
            ("core/v1/namespaces/prod/finalize", Resource(kind: "namespaces/finalize", id: "prod")),
            ("core/v1/nodes", Resource(kind: "nodes")),
            (
                "apps/v1/namespaces/prod/deployments/web/scale",
                Resource(kind: "apps/deployments/scale", id: "prod/web", scope: "prod")
            ),
            (
                "rbac.authorization.k8s.io/v1/clusterroles/edit",
                Resource(kind: "rbac.authorization.k8s.io/clusterroles", id: "edit")
            ),
            (
                "core/v1/namespaces/x/services/y/proxy/a/b/c",
                Resource(kind: "services/proxy", id: "x/y", scope: "x")
            ), ("healthz", Resource(kind: "url:/healthz", id: "/healthz")),
            ("apis/batch", Resource(kind: "url:/apis/batch", id: "/apis/batch")),
        ]
        for (name, resource) in cases {
            #expect(try decision(",\"resourceName\":\"\(name)\"").resource == resource, "\(name)")
        }
    }

    @Test func `who asked, for what and from where`() throws {
        let decision = try decision(
            #","requestMetadata":{"callerIp":"203.0.113.9","callerSuppliedUserAgent":"kubectl/v1.29"}"#)
        #expect(decision.tenant == "p1")
        #expect(decision.principal == Principal(id: "dev@example.com"))
        #expect(decision.actions == ["create"])
        #expect(decision.source == Source(ip: "203.0.113.9", agent: "kubectl/v1.29", format: "gke"))
        #expect(decision.values(of: DecisionField("attrs.cluster")) == [.text("c1")])
        #expect(try self.decision(#","authenticationInfo":{}"#).principal.id == "?")
        #expect(try self.decision(#","methodName":"get""#).actions == ["get"])
        #expect(try self.decision("", #","resource":{"type":"k8s_cluster"}"#).tenant == "")
        let secret = try self.decision(#","request":{"data":{"k":"secret"}},"response":{"k":"secret"}"#)
        #expect(!secret.nativeLine().contains("secret"))
    }

    @Test func `entries that lack what identifies them are rejected by field`() {
        #expect(parse("", #","insertId":null"#) == .rejected("insertId is missing"))
        #expect(parse("", #","timestamp":null"#) == .rejected("timestamp is missing"))
        #expect(parse("", #","timestamp":"soon""#) == .rejected("timestamp must be an RFC 3339 time"))
        #expect(parse(#","methodName":"""#) == .rejected("methodName is missing"))
        #expect(parse(#","resourceName":"//""#) == .rejected("resourceName is missing"))
        #expect(
            parse(#","serviceName":"container.googleapis.com""#) == .rejected("serviceName must be k8s.io"))
        #expect(
            parse(#","authenticationInfo":{"principalEmail":"\ud800"}"#)
                == .rejected("authenticationInfo.principalEmail must be text without lone surrogates"))
    }
}
