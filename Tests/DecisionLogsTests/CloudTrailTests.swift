import DecisionLogs
import Decisions
import Testing

@Suite struct CloudTrailTests {
    private func items(_ changes: String = "") -> [ParsedItem] { CloudTrailSample.items(changes) }

    private func decision(_ changes: String = "") throws -> Decision {
        try CloudTrailSample.decision(changes)
    }

    @Test func `a record maps to its canonical form`() throws {
        let expected =
            #"{"id":"e-1","ts":"2025-03-04T10:15:01Z","tenant":"444455556666","principal":"role/App","#
            + #""roles":["AssumedRole"],"kind":"s3:Object","rid":"b/k","actions":["s3:GetObject"],"#
            + #""effect":"allow","outcome":"ok","scope":"eu-west-1","policies":[],"latency_ms":null,"#
            + #""cache_hit":null,"ip":"203.0.113.9","ua":"aws-cli/2.15","attrs":{"session":"sess","#
            + #""readOnly":true,"accessKeyId":"ASIAEXAMPLE","mfa":"false","vpce":"","#
            + #""eventType":"AwsApiCall"},"source":"cloudtrail"}"#
        #expect(try decision().canonicalRecord.json == expected)
    }

    @Test func `records of real attack techniques map to their canonical form`() throws {
        let lines = try Fixture.text("cloudtrail.stratus.jsonl").split(separator: "\n")
        let expected = try Fixture.text("cloudtrail.stratus.canonical.jsonl").split(separator: "\n")
        #expect(lines.count == 18)
        #expect(lines.count == expected.count)
        for (line, record) in zip(lines, expected) {
            guard case .decision(let decision)? = LineParser().parse(String(line)).first else {
                Issue.record("no decision: \(line.prefix(100))")
                continue
            }
            #expect(try decision.canonicalRecord == JSONParser().parse(String(record)))
            #expect(try Decision(parsing: decision.nativeLine()) == decision)
            #expect(LineParser().parse(decision.nativeLine()) == [.decision(decision)])
        }
    }

    @Test func `a record that lacks what identifies it is rejected by field`() {
        for field in ["eventID", "eventTime", "eventSource", "eventName"] {
            #expect(items(",\"\(field)\":null") == [.rejected("\(field) is missing")])
        }
        for field in ["eventID", "eventSource", "eventName"] {
            for value in [#""""#, "true", "[]", #"{"a":["b"]}"#] {
                #expect(items(",\"\(field)\":\(value)") == [.rejected("\(field) is missing")])
            }
            #expect(
                items(",\"\(field)\":\"a\\ud800\"") == [
                    .rejected("\(field) must be text without lone surrogates")
                ])
        }
        for value in [#""soon""#, "true", "[]", "{}", "1e999"] {
            #expect(items(",\"eventTime\":\(value)") == [.rejected("eventTime must be an RFC 3339 time")])
        }
        #expect(LineParser(format: .cloudtrail).parse("{}") == [.rejected("eventID is missing")])
        #expect(LineParser(format: .cloudtrail).parse("7") == [.rejected("not a JSON object")])
    }

    @Test func `the time is as written, and may have the name that Logstash gives it`() throws {
        let renamed = #","eventTime":null,"@timestamp":"2025-03-04T10:15:07.120Z""#
        #expect(try decision(renamed).time.description == "2025-03-04T10:15:07.120Z")
        let both = #","@timestamp":"2025-03-05T00:00:00Z""#
        #expect(try decision(both).time.description == "2025-03-04T10:15:01Z")
        #expect(try decision(#","@timestamp":"soon""#).time.description == "2025-03-04T10:15:01Z")
        #expect(try decision(#","eventTime":1741083312"#).time.seconds == 1_741_083_312)
        #expect(items(#","eventTime":null,"@timestamp":7"#) == [.rejected("eventTime is missing")])
    }

    @Test func `the tenant is the account that received the record, else the caller's`() throws {
        #expect(try decision().tenant == "444455556666")
        for absent in ["null", #""""#, "{}"] {
            #expect(try decision(",\"recipientAccountId\":\(absent)").tenant == "111122223333")
        }
        #expect(try decision(#","recipientAccountId":null,"userIdentity":{}"#).tenant.isEmpty)
        #expect(try decision(#","recipientAccountId":444455556666"#).tenant == "444455556666")
    }

    @Test func `optional fields stay absent`() throws {
        let absent =
            #","userIdentity":null,"awsRegion":null,"sourceIPAddress":"","userAgent":null,"readOnly":"yes","#
            + #""eventType":null,"requestParameters":null"#
        let decision = try decision(absent)
        #expect(decision.principal == Principal(id: "?"))
        #expect(decision.resource == Resource(kind: "s3:Object"))
        #expect(decision.source == Source(format: "cloudtrail"))
        #expect(
            decision.extras == [
                "attrs": .object([
                    "session": .string(""), "readOnly": .null, "accessKeyId": .string(""), "mfa": .null,
                    "vpce": .string(""), "eventType": .null,
                ])
            ])
    }

    @Test func `the copies of a cross-account call can be found by what they share`() throws {
        let decision = try decision(#","vpcEndpointId":"vpce-1","sharedEventID":"s-1""#)
        #expect(decision.values(of: DecisionField("request.sharedEventID")) == [.text("s-1")])
        #expect(decision.values(of: DecisionField("attrs.vpce")) == [.text("vpce-1")])
        #expect(decision.canonicalRecord.object?["request"] == nil)
    }

    @Test func `digest files and insight events are no decisions`() {
        let digest =
            #"{"awsAccountId":"111122223333","digestStartTime":"2025-03-04T09:00:00Z","digestS3Bucket":"b","#
            + #""logFiles":[{"s3Bucket":"b","hashValue":"00"}]}"#
        let insight =
            #"{"eventVersion":"1.08","eventTime":"2025-03-04T10:15:00Z","eventID":"i-1","eventCategory":"Insight","#
            + #""eventType":"AwsCloudTrailInsight","insightDetails":{"eventSource":"s3.amazonaws.com","#
            + #""eventName":"GetObject","insightType":"ApiCallRateInsight"}}"#
        for parser in [LineParser(), LineParser(format: .cloudtrail)] {
            #expect(parser.parse(digest) == [.skipped(.notADecision)])
            #expect(parser.parse(insight) == [.skipped(.notADecision)])
        }
        #expect(items(#","eventCategory":"Insight""#) == [.skipped(.notADecision)])
        #expect(items(#","eventType":"AwsCloudTrailInsight""#) == [.skipped(.notADecision)])
        // A record of a call keeps being one, whatever else it has.
        #expect(items(#","digestStartTime":"2025-03-04T09:00:00Z""#) != [.skipped(.notADecision)])
    }

    @Test func `values of any type do no harm, and of a repeated key the last counts`() {
        let keys = [
            "userIdentity", "requestParameters", "responseElements", "resources", "awsRegion",
            "sourceIPAddress", "userAgent", "readOnly", "errorCode", "errorMessage", "eventType",
            "eventCategory",
            "vpcEndpointId", "sharedEventID", "recipientAccountId", "@timestamp", "additionalEventData",
            "digestStartTime",
        ]
        let inner = [
            "sessionContext", "sessionIssuer", "attributes", "instancesSet", "items", "names", "key",
            "bucketName", "roleName", "ARN", "userName", "arn", "ConsoleLogin", "type",
        ]
        let values = [
            "null", "true", "-1.5e3", #""""#, #""x""#, "[]", "[[1],null]", "{}", #"{"a":{"b":[]}}"#,
        ]
        for key in keys {
            for value in values {
                #expect(isDecision(items(",\"\(key)\":\(value)")), "\(key) \(value)")
                for name in inner {
                    let object = ",\"\(key)\":{\"\(name)\":\(value)}"
                    #expect(isDecision(items(object)), "\(object)")
                    #expect(isDecision(items(",\"\(key)\":[{\"\(name)\":\(value)},\(value)]")), "\(object)")
                }
            }
        }
    }

    private func isDecision(_ items: [ParsedItem]) -> Bool {
        if items.count == 1, case .decision = items[0] { true } else { false }
    }

    @Test func `a record that ends early is rejected`() {
        let record = CloudTrailSample.record()
        for length in 1..<record.count {
            let items = LineParser().parse(String(record.prefix(length)))
            let isRejected = if items.count == 1, case .rejected = items[0] { true } else { false }
            #expect(isRejected, "\(length)")
        }
    }

    @Test func `secrets in requests and answers are not kept`() throws {
        let decision = try decision(
            #","requestParameters":{"bucketName":"b","password":"hunter2"},"responseElements":{"credentials":"#
                + #"{"secretAccessKey":"hunter2"}},"additionalEventData":{"token":"hunter2"}"#)
        #expect(!decision.nativeLine().contains("hunter2"))
        #expect(decision.resource.id == "b")
    }
}
