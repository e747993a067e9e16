import DecisionLogs
import Decisions
import Testing

@Suite struct EnvelopeTests {
    private func ids(_ line: String, _ parser: LineParser = LineParser()) -> [String] {
        parser.parse(line).map { item in
            switch item {
            case .decision(let decision): decision.id
            case .skipped(let reason): "skipped: " + reason.rawValue
            case .rejected(let reason): "rejected: " + reason
            }
        }
    }

    private func tenants(_ line: String, from field: String) -> [String] {
        LineParser(tenantRule: TenantRule(field: field)).parse(line).compactMap { item in
            if case .decision(let decision) = item { decision.tenant } else { nil }
        }
    }

    /// A text as a JSON string.
    private func quoted(_ text: String) -> String { JSONValue.string(text).json }

    @Test func `resource logs of Azure hold the record as text or as an object`() {
        func log(_ record: String, category: String = #""category":"kube-audit","#) -> String {
            "{\(category)\"properties\":{\"log\":\(record),\"pod\":\"p\"},\"resourceId\":\"/SUBSCRIPTIONS/1\"}"
        }
        #expect(ids(log(quoted(nativeLine("a")))) == ["a"])
        #expect(ids(log(nativeLine("a"))) == ["a"])
        #expect(ids(log(nativeLine("a"), category: #""category":"kube-audit-admin","#)) == ["a"])
        #expect(ids(log(nativeLine("a"), category: "")) == ["a"])
        #expect(
            ids(log(nativeLine("a"), category: #""category":"kube-apiserver","#)) == [
                "skipped: not a decision"
            ])
        #expect(ids(log("7")) == ["skipped: not a decision"])
        #expect(
            ids(log(#""I0304 x""#)) == [
                "rejected: in properties.log: not valid JSON at byte 0: unexpected character"
            ])
        #expect(ids(log("{}")) == ["rejected: in properties.log: none of the known log formats"])
        let list = "{\"records\":[\(log(nativeLine("a"))),\(log(quoted(nativeLine("b"))))]}"
        #expect(ids(list) == ["a", "b"])
        #expect(tenants(list, from: "resourceId") == ["/SUBSCRIPTIONS/1", "/SUBSCRIPTIONS/1"])
        #expect(tenants(list, from: "properties.pod") == ["p", "p"])
    }

    @Test func `CloudWatch delivers records among other messages`() {
        let own = #"{"logGroup":"own","# + nativeLine("b").dropFirst()
        let events = [nativeLine("a"), "I0304 not json", "", own, "7", "[]"].map { message in
            "{\"id\":\"1\",\"timestamp\":1741083301104,\"message\":\(quoted(message))}"
        }
        let skipped = "skipped: not a decision"
        let line =
            #"{"messageType":"DATA_MESSAGE","logGroup":"/aws/eks/c1/cluster","logEvents":["#
            + events.joined(separator: ",") + "]}"
        #expect(ids(line) == ["a", skipped, skipped, "b", skipped, skipped])
        #expect(tenants(line, from: "logGroup") == ["/aws/eks/c1/cluster", "own"])
        #expect(tenants(line, from: "nothing") == ["", ""])
        #expect(ids(events[0]) == ["a"])
        #expect(ids(#"{"logEvents":[]}"#) == ["skipped: empty container"])
        #expect(ids(#"{"id":"1","message":"{}"}"#) == ["rejected: in message: none of the known log formats"])
        #expect(
            ids(#"{"timestamp":1,"message":"{\"kind\":"}"#) == [
                "rejected: in message: not valid JSON at byte 8: the text ends inside a value"
            ])
        #expect(ids(#"{"message":"x"}"#) == ["rejected: none of the known log formats"])
        #expect(ids(#"{"id":"1","message":7}"#) == ["rejected: none of the known log formats"])
    }

    @Test func `a tenant is told by the log group however the file is laid out`() throws {
        let events = (0..<60).map { "{\"id\":\"1\",\"message\":\(quoted(nativeLine("d\($0)")))}" }
        let compact = "{\"logGroup\":\"g\",\"logEvents\":[" + events.joined(separator: ",") + "]}"
        let pretty =
            "{\n \"logGroup\": \"g\",\n \"logEvents\": [\n" + events.joined(separator: ",\n") + "\n ]\n}\n"
        let folder = try TemporaryFolder()
        let parser = LineParser(tenantRule: TenantRule(field: "logGroup"))
        for text in [compact, compact + "\n", pretty, compact + compact] {
            let path = try folder.write(Array(text.utf8), to: "log.json")
            let decisions = try readAll(path, parser: parser).decisions
            #expect(decisions.count == (text == compact + compact ? 120 : 60))
            #expect(decisions.allSatisfy { $0.tenant == "g" })
        }
    }

    @Test(arguments: ["events", "Events", "records"])
    func `a long answer of a service is read item by item`(key: String) throws {
        let events = (0..<60).map { number in
            "  {\n   \"timestamp\": 1,\n   \"message\": \(quoted(nativeLine("d\(number)")))\n  }"
        }
        let text =
            "{\n \"\(key)\": [\n" + events.joined(separator: ",\n") + "\n ],\n \"nextToken\": \"n\"\n}\n"
        let folder = try TemporaryFolder()
        let path = try folder.write(Array(text.utf8), to: "a.json")
        let items = try readAll(path, parser: LineParser(limits: JSONLimits(bytes: 1_000)))
        #expect(items.decisions.map(\.id) == (0..<60).map { "d\($0)" })
        #expect(items.count == 60)
    }

    @Test func `LookupEvents holds records as text`() {
        let event = "{\"EventId\":\"x\",\"CloudTrailEvent\":\(quoted(nativeLine("a")))}"
        #expect(ids(event) == ["a"])
        #expect(ids("{\"Events\":[\(event)],\"NextToken\":\"t\"}") == ["a"])
        #expect(
            ids(#"{"CloudTrailEvent":"x"}"#) == [
                "rejected: in CloudTrailEvent: not valid JSON at byte 0: unexpected character"
            ])
        #expect(ids(#"{"CloudTrailEvent":""}"#) == ["skipped: not a decision"])
        #expect(
            ids(#"{"CloudTrailEvent":"{\"eventSource\":\"s\",\"eventName\":\"n\"}"}"#) == [
                "rejected: in CloudTrailEvent: eventID is missing"
            ])
    }

    @Test func `EventBridge carries records of CloudTrail and events of others`() {
        func event(_ detail: String) -> String {
            #"{"id":"e","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","detail":\#(detail)}"#
        }
        let skipped = ["skipped: not a decision"]
        #expect(
            ids(event(#"{"eventSource":"s","eventName":"n"}"#)) == ["rejected: in detail: eventID is missing"]
        )
        #expect(ids(event(#"{"instance-id":"i","state":"running"}"#)) == skipped)
        #expect(ids(event(#"{"eventName":"n"}"#)) == skipped)
        #expect(ids(event("{}")) == skipped)
        #expect(ids(event("7")) == ["rejected: none of the known log formats"])
    }

    @Test func `what stands before a record is taken off`() {
        let skipped = ["skipped: not a decision"]
        let line = nativeLine("a")
        #expect(ids("2025-03-04T10:15:01.104Z " + line) == ["a"])
        #expect(ids("2025-03-04T10:15:01.104250123Z stdout F " + line) == ["a"])
        #expect(ids("2025-03-04T10:15:01+01:00 stderr F " + line) == ["a"])
        #expect(ids("2025-03-04T10:15:01Z stderr F I0304 10:15:01 started") == skipped)
        #expect(ids("2025-03-04T10:15:01Z stdout P rest of a line") == skipped)
        #expect(ids("2025-03-04T10:15:01Z stdout F ") == skipped)
        for other in [
            "2025-03-04T10:15:01Z I0304 started", "2025-03-04 {}", "x \(line)", "2025-03-04T10:15:01Z",
            "2025-03-04T10:15:01Z stdout", "2025-03-04T10:15:01Z stdout X {}",
        ] { #expect(ids(other).first?.hasPrefix("rejected: not valid JSON") == true, "\(other)") }
        #expect(ids("2025-03-04T10:15:01Z {}") == ["rejected: none of the known log formats"])
    }

    @Test func `lines of container runtimes hold records among what else was printed`() {
        func line(_ text: String) -> String {
            "{\"log\":\(quoted(text)),\"stream\":\"stdout\",\"time\":\"t\"}"
        }
        #expect(ids(line(nativeLine("a") + "\n")) == ["a"])
        #expect(ids(line("I0304 10:15:01 started\n")) == ["skipped: not a decision"])
        #expect(
            ids(line(#"{"id":"a","#)) == [
                "rejected: in log: not valid JSON at byte 10: the text ends inside a value"
            ])
        #expect(
            ids(#"{"log":"{\"id\":\"a\ud800\"}","stream":"stdout"}"#) == [
                "rejected: log must be text without lone surrogates"
            ])
        let shipped = #"{"kubernetes":{"namespace_name":"prod"},"# + line(nativeLine("a")).dropFirst()
        #expect(tenants(shipped, from: "kubernetes.namespace_name") == ["prod"])
    }

    @Test func `envelopes inside envelopes end somewhere`() {
        func wrapped(_ times: Int) -> String {
            var line = nativeLine("a")
            for _ in 0..<times { line = "{\"id\":\"1\",\"message\":\(quoted(line))}" }
            return line
        }
        #expect(ids(wrapped(4)) == ["a"])
        #expect(
            ids(wrapped(5)) == [
                "rejected: in message: in message: in message: in message: "
                    + "more than 4 containers inside each other"
            ])
    }

    @Test func `a native line may carry what envelopes and other logs do`() {
        let others =
            #"{"message":"m","timestamp":1,"properties":{"log":"x"},"detail":{},"detail-type":"t","log":"x","#
            + #""stream":"s","records":[],"events":[],"logEvents":[],"level":"info","msg":"m","#
            + #""log.logger":"cerbos.server","# + nativeLine("a").dropFirst()
        #expect(ids(others) == ["a"])
        #expect(
            ids(#"{"message":"m","id":"1","records":[],"effect":"allow"}"#) == ["rejected: time is missing"])
    }

    @Test func `what programs print beside their decisions is skipped, whatever format is named`() {
        let skipped = ["skipped: not a decision"]
        for line in [
            #"{"addrs":[":8181"],"level":"info","msg":"Initializing server.","time":"2025-03-04T10:14:59Z"}"#,
            #"{"level":"info","ts":1741083312.25,"msg":"starting openfga service"}"#,
            #"{"level":"info","timestamp":1741083312.25,"msg":"starting openfga service"}"#,
            #"{"log.logger":"cerbos.server","log.level":"info","message":"Starting"}"#,
        ] {
            for format in DecisionLogFormat.allCases where format != .verdict {
                #expect(ids(line, LineParser(format: format)) == skipped)
            }
            #expect(ids(line, LineParser(format: .verdict)) == ["rejected: id is missing"])
            let broken = ids(String(line.dropLast()))
            #expect(broken.first?.hasPrefix("rejected: not valid JSON") == true)
        }
        #expect(ids(#"{"level":"info","msg":"m"}"#) == ["rejected: none of the known log formats"])
    }

    @Test func `what CloudTrail writes beside its records is skipped`() {
        for line in [
            #"{"awsAccountId":"1","digestStartTime":"2025-03-04T10:00:00Z","logFiles":[]}"#,
            #"{"eventID":"e","eventType":"AwsCloudTrailInsight","insightDetails":{"state":"Start"}}"#,
        ] {
            #expect(ids(line) == ["skipped: not a decision"])
            #expect(ids(line, LineParser(format: .cloudtrail)) == ["skipped: not a decision"])
        }
    }
}
