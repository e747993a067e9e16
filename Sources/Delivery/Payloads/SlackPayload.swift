import AnomalyDetection
import Decisions

/// The message that Slack's incoming webhooks take, and those of programs that understand them.
enum SlackPayload {
    /// The most bytes of a message.
    private static let messageBytes = 3_500

    /// The body for an alert: `text` with the command in a block of code.
    static func message(_ alert: Alert) -> JSONValue {
        var lines: [String] = []
        switch alert.status {
        case .firing:
            let test = alert.isTest ? "TEST, nothing happened. " : ""
            lines.append(
                "*\(test)\(alert.severity.rawValue.uppercased()) \(alert.incident)* \(escaped(alert.summary))"
            )
            lines.append(escaped(alert.details))
            for attribute in alert.attributes where attribute.text != Redaction.mark {
                lines.append("\(attribute.name.rawValue): \(escaped(attribute.text))")
            }
            if !alert.runbook.isEmpty { lines.append("What to do: <\(escaped(alert.runbook))>") }
        case .acknowledged:
            lines.append("*\(alert.incident)* is acknowledged\(by(alert))")
        case .resolved:
            lines.append("*\(alert.incident)* is resolved\(by(alert))")
        }
        let body = ShortText.cut(lines.joined(separator: "\n"), toBytes: messageBytes)
        // A grave accent would end the block; no shell word needs one, and pasting one unquoted runs something.
        let command = escaped(alert.command.replacing("`", with: "?"))
        return .object(["text": .string(body + "\n`\(command)`")])
    }

    private static func by(_ alert: Alert) -> String {
        alert.person.isEmpty ? "" : " by \(escaped(ShortText.line(alert.person, toBytes: 120)))"
    }

    /// The text as Slack wants it, so that no name becomes a link or a mention.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
