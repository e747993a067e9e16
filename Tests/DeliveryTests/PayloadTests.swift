import AnomalyDetection
import Decisions
import Testing

@testable import Delivery

/// Each payload against its text, byte by byte, as Documentation/Alerts.md shows them.
@Suite struct PayloadTests {
    private static let annotations =
        #"{"summary":"svc-deploy: 214 past decisions, none on secrets","#
        + #""description":"score 0.994; 27 decisions from 2026-01-05T10:13:00Z to 2026-01-05T10:14:00Z; "#
        + #"svc-deploy: get, list on secrets, allow, tenant acme; source [redacted]: never seen; "#
        + #"[redacted] was read by 3 principals ever","#
        + #""runbook_url":"https://wiki.example/authz","decision_id":"d-1","score":"0.994","incident":"K7F2","#
        + #""incident_severity":"critical","command":"verdict console --store prod-eu --incident K7F2","#
        + #""count":"27","actions":"get, list","roles":"[redacted]","resources":"[redacted]","#
        + #""addresses":"[redacted]","agent":"[redacted]","policies":"[redacted]","attrs":"[redacted]"}"#
    private static let labels =
        #"{"alertname":"AuthzAnomaly","severity":"critical","tenant":"acme","principal":"svc-deploy","#
        + #""resource_kind":"secrets","effect":"allow","source":"k8s"}"#

    @Test func `Alertmanager gets a list with labels, annotations and two times`() {
        let body = AlertmanagerPayload.alerts(Samples.alert(), ended: nil, at: Samples.now).json
        #expect(
            body == #"[{"labels":\#(Self.labels),"annotations":\#(Self.annotations),"#
                + #""startsAt":"2026-01-05T10:13:00Z","endsAt":"2026-01-05T11:15:00Z"}]"#)
        let ended = AlertmanagerPayload.alerts(
            Samples.alert(Samples.incident(), .resolved), ended: nil, at: Samples.now)
        #expect(ended.elements?.first?.object?["endsAt"] == .string("2026-01-05T10:15:00Z"))
    }

    @Test func `labels that an alert had before end when it gets others`() throws {
        let before = AlertLabels(Samples.incident(severity: .medium))
        let body = AlertmanagerPayload.alerts(Samples.alert(), ended: before, at: Samples.now)
        let list = try #require(body.elements)
        #expect(list.map { $0.object?["labels"]?.object?["severity"]?.text } == ["critical", "warning"])
        #expect(list.map { $0.object?["endsAt"]?.text } == ["2026-01-05T11:15:00Z", "2026-01-05T10:15:00Z"])
    }

    @Test func `a silence matches one alert for four hours`() {
        var incident = Samples.incident(state: .acknowledged)
        incident.history = [
            Incident.TriageEntry(time: Samples.now, who: "dana", from: .new, to: .acknowledged)
        ]
        let body = AlertmanagerPayload.silence(Samples.alert(incident, .acknowledged), at: Samples.now).json
        #expect(
            body.hasPrefix(
                #"{"matchers":[{"name":"alertname","value":"AuthzAnomaly","isRegex":false,"isEqual":true},"#))
        #expect(
            body.hasSuffix(
                #""startsAt":"2026-01-05T10:15:00Z","endsAt":"2026-01-05T14:15:00Z","createdBy":"dana","#
                    + #""comment":"incident K7F2 is acknowledged: verdict console --store prod-eu --incident K7F2"}"#
            ))
        #expect(body.split(separator: #""isEqual":true"#).count == 8)
    }

    @Test func `only what looks like the identifier of a silence is taken for one`() {
        #expect(AlertmanagerPayload.silenceID(in: Array(#"{"silenceID":"0b1e-4f"}"#.utf8)) == "0b1e-4f")
        for bad in [#"{"silenceID":""}"#, #"{"silenceID":"../../x"}"#, "[]", "", "<html>"] {
            #expect(AlertmanagerPayload.silenceID(in: Array(bad.utf8)) == nil)
        }
    }

    @Test func `the webhook gets version 4`() {
        let body = WebhookPayload.body(Samples.alert(), receiver: "hook").json
        #expect(
            body == #"{"version":"4","groupKey":"acme/svc-deploy/secrets/allow","truncatedAlerts":0,"#
                + #""status":"firing","receiver":"hook","groupLabels":{"tenant":"acme","principal":"svc-deploy","#
                + #""resource_kind":"secrets","effect":"allow"},"commonLabels":\#(Self.labels),"#
                + #""commonAnnotations":\#(Self.annotations),"externalURL":"https://wiki.example/authz","#
                + #""alerts":[{"status":"firing","labels":\#(Self.labels),"annotations":\#(Self.annotations),"#
                + #""startsAt":"2026-01-05T10:13:00Z","endsAt":"0001-01-01T00:00:00Z","#
                + #""generatorURL":"https://wiki.example/authz","#
                + #""fingerprint":"\#(Samples.alert().labels.fingerprint)"}]}"#)
        let end = WebhookPayload.body(Samples.alert(Samples.incident(), .resolved), receiver: "hook")
        #expect(end.object?["status"] == .string("resolved"))
        #expect(end.object?["alerts"]?.elements?.first?.object?["endsAt"] == .string("2026-01-05T10:15:00Z"))
    }

    @Test func `the signature is the one of RFC 4231`() {
        #expect(
            WebhookPayload.signature(of: Array("what do ya want for nothing?".utf8), with: Secret("Jefe"))
                == "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func `PagerDuty gets an event that joins all of one incident`() throws {
        let key = Secret("R0UT1NGK3Y")
        let alert = Samples.alert()
        let body = PagerDutyPayload.event(alert, routingKey: key, store: "prod-eu").json
        #expect(
            body == #"{"routing_key":"R0UT1NGK3Y","event_action":"trigger","dedup_key":"\#(alert.joinKey)","#
                + #""payload":{"summary":"K7F2 critical: svc-deploy allow secrets: svc-deploy: 214 past decisions, "#
                + #"none on secrets","source":"prod-eu","severity":"critical","timestamp":"2026-01-05T10:13:00Z","#
                + #""component":"secrets","group":"acme","class":"allow","custom_details":\#(Self.annotations)},"#
                + #""links":[{"href":"https://wiki.example/authz","text":"What to do"}],"client":"verdict"}"#)
        for (status, action) in [(AlertStatus.acknowledged, "acknowledge"), (.resolved, "resolve")] {
            let event = PagerDutyPayload.event(
                Samples.alert(Samples.incident(), status), routingKey: key, store: "prod-eu")
            #expect(
                event.json == #"{"routing_key":"R0UT1NGK3Y","event_action":"\#(action)","#
                    + #""dedup_key":"\#(alert.joinKey)"}"#)
        }
    }

    @Test func `what PagerDuty limits is cut`() {
        var incident = Samples.incident()
        incident.why = [String(repeating: "ä", count: 5_000)]
        let event = PagerDutyPayload.event(
            Samples.alert(incident), routingKey: Secret("k"), store: String(repeating: "s", count: 5_000))
        let payload = event.object?["payload"]?.object
        #expect((payload?["summary"]?.text ?? "").utf8.count <= 1_024)
        #expect((payload?["source"]?.text ?? "").utf8.count <= 255)
        #expect((event.object?["dedup_key"]?.text ?? "").utf8.count <= 255)
    }

    @Test func `Slack gets a text with the command in a block of code`() {
        let message = SlackPayload.message(Samples.alert()).object?["text"]?.text ?? ""
        #expect(
            message.hasPrefix(
                "*CRITICAL K7F2* svc-deploy: 214 past decisions, none on secrets\nscore 0.994; "))
        #expect(message.hasSuffix("\n`verdict console --store prod-eu --incident K7F2`"))
        #expect(message.contains("What to do: <https://wiki.example/authz>"))
    }

    @Test func `no name becomes a link, a mention or the end of a block in Slack`() {
        var incident = Samples.incident(principal: "<!channel> & `x`")
        incident.why = ["<!here> <https://evil.example|click>"]
        let message = SlackPayload.message(Samples.alert(incident)).object?["text"]?.text ?? ""
        #expect(!message.contains("<!") && message.contains("&lt;!here&gt;"))
        let hostile = SlackPayload.message(
            Alert(
                incident, .firing, redaction: Redaction(allowed: []), context: AlertContext(store: "a`b"),
                starts: Samples.now, ends: nil))
        #expect(
            hostile.object?["text"]?.text?.hasSuffix("\n`verdict console --store 'a?b' --incident K7F2`")
                == true)
    }

    @Test(arguments: Receiver.Kind.allCases)
    func `every payload of every status is JSON with times of RFC 3339`(kind: Receiver.Kind) throws {
        for status in AlertStatus.allCases {
            let hostile = Samples.incident(principal: "\u{1B}[2J\u{202E}\"\\", kind: "\u{0}\n", tenant: "")
            let shipment = Shipment(
                receiver: try Samples.receiver(kind), alert: Samples.alert(hostile, status), isRenewal: false,
                id: "x", key: DeliveryKey(identity: "x", receiver: kind.rawValue), subject: hostile,
                ended: nil,
                silence: "ab-12", makesSilence: status == .acknowledged && kind == .alertmanager,
                wasUncertain: false)
            for request in shipment.requests(context: Samples.context, at: Samples.now)
            where request.method == .post {
                let value = try JSONParser().parse(request.body.span)
                #expect(!request.body.contains(0x1B))
                for time in times(in: value) { #expect(Timestamp(time) != nil, "\(time)") }
            }
        }
    }

    private func times(in value: JSONValue) -> [String] {
        switch value {
        case .object(let object):
            object.members.flatMap { member in
                ["startsAt", "endsAt", "timestamp"].contains(member.key)
                    ? [member.value.text ?? ""] : times(in: member.value)
            }
        case .array(let elements): elements.flatMap(times)
        default: []
        }
    }
}
