import AnomalyDetection
import Decisions

/// The events that PagerDuty's Events API v2 takes.
enum PagerDutyPayload {
    /// The most bytes of a summary.
    private static let summaryBytes = 1_024

    /// The body for an alert; the routing key is the receiver's secret.
    static func event(_ alert: Alert, routingKey: Secret, store: String) -> JSONValue {
        var event: JSONObject = [
            "routing_key": .string(routingKey.text), "event_action": .string(action(alert.status)),
            "dedup_key": .string(alert.joinKey),
        ]
        guard alert.status == .firing else { return .object(event) }
        let title =
            "\(alert.incident) \(alert.severity.rawValue): \(alert.labels["principal"] ?? "?") "
            + "\(alert.labels["effect"] ?? "?") \(alert.labels["resource_kind"] ?? "?"): \(alert.summary)"
        event["payload"] = .object([
            "summary": .string(ShortText.cut(title, toBytes: summaryBytes)),
            "source": .string(ShortText.cut(store, toBytes: 255)),
            "severity": .string(alert.severity.pagerDutyName), "timestamp": .string(alert.starts.description),
            "component": .string(alert.labels["resource_kind"] ?? ""),
            "group": .string(alert.labels["tenant"] ?? ""),
            "class": .string(alert.labels["effect"] ?? ""),
            "custom_details": alert.annotations,
        ])
        if !alert.runbook.isEmpty {
            event["links"] = .array([
                .object(["href": .string(alert.runbook), "text": .string("What to do")])
            ])
        }
        event["client"] = .string("verdict")
        return .object(event)
    }

    private static func action(_ status: AlertStatus) -> String {
        switch status {
        case .firing: "trigger"
        case .acknowledged: "acknowledge"
        case .resolved: "resolve"
        }
    }
}
