import DecisionLogs
import Decisions
import Testing

@Suite struct OpenFGATests {
    /// A line with parts replaced or added; a later key wins.
    private func parse(_ changes: String = "") -> ParsedItem {
        let line =
            #"{"level":"info","ts":1741083312.25,"msg":"grpc_req_complete","#
            + #""grpc_service":"openfga.v1.OpenFGAService","grpc_method":"Check","request_id":"r-1","#
            + #""raw_request":{"store_id":"s-1","authorization_model_id":"m-1","tuple_key":"#
            + #"{"user":"user:anne","relation":"can_edit","object":"document:roadmap"}},"#
            + #""raw_response":{"allowed":true}"# + changes + "}"
        return LineParser().parse(line)[0]
    }

    private func decision(_ changes: String = "") throws -> Decision {
        guard case .decision(let decision) = parse(changes) else {
            throw DecisionError.invalid(field: changes, expected: "a decision")
        }
        return decision
    }

    private func decision(user: String, object: String) -> ParsedItem {
        let key = JSONValue.object([
            "user": .string(user), "relation": .string("r"), "object": .string(object),
        ])
        return parse(",\"raw_request\":{\"tuple_key\":\(key.json)}")
    }

    @Test func `the effect is the answer, and a check that failed is no yes`() throws {
        let cases: [(String, Effect, String)] = [
            ("", .allow, "ok"), (#","raw_response":{"allowed":false}"#, .deny, "denied"),
            (#","raw_response":null,"grpc_code":2000"#, .deny, "error"),
            (
                #","raw_response":{"code":"validation_error","message":"m"},"grpc_code":2000"#, .deny,
                "error"
            ), (#","grpc_code":0"#, .allow, "ok"),
        ]
        for (changes, effect, outcome) in cases {
            let decision = try decision(changes)
            #expect(decision.effect == effect, "\(changes)")
            #expect(decision.outcome == outcome, "\(changes)")
        }
        for changes in [
            #","raw_response":null"#, #","raw_response":{"allowed":"yes"}"#,
            #","raw_response":{},"grpc_code":0"#,
        ] { #expect(parse(changes) == .rejected("raw_response.allowed is missing")) }
    }

    @Test func `users and objects are told by type and name`() throws {
        let cases: [(String, String, Principal, Resource)] = [
            (
                "group:eng#member", "document:a:b", Principal(id: "group:eng#member", roles: ["group"]),
                Resource(kind: "document", id: "a:b")
            ), ("anne", "document:", Principal(id: "anne"), Resource(kind: "document")),
            (":x", "d:1", Principal(id: ":x"), Resource(kind: "d", id: "1")),
        ]
        for (user, object, principal, resource) in cases {
            guard case .decision(let decision) = decision(user: user, object: object) else {
                Issue.record("no decision for \(user) and \(object)")
                continue
            }
            #expect(decision.principal == principal)
            #expect(decision.resource == resource)
        }
        for object in ["roadmap", ":roadmap"] {
            #expect(
                decision(user: "user:anne", object: object)
                    == .rejected("tuple_key.object must be a type and a name with a colon between them"))
        }
    }

    @Test func `store and model are those of the request, else those of the line`() throws {
        let line = #","store_id":"s-2","authorization_model_id":"m-2""#
        let own = try decision(line)
        #expect((own.tenant, own.policies) == ("s-1", ["m-1"]))
        let key = #","raw_request":{"tuple_key":{"user":"u:1","relation":"r","object":"o:1"}}"#
        let filled = try decision(line + key)
        #expect((filled.tenant, filled.policies) == ("s-2", ["m-2"]))
        let none = try decision(key)
        #expect((none.tenant, none.policies) == ("", []))
    }

    @Test(arguments: [
        (#""3""#, 3_000_000), ("3", 3_000_000), (#""0.25""#, 250_000), ("-1", nil), (#""x""#, nil),
        ("1e99", nil), ("null", nil), ("[]", nil), (#""1e400000""#, nil),
    ])
    func `durations are milliseconds, as text or as a number`(written: String, nanoseconds: Int64?) throws {
        #expect(try decision(",\"query_duration_ms\":\(written)").durationNanoseconds == nanoseconds)
    }

    @Test func `times are seconds or text, by any of their names`() throws {
        #expect(try decision().time.description == "2025-03-04T10:15:12.250000Z")
        for (written, time) in [
            (#""ts":"2025-03-04T10:15:12.250Z""#, "2025-03-04T10:15:12.250Z"),
            (#""timestamp":1741083312"#, "2025-03-04T10:15:12.000000Z"),
            (#""ts":null,"timestamp":"2025-03-04T12:15:12.250+0200""#, "2025-03-04T10:15:12.250Z"),
            (#""ts":null,"time":"2025-03-04T10:15:12-01:00""#, "2025-03-04T11:15:12Z"),
        ] { #expect(try decision("," + written).time.description == time) }
        for written in [#""soon""#, #""""#, #""é""#, #""2025-03-04T10:15:12+02""#, "[]"] {
            #expect(parse(",\"timestamp\":" + written) == .rejected("timestamp must be an RFC 3339 time"))
        }
        let line =
            #"{"grpc_service":"openfga.v1.OpenFGAService","grpc_method":"Check","request_id":"r-1"}"#
        #expect(LineParser().parse(line) == [.rejected("timestamp is missing")])
    }

    @Test func `only checks are decisions`() throws {
        for method in ["ListObjects", "BatchCheck", "Write", "ReadAuthorizationModel"] {
            #expect(parse(",\"grpc_method\":\"\(method)\"") == .skipped(.notADecision))
        }
        #expect(parse(#","grpc_method":null"#) == .rejected("grpc_method is missing"))
        #expect(parse(#","request_id":"""#) == .rejected("request_id is missing"))
        #expect(parse(#","raw_request":null"#) == .rejected("tuple_key.user is missing"))
        #expect(
            parse(#","raw_request":{"tuple_key":{"user":"u\ud800"}}"#)
                == .rejected("tuple_key.user must be text without lone surrogates"))
        let client = #","peer.address":"10.1.4.7:40112","user_agent":"sdk","trace_id":"t""#
        let decision = try decision(client)
        #expect(decision.source == Source(ip: "10.1.4.7", agent: "sdk", format: "openfga"))
        #expect(decision.extras.isEmpty)
    }
}
