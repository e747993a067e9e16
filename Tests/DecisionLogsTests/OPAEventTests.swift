import DecisionLogs
import Decisions
import Testing

/// An event of OPA with parts replaced or added; a later key wins.
func opaItem(_ changes: String = "") -> ParsedItem? {
    let event =
        #"{"decision_id":"d-1","timestamp":"2025-03-04T10:15:01.250517123Z","path":"shop/authz/allow","#
        + #""labels":{"app":"shop","id":"1b2f"},"result":true,"requested_by":"10.1.4.7:53114","#
        + #""input":{"user":"eve","action":"read","resource":{"type":"book","id":"7"}}"# + changes + "}"
    return LineParser(format: .opa).parse(event).first
}

/// The decision of such an event.
func opaDecision(_ changes: String = "") throws -> Decision {
    guard case .decision(let decision)? = opaItem(changes) else {
        throw DecisionError.invalid(field: changes, expected: "a decision")
    }
    return decision
}

@Suite struct OPAEventTests {
    @Test func `an event becomes a decision`() throws {
        let decision = try opaDecision()
        #expect(decision.id == "d-1")
        #expect(decision.time.description == "2025-03-04T10:15:01.250517123Z")
        #expect(decision.tenant == "shop")
        #expect(decision.principal == Principal(id: "eve"))
        #expect(decision.resource == Resource(kind: "book", id: "7", scope: "shop/authz/allow"))
        #expect(decision.actions == ["read"])
        #expect(decision.effect == .allow)
        #expect(decision.outcome == "ok")
        #expect(decision.policies == [])
        #expect(decision.source == Source(ip: "10.1.4.7", format: "opa"))
        #expect(
            decision.extras["attrs"]?.json
                == #"{"erased":[],"masked":[],"req_id":null,"labels":{"app":"shop","id":"1b2f"},"#
                + #""trace_id":""}"#)
    }

    @Test func `a console line and the upload of one event are the same decision`() throws {
        let line = #","level":"info","msg":"Decision Log","time":"2025-03-04T10:15:09Z","#
        let onConsole = try opaDecision(line + #""type":"openpolicyagent.org/decision_logs""#)
        #expect(onConsole.relation(toStored: try opaDecision()) == .duplicate)
        #expect(try Decision(parsing: onConsole.nativeLine()) == onConsole)
    }

    @Test(arguments: [
        #","type":"openpolicyagent.org/status""#, #","decision_id":null,"msg":"Sent response.""#,
        #","decision_id":"","msg":"Received request.""#,
    ])
    func `other lines of the console are skipped`(changes: String) {
        #expect(opaItem(changes) == .skipped(.notADecision))
    }

    @Test(arguments: [
        (#","decision_id":null"#, "decision_id is missing"),
        (#","decision_id":"""#, "decision_id is missing"),
        (#","decision_id":{}"#, "decision_id is missing"),
        (#","decision_id":"\ud800""#, "decision_id must be text without lone surrogates"),
        (#","timestamp":null"#, "timestamp is missing"),
        (#","timestamp":"soon""#, "timestamp must be an RFC 3339 time"),
        (#","timestamp":[]"#, "timestamp must be an RFC 3339 time"),
        (#","path":null,"input":{}"#, "path is missing"), (#","path":"/","input":7"#, "path is missing"),
        (#","path":null,"input":{"resource":"r"}"#, "path is missing"),
    ])
    func `events that lack what identifies them are rejected by field`(changes: String, reason: String) {
        #expect(opaItem(changes) == .rejected(reason))
    }

    @Test func `numbers and times are taken as they were written`() throws {
        #expect(try opaDecision(#","decision_id":17"#).id == "17")
        for (time, expected) in [
            ("1741083312.25", "2025-03-04T10:15:12.250000Z"),
            (#""2025-03-04T12:15:01+02:00""#, "2025-03-04T10:15:01Z"),
        ] {
            #expect(try opaDecision(#","timestamp":"# + time).time.description == expected)
        }
    }

    @Test func `the rule is the scope, and names what the input does not`() throws {
        let cases: [(String, Resource, [String])] = [
            (#","path":"/shop/allow""#, Resource(kind: "shop/allow", scope: "/shop/allow"), ["allow"]),
            (#","path":"shop/allow""#, Resource(kind: "shop/allow", scope: "shop/allow"), ["allow"]),
            (#","path":"//shop/""#, Resource(kind: "shop/", scope: "//shop/"), ["shop"]),
            (#","path":7"#, Resource(kind: "7", scope: "7"), ["7"]),
            (
                #","path":"","query":"data.a/b = x""#, Resource(kind: "data.a/b = x", scope: "data.a/b = x"),
                ["data.a/b = x"]
            ),
        ]
        for (changes, resource, actions) in cases {
            let decision = try opaDecision(changes + #","input":null"#)
            #expect(decision.resource == resource, "\(changes)")
            #expect(decision.actions == actions, "\(changes)")
            #expect(decision.principal == Principal(id: "?"), "\(changes)")
        }
        #expect(try opaDecision(#","query":"q""#).resource.scope == "shop/authz/allow")
        #expect(try opaDecision(#","path":null,"query":"q""#).resource.scope == "q")
    }

    @Test func `an error is the outcome whatever was answered`() throws {
        let error = #","error":{"code":"internal_error","message":"eval_conflict_error"}"#
        let failed = try opaDecision(#","result":null"# + error)
        #expect(failed.effect == .deny)
        #expect(failed.outcome == "error")
        #expect(try opaDecision(error).effect == .allow)
        #expect(try opaDecision(error).outcome == "error")
        #expect(try opaDecision(#","error":{}"#).outcome == "error")
        #expect(try opaDecision(#","error":null"#).outcome == "ok")
        #expect(try opaDecision(#","result":false"#).outcome == "denied")
        #expect(try opaDecision(#","result":7"#).outcome == "ok")
    }

    @Test(arguments: [
        (#"{"a":{"revision":"r1"},"b":{"revision":"r2"}}"#, ["a@r1", "b@r2"]),
        (#"{"a":{},"b":{"revision":""},"c":7}"#, ["a", "b", "c"]), ("{}", ["old"]), ("null", ["old"]),
    ])
    func `policies are the bundles with their revisions`(bundles: String, policies: [String]) throws {
        #expect(try opaDecision(#","revision":"old","bundles":"# + bundles).policies == policies)
        #expect(try opaDecision(#","revision":"""#).policies == [])
    }

    @Test(
        arguments: [
            (#"{"timer_server_handler_ns":425097,"timer_rego_query_eval_ns":105799}"#, 425_097, nil),
            (#"{"timer_rego_query_eval_ns":105799,"counter_server_query_cache_hit":0}"#, 105_799, false),
            (#"{"timer_server_handler_ns":-1,"timer_rego_query_eval_ns":5}"#, 5, nil),
            (#"{"timer_server_handler_ns":1e400,"counter_server_query_cache_hit":1}"#, nil, true),
            (
                #"{"timer_server_handler_ns":9223372036854775808,"counter_server_query_cache_hit":"1"}"#, nil,
                nil
            ),
            (#"{"counter_server_query_cache_hit":2.0}"#, nil, true), ("{}", nil, nil), ("[1]", nil, nil),
        ] as [(String, Int64?, Bool?)])
    func `latency and cache come from the metrics`(metrics: String, nanoseconds: Int64?, hit: Bool?) throws {
        let decision = try opaDecision(#","metrics":"# + metrics)
        #expect(decision.durationNanoseconds == nanoseconds)
        #expect(decision.cacheHit == hit)
    }

    @Test func `attributes are those of the record, whatever their types`() throws {
        let full =
            #","erased":["/input/x",7],"masked":["/result"],"req_id":101,"trace_id":"4bf9","labels":{}"#
        #expect(
            try opaDecision(full).extras["attrs"]?.json
                == #"{"erased":["/input/x"],"masked":["/result"],"req_id":101,"labels":{},"trace_id":"4bf9"}"#
        )
        let odd = #","erased":"x","masked":{},"req_id":"101","trace_id":7,"labels":[1]"#
        #expect(
            try opaDecision(odd).extras["attrs"]?.json
                == #"{"erased":[],"masked":[],"req_id":null,"labels":{},"trace_id":""}"#)
        #expect(try opaDecision(odd).tenant == "")
        let repeated = #","labels":{"app":"a","z":"1","app":"b"}"#
        #expect(
            try opaDecision(repeated).extras["attrs"]?.object?["labels"]?.json == #"{"app":"b","z":"1"}"#)
    }

    @Test func `what built-in functions returned, and the rest of the input, is not kept`() throws {
        let decision = try opaDecision(
            #","nd_builtin_cache":{"http.send":{"k":"secret"}},"input":{"user":"eve","password":"secret"}"#)
        #expect(!decision.nativeLine().contains("secret"))
    }

    @Test func `addresses lose their port, and agents come from the logged headers`() throws {
        let addresses: [(String, String?)] = [
            ("[::1]:80", "::1"), ("10.0.0.1", "10.0.0.1"), ("fe80::1", "fe80::1"), ("", nil),
        ]
        for (address, expected) in addresses {
            #expect(try opaDecision(#","requested_by":"\#(address)""#).source.ip == expected)
        }
        #expect(try opaDecision(#","requested_by":7"#).source.ip == nil)
        let contexts: [(String, String?)] = [
            (#"{"http":{"headers":{"User-Agent":["curl/8","x"],"X":[1]}}}"#, "curl/8"),
            (#"{"http":{"headers":{"user-agent":"curl/8"},"y":1},"z":2}"#, "curl/8"),
            (#"{"http":{"headers":{"user-agent":[]}}}"#, nil), (#"{"http":[]}"#, nil), ("7", nil),
        ]
        for (context, agent) in contexts {
            #expect(try opaDecision(#","request_context":"# + context).source.agent == agent, "\(context)")
        }
    }
}
