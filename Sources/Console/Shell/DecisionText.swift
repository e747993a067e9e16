import AnomalyDetection
import Decisions
import TerminalUI

/// How decisions and incidents are said and coloured, the same on every screen.
enum DecisionText {
    /// The resource: `secrets/db`, or the kind alone.
    static func resource(_ decision: Decision) -> String {
        let resource = decision.resource
        guard let id = resource.id, !id.isEmpty else { return resource.kind }
        return resource.kind + "/" + id
    }

    /// What was asked: `get secrets/db`.
    static func request(_ decision: Decision) -> String {
        decision.actions.joined(separator: ",") + " " + resource(decision)
    }

    /// Allowed and denied differ by their sign; the colour only repeats it.
    static func sign(_ effect: Effect) -> Span {
        switch effect {
        case .allow: Span("✓", .allow)
        case .deny: Span("✗", .deny, .bold)
        case .conditional: Span("◐", .conditional)
        }
    }

    static func role(_ effect: Effect) -> Role {
        switch effect {
        case .allow: .allow
        case .deny: .deny
        case .conditional: .conditional
        }
    }

    /// The sign of a severity.
    static func sign(_ severity: Incident.Severity) -> String {
        switch severity {
        case .critical, .high: "▲"
        case .medium: "•"
        case .low: "·"
        }
    }

    static func role(_ severity: Incident.Severity) -> Role {
        switch severity {
        case .critical: .critical
        case .high: .high
        case .medium: .warning
        case .low: .muted
        }
    }

    /// A severity in at most four letters.
    static func short(_ severity: Incident.Severity) -> String {
        switch severity {
        case .critical: "crit"
        case .high: "high"
        case .medium: "med"
        case .low: "low"
        }
    }

    /// A state in at most four letters.
    static func short(_ state: Incident.State) -> String {
        switch state {
        case .new: "new"
        case .acknowledged: "ack"
        case .resolved: "done"
        case .reopened: "back"
        }
    }

    /// Where an incident stands in at most four letters: its state, or that it is put off.
    static func state(_ incident: Incident) -> String {
        incident.snooze != nil && incident.state != .resolved ? "zzz" : short(incident.state)
    }

    /// Who an incident is about; some are about many.
    static func principal(_ incident: Incident) -> String {
        incident.isOfManyPrincipals ? "(many)" : incident.key.principal
    }

    /// The kind of resource an incident is about; some are about many.
    static func kind(_ incident: Incident) -> String {
        incident.key.kind == IncidentBook.burstName ? "many kinds" : incident.key.kind
    }

    /// What is strange about an incident, in one line: its strongest reason.
    static func summary(_ incident: Incident) -> String {
        guard let why = incident.why.first else {
            return incident.actions.joined(separator: ",") + " " + kind(incident)
        }
        // The principal stands beside it already, and how much past there was can be read below.
        let prefix = incident.key.principal + ": "
        let reason = why.hasPrefix(prefix) ? why.dropFirst(prefix.count) : why[...]
        let past = reason.drop { $0.isNumber }
        for (phrase, said) in [
            (" past decisions, none on ", "first time on "), (" past decisions, none of ", "first "),
        ] where past.count < reason.count && past.hasPrefix(phrase) {
            return said + past.dropFirst(phrase.count)
        }
        return String(reason)
    }
}
