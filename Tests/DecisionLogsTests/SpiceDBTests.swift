import DecisionLogs
import Decisions
import Testing

@Suite struct SpiceDBTests {
    private static let request =
        #""resource":{"objectType":"document","objectId":"firstdoc"},"permission":"read","#
        + #""subject":{"object":{"objectType":"user","objectId":"tom"}}"#
    private static let response = #""response":{"permissionship":"PERMISSIONSHIP_HAS_PERMISSION"}"#

    /// An event about a call, with parts of itself replaced or added; a later key wins.
    private func parse(
        _ request: String = request, response: String = response, _ changes: String = ""
    ) -> ParsedItem {
        let event =
            #"{"specversion":"1.0","id":"e-1","source":"/ps/dev/1","time":"2025-03-04T10:15:11.783093248Z","#
            + #""type":"/authzed.api.v1.PermissionsService/CheckPermission","data":{"request":{"# + request
            + "},\(response)}\(changes)}"
        return LineParser().parse(event)[0]
    }

    private func decision(
        _ request: String = request, response: String = response, _ changes: String = ""
    ) throws -> Decision {
        guard case .decision(let decision) = parse(request, response: response, changes) else {
            throw DecisionError.invalid(field: request + response, expected: "a decision")
        }
        return decision
    }

    @Test(arguments: [
        ("HAS_PERMISSION", Effect.allow, "ok"), ("CONDITIONAL_PERMISSION", .conditional, "ok"),
        ("NO_PERMISSION", .deny, "denied"), ("UNSPECIFIED", .deny, "denied"),
    ])
    func `the effect is the permissionship`(answer: String, effect: Effect, outcome: String) throws {
        let decision = try decision(
            response: "\"response\":{\"permissionship\":\"PERMISSIONSHIP_\(answer)\"}")
        #expect(decision.effect == effect)
        #expect(decision.outcome == outcome)
    }

    @Test func `a call tells who asks for what`() throws {
        let metadata = #","metadata":{"token_hash":"c3ab8ff1","user-agent":"grpc-go/1.58.3","x":{"y":1}}"#
        let decision = try decision(response: Self.response + metadata)
        #expect(decision.id == "e-1" && decision.tenant == "/ps/dev/1")
        #expect(decision.time.description == "2025-03-04T10:15:11.783093248Z")
        #expect(decision.principal == Principal(id: "user:tom"))
        #expect(decision.resource == Resource(kind: "document", id: "firstdoc"))
        #expect(decision.actions == ["read"])
        #expect(decision.source == Source(agent: "grpc-go/1.58.3", format: "spicedb"))
        #expect(decision.extras == ["attrs": .object(["token_hash": .string("c3ab8ff1")])])
        #expect(try self.decision().extras.isEmpty)
    }

    @Test func `those related to an object are told with the relation`() throws {
        let group =
            #","subject":{"object":{"objectType":"group","objectId":"eng"},"optionalRelation":"member"}"#
        #expect(try decision(Self.request + group).principal.id == "group:eng#member")
        let nobody = #","subject":{"object":{"objectType":"user","objectId":"*"},"optionalRelation":""}"#
        #expect(try decision(Self.request + nobody).principal.id == "user:*")
    }

    @Test func `both layouts of the documentation are read`() throws {
        let metadata = #","metadata":{"token_hash":"c3ab8ff1","user-agent":"grpc-go/1.58.3"}"#
        let nested =
            #""resource":{"objectType":"document","objectId":"firstdoc","permission":"read"},"#
            + #""subject":{"object":{"objectType":"user","objectId":"tom"}},"# + Self.response + metadata
        let beside = try decision(response: Self.response + metadata)
        #expect(try decision(nested, response: #""x":1"#) == beside)
        #expect(beside.source.agent == "grpc-go/1.58.3")
    }

    @Test func `only checks are decisions`() {
        for type in ["PermissionsService/LookupResources", "PermissionsService/WriteRelationships"] {
            #expect(
                parse(changes: ",\"type\":\"/authzed.api.v1.\(type)\"") == .skipped(.notADecision))
        }
    }

    private func parse(changes: String) -> ParsedItem {
        parse(Self.request, response: Self.response, changes)
    }

    @Test func `events that lack what identifies them are rejected by field`() {
        #expect(parse(changes: #","id":null"#) == .rejected("id is missing"))
        #expect(parse(changes: #","time":null"#) == .rejected("time is missing"))
        #expect(parse(changes: #","data":null"#) == .rejected("resource.objectType is missing"))
        #expect(parse(response: #""metadata":{}"#) == .rejected("permissionship is missing"))
        #expect(parse(Self.request + #","permission":"""#) == .rejected("permission is missing"))
        #expect(
            parse(Self.request + #","subject":{"object":{"objectId":"x"}}"#)
                == .rejected("subject.object.objectType is missing"))
        #expect(
            parse(Self.request + #","subject":{"object":{"objectType":"user"}}"#)
                == .rejected("subject.object.objectId is missing"))
        #expect(
            parse(Self.request + #","permission":"re\udfffad""#)
                == .rejected("permission must be text without lone surrogates"))
    }
}
