import DecisionLogs
import Decisions
import Testing

@Suite struct VerifiedPermissionsTests {
    private static let question =
        #""principal":{"entityType":"Photo::User","entityId":"alice"},"#
        + #""action":{"actionType":"Photo::Action","actionId":"View"},"#
        + #""resource":{"entityType":"Photo::Album","entityId":"a-1"}"#

    /// A question of alice's that was allowed, with members replaced or added; a later key wins.
    private func items(_ changes: String = "") -> [ParsedItem] {
        let asked =
            #","requestParameters":{\#(Self.question),"policyStoreId":"PS1"},"#
            + #""additionalEventData":{"decision":"ALLOW"}"#
        let call = #""eventSource":"verifiedpermissions.amazonaws.com","eventName":"IsAuthorized""#
        return LineParser().parse(CloudTrailSample.record(asked + changes, of: call))
    }

    private func decision(_ changes: String = "") throws -> Decision {
        let items = items(changes)
        guard items.count == 1, case .decision(let decision) = items[0] else {
            throw DecisionError.invalid(field: changes, expected: "one decision, not \(items)")
        }
        return decision
    }

    @Test func `a decision maps to its canonical form`() throws {
        let expected =
            #"{"id":"e-1","ts":"2025-03-04T10:15:01Z","tenant":"PS1","principal":"Photo::User::alice","#
            + #""roles":["Photo::User"],"kind":"Photo::Album","rid":"a-1","actions":["View"],"#
            + #""effect":"allow","outcome":"ok","scope":"eu-west-1","policies":[],"latency_ms":null,"#
            + #""cache_hit":null,"ip":"203.0.113.9","ua":"aws-cli/2.15","attrs":{"caller":"#
            + #""arn:aws:sts::111122223333:assumed-role/App/sess"},"source":"avp"}"#
        let decision = try decision()
        #expect(decision.canonicalRecord.json == expected)
        #expect(try Decision(parsing: decision.nativeLine()) == decision)
    }

    @Test func `only ALLOW allows`() throws {
        for answer in ["DENY", "allow", "ALLOWED", "?"] {
            let decision = try decision(",\"additionalEventData\":{\"decision\":\"\(answer)\"}")
            #expect(decision.effect == .deny)
            #expect(decision.outcome == "denied")
        }
    }

    @Test func `a batch gives a decision for each result`() throws {
        let result = #"{"request":{\#(Self.question)},"decision":"#
        let items = items(
            #","eventName":"BatchIsAuthorized","requestParameters":{"policyStoreId":"PS2","requests":[]},"#
                + #""additionalEventData":{"results":[\#(result)"ALLOW"},\#(result)"DENY"}]}"#)
        let decisions = items.compactMap { if case .decision(let decision) = $0 { decision } else { nil } }
        #expect(items.count == 2)
        #expect(decisions.map(\.id) == ["e-1#0", "e-1#1"])
        #expect(decisions.map(\.effect) == [.allow, .deny])
        #expect(decisions.map(\.tenant) == ["PS2", "PS2"])
        #expect(decisions.map(\.principal.id) == ["Photo::User::alice", "Photo::User::alice"])
    }

    @Test func `a result that cannot be read is rejected alone`() {
        let result = #"{"request":{\#(Self.question)},"decision":"DENY"}"#
        let items = items(
            #","additionalEventData":{"results":[7,{"request":{\#(Self.question)}},\#(result),"#
                + #"{"request":{},"decision":"DENY"},"#
                + #"{"request":{"resource":{"entityType":"A"}},"decision":"DENY"}]}"#)
        let told = items.map { item in
            switch item {
            case .decision(let decision): decision.id
            case .skipped(let reason): reason.rawValue
            case .rejected(let reason): reason
            }
        }
        #expect(
            told == [
                "additionalEventData.results[0].decision is missing",
                "additionalEventData.results[1].decision is missing", "e-1#2",
                "additionalEventData.results[3].request.resource.entityType is missing",
                "additionalEventData.results[4].request.action.actionId is missing",
            ])
    }

    @Test func `a call with a token does not say who wanted to act`() throws {
        let parameters =
            #","eventName":"IsAuthorizedWithToken","requestParameters":{"policyStoreId":"PS1","#
            + #""identityToken":"HIDDEN_DUE_TO_SECURITY_REASONS","action":{"actionId":"View"},"#
            + #""resource":{"entityType":"Album"}}"#
        let decision = try decision(parameters)
        #expect(decision.principal == Principal(id: "?"))
        #expect(decision.resource == Resource(kind: "Album", scope: "eu-west-1"))
        #expect(decision.actions == ["View"])
    }

    @Test func `principals have their type in front`() throws {
        func principal(_ entity: String) throws -> Principal {
            try decision(
                #","requestParameters":{\#(Self.question),"principal":\#(entity)}"#
            ).principal
        }
        #expect(try principal(#"{"entityId":"bob"}"#) == Principal(id: "bob"))
        #expect(try principal(#"{"entityType":"User"}"#) == Principal(id: "?", roles: ["User"]))
        #expect(
            try principal(#"{"entityType":"User","entityId":7}"#) == Principal(id: "User::7", roles: ["User"])
        )
        #expect(try principal(#""alice""#) == Principal(id: "?"))
    }

    @Test func `a call that was refused itself is told as any other call`() throws {
        let refused = try decision(
            #","additionalEventData":null,"errorCode":"AccessDeniedException","errorMessage":"User: x is not "#
                + #"authorized to perform: verifiedpermissions:IsAuthorized""#)
        #expect(refused.source.format == "cloudtrail")
        #expect(refused.effect == .deny)
        #expect(refused.principal.id == "role/App")
        #expect(refused.tenant == "444455556666")
        #expect(refused.resource.kind == "verifiedpermissions:Authorized")
        #expect(refused.actions == ["verifiedpermissions:IsAuthorized"])
        for answer in [
            "{}", "[]", #"{"decision":null}"#, #"{"decision":7}"#, #"{"results":[]}"#, #"{"results":"x"}"#,
        ] {
            #expect(try decision(",\"additionalEventData\":" + answer).source.format == "cloudtrail")
        }
        let managing = try decision(#","eventName":"CreatePolicy","additionalEventData":{}"#)
        #expect(managing.resource.kind == "verifiedpermissions:Policy")
    }

    @Test func `what a decision cannot do without is asked for by field`() {
        #expect(items(#","eventID":null"#) == [.rejected("eventID is missing")])
        #expect(items(#","eventTime":null"#) == [.rejected("eventTime is missing")])
        #expect(
            items(#","requestParameters":"HIDDEN_DUE_TO_SECURITY_REASONS""#) == [
                .rejected("requestParameters.resource.entityType is missing")
            ])
        #expect(
            items(#","requestParameters":{\#(Self.question),"action":{}}"#) == [
                .rejected("requestParameters.action.actionId is missing")
            ])
        #expect(
            items(#","requestParameters":{"principal":{"entityId":"\ud800"}}"#) == [
                .rejected("requestParameters.principal.entityId must be text without lone surrogates")
            ])
    }

    @Test func `optional fields stay absent`() throws {
        let decision = try decision(
            #","requestParameters":{\#(Self.question)},"userIdentity":{},"awsRegion":null,"userAgent":"""#)
        #expect(decision.tenant.isEmpty)
        #expect(decision.resource.scope == nil)
        #expect(decision.source == Source(ip: "203.0.113.9", format: "avp"))
        #expect(decision.extras == ["attrs": .object(["caller": .string("")])])
    }

    @Test func `a batch beyond any that the service takes is rejected`() {
        let results = { (count: Int) in
            let elements = Array(repeating: "{}", count: count).joined(separator: ",")
            return ",\"additionalEventData\":{\"results\":[\(elements)]}"
        }
        #expect(items(results(1_000)).count == 1_000)
        #expect(
            items(results(1_001)) == [
                .rejected("additionalEventData.results must be at most 1000 results")
            ])
    }

    @Test func `values of any type do no harm`() {
        let keys = [
            "principal", "action", "resource", "policyStoreId", "decision", "results", "request", "entityId",
        ]
        let values = ["null", "true", "7", #""""#, #""x""#, "[]", "[[1]]", "{}", #"{"a":{"b":[]}}"#]
        for key in keys {
            for value in values {
                let object = "{\"\(key)\":\(value)}"
                for place in ["requestParameters", "additionalEventData"] {
                    #expect(items(",\"\(place)\":\(object)").count == 1, "\(place) \(object)")
                }
                let answers = "{\"results\":[\(object),\(value)]}"
                #expect(items(",\"additionalEventData\":" + answers).count == 2, "\(answers)")
                #expect(items(",\"additionalEventData\":{\"results\":[{\"request\":\(object)}]}").count == 1)
            }
        }
    }
}
