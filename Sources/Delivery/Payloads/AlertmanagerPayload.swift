import AnomalyDetection
import Decisions

/// The bodies that Alertmanager's API v2 takes.
enum AlertmanagerPayload {
    /// How long an alert stands without being sent again.
    static let standsSeconds: Int64 = 3_600
    /// How long a silence stands without being renewed.
    static let silenceSeconds: Int64 = 4 * 3_600

    /// The body of `POST /api/v2/alerts`; `ended` are labels that the alert had before and no longer has.
    static func alerts(_ alert: Alert, ended: AlertLabels?, at now: Timestamp) -> JSONValue {
        var list = [one(alert, alert.labels, ends: alert.ends ?? now.advanced(bySeconds: standsSeconds))]
        if let ended { list.append(one(alert, ended, ends: now)) }
        return .array(list)
    }

    private static func one(_ alert: Alert, _ labels: AlertLabels, ends: Timestamp) -> JSONValue {
        .object([
            "labels": labels.json, "annotations": alert.annotations,
            "startsAt": .string(alert.starts.description),
            "endsAt": .string(max(ends, alert.starts).description),
        ])
    }

    /// The body of `POST /api/v2/silences` that silences one alert and no other.
    static func silence(_ alert: Alert, at now: Timestamp) -> JSONValue {
        let matchers = alert.labels.sorted.map { label in
            JSONValue.object([
                "name": .string(label.name), "value": .string(label.value), "isRegex": .bool(false),
                "isEqual": .bool(true),
            ])
        }
        let person = alert.person.isEmpty ? "verdict" : alert.person
        return .object([
            "matchers": .array(matchers), "startsAt": .string(now.description),
            "endsAt": .string(now.advanced(bySeconds: silenceSeconds).description),
            "createdBy": .string(ShortText.line(person, toBytes: 120)),
            "comment": .string("incident \(alert.incident) is acknowledged: \(alert.command)"),
        ])
    }

    /// The identifier that Alertmanager gave a silence; `nil` when the answer has none.
    static func silenceID(in body: [UInt8]) -> String? {
        guard let id = (try? JSONParser().parse(body.span))?.object?["silenceID"]?.text,
            !id.isEmpty, id.utf8.count <= 64, id.utf8.allSatisfy(isHexadecimalOrDash)
        else { return nil }
        return id
    }

    private static func isHexadecimalOrDash(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension Alert {
    /// What Alertmanager shows beside the labels, and the generic webhook too: texts alone.
    var annotations: JSONValue {
        var object: JSONObject = ["summary": .string(summary), "description": .string(details)]
        if !runbook.isEmpty { object["runbook_url"] = .string(runbook) }
        if !decision.isEmpty { object["decision_id"] = .string(decision) }
        if let score { object["score"] = .string(Self.rounded(score)) }
        object["incident"] = .string(incident)
        object["incident_severity"] = .string(severity.rawValue)
        object["command"] = .string(command)
        if count > 0 { object["count"] = .string("\(count)") }
        if !actions.isEmpty { object["actions"] = .string(actions.joined(separator: ", ")) }
        if !person.isEmpty { object["by"] = .string(ShortText.line(person, toBytes: 120)) }
        for attribute in attributes { object[attribute.name.rawValue] = .string(attribute.text) }
        return .object(object)
    }
}
