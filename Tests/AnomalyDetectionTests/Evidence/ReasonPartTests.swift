import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct ReasonPartTests {
    static func incident(_ change: (inout Decision) -> Void = { _ in }) -> Incident {
        var traffic = Traffic(seed: 1)
        var decision = traffic.make("svc-deploy", "get", "secrets", id: "db")
        decision.resource.scope = "prod"
        decision.source.ip = "203.0.113.7"
        change(&decision)
        let evidence = Evidence(
            decision: decision,
            channels: ScoredDecision.Channels(distance: 0.99, rarity: 0.99, firstSeen: 0.99))
        return Incident(
            id: "K7F2",
            key: Incident.Key(
                tenant: decision.tenant, principal: decision.principal.id, kind: decision.resource.kind,
                effect: decision.effect), severity: .high, time: decision.time, score: 0.99, why: [],
            member: decision.id, evidence: evidence)
    }

    /// The values found in a reason, as queries name them; the parts must be the reason.
    static func values(_ reason: String, of incident: Incident = ReasonPartTests.incident()) -> [String] {
        let parts = ReasonValues(incident).parts(ofReason: reason)
        #expect(parts.map(\.text).joined() == reason)
        return parts.compactMap { part in part.value.map { "\($0.field.rawValue):\($0.text)" } }
    }

    @Test(
        arguments: [
            (
                "svc-deploy: 1,214 past decisions, none on secrets",
                ["principal:svc-deploy", "kind:secrets"]
            ),
            (
                "svc-deploy: also none of get, 2 in scope prod, 1 with effect allow",
                ["principal:svc-deploy", "action:get", "scope:prod", "effect:allow"]
            ),
            (
                "first get on secrets with effect allow for svc-deploy",
                ["action:get", "kind:secrets", "effect:allow", "principal:svc-deploy"]
            ),
            (
                "first time this action on this kind in the tenant: get on secrets",
                ["action:get", "kind:secrets"]
            ),
            ("secrets: never seen in acme", ["kind:secrets", "tenant:acme"]),
            ("get: never seen in acme", ["action:get", "tenant:acme"]),
            (
                "secrets in acme: 3 principals ever, last new one 41 days ago",
                ["kind:secrets", "tenant:acme"]
            ),
            ("source 203.0.113.7: never seen", ["ip:203.0.113.7"]),
            ("svc-deploy: first time from 203.0.113.7", ["principal:svc-deploy", "ip:203.0.113.7"]),
            ("svc-deploy: never active at 7 h UTC", ["principal:svc-deploy"]),
            ("distance higher than 99.4 % of the past", []), ("new principal: 7 past decisions", []),
            ("nearest past decision cos .46", []), ("", []),
        ] as [(String, [String])])
    func `a reason's values are found where it puts them`(reason: String, expected: [String]) {
        #expect(Self.values(reason) == expected)
    }

    @Test func `every reason that is made of a decision names its values`() {
        var decision = Self.incident().evidence.decision
        decision.actions = ["get"]
        var prior = ReasonsTests.usual
        prior.principal = 5_000
        prior.principalKind = 1
        prior.action.principalAction = 0
        prior.address = 0
        let words = ReasonsTests.words(prior, decision)
        #expect(words.contains { $0.contains("5,000 past decisions") })
        let found = Set(words.flatMap { Self.values($0) })
        #expect(found.isSuperset(of: ["principal:svc-deploy", "kind:secrets", "action:get"]))
        #expect(found.contains("ip:203.0.113.7"))
    }

    @Test func `a name that is also a word of the sentence is found in its own place alone`() {
        let incident = Self.incident {
            $0.principal.id = "on"
            $0.resource.kind = "past"
            $0.actions = ["none"]
        }
        #expect(
            Self.values("on: 7 past decisions, none on past, none of none", of: incident)
                == ["principal:on", "kind:past", "action:none"])
        let longer = Self.incident { $0.resource.kind = "secret" }
        #expect(Self.values("svc-deploy: 7 past decisions, none on secrets", of: longer).count == 1)
    }

    @Test func `of a name that was cut the whole is the value`() {
        let name = String(repeating: "n", count: 300)
        let incident = Self.incident { $0.principal.id = name }
        #expect(
            Self.values("\(Reasons.short(name)): never active at 7 h UTC", of: incident)
                == ["principal:\(name)"])
    }

    @Test func `of no decision there are no values, and without a tenant the log is all of it`() {
        var decision = Self.incident().evidence.decision
        decision.tenant = ""
        let whole = Self.incident { $0.tenant = "" }
        #expect(Self.values("secrets: never seen in the log", of: whole) == ["kind:secrets", "tenant:"])
        var signal = Self.incident()
        signal.signal = Signal.Standing(kind: .missedDrill, raised: decision.time)
        #expect(Self.values("svc-deploy: 7 past decisions, none on secrets", of: signal).isEmpty)
    }

    @Test func `every token in words has the values that queries know, whatever is in them`() {
        let incident = Self.incident {
            $0.principal.id = "a × b"
            $0.actions = ["Get"]
            $0.principal.roles = ["admin"]
            $0.policies = ["p-1"]
        }
        let values = ReasonValues(incident)
        var found: Set<String> = []
        for token in DecisionEmbedder().tokens(of: incident.evidence.decision) {
            let parts = values.parts(ofToken: token.words)
            #expect(parts.map(\.text).joined() == token.words)
            for case let value? in parts.map(\.value) {
                found.insert("\(value.field.rawValue):\(value.text)")
            }
        }
        #expect(
            found == [
                "principal:a × b", "kind:secrets", "action:Get", "resource:db", "scope:prod", "tenant:acme",
                "ip:203.0.113.7", "effect:allow", "role:admin", "policy:p-1",
            ])
        let pair = values.parts(ofToken: "principal × kind = a × b × secrets")
        #expect(pair.compactMap(\.value?.text) == ["a × b", "secrets"])
        #expect(values.parts(ofToken: "no token").compactMap(\.value).isEmpty)
    }
}
