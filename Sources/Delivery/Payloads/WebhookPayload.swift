import Crypto
import Decisions

/// The body of the generic webhook: version 4 of Alertmanager's, which every receiver of alerts understands.
enum WebhookPayload {
    /// The header with the signature of the body.
    static let signatureHeader = "X-Verdict-Signature-256"
    /// The header with what tells one sending from another; the same when it is tried again.
    static let deliveryHeader = "X-Verdict-Delivery"
    /// The end of an alert that has not ended, as Alertmanager writes it.
    private static let never = "0001-01-01T00:00:00Z"

    /// The body for an alert.
    static func body(_ alert: Alert, receiver: String) -> JSONValue {
        let status = alert.status == .resolved ? "resolved" : "firing"
        var groupLabels = JSONObject()
        for name in ["tenant", "principal", "resource_kind", "effect"] {
            if let value = alert.labels[name] { groupLabels[name] = .string(value) }
        }
        let one: JSONValue = .object([
            "status": .string(status), "labels": alert.labels.json, "annotations": alert.annotations,
            "startsAt": .string(alert.starts.description),
            "endsAt": .string(alert.ends?.description ?? never), "generatorURL": .string(alert.runbook),
            "fingerprint": .string(alert.labels.fingerprint),
        ])
        return .object([
            "version": .string("4"), "groupKey": .string(alert.groupKey), "truncatedAlerts": .number("0"),
            "status": .string(status), "receiver": .string(receiver), "groupLabels": .object(groupLabels),
            "commonLabels": alert.labels.json, "commonAnnotations": alert.annotations,
            "externalURL": .string(alert.runbook), "alerts": .array([one]),
        ])
    }

    /// The signature of a body: `sha256=` and the digits of HMAC-SHA256.
    static func signature(of body: [UInt8], with secret: Secret) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: secret.bytes))
        var digits = "sha256="
        for byte in code {
            digits += String(byte >> 4, radix: 16)
            digits += String(byte & 15, radix: 16)
        }
        return digits
    }
}
