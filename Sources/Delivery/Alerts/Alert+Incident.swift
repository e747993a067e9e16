import AnomalyDetection
import Decisions
import VectorStores

extension Alert {
    /// The most bytes of a summary, as PagerDuty takes them.
    static let maximumSummaryBytes = 1_024
    /// The most bytes of the details.
    static let maximumDetailsBytes = 4_000

    /// What a receiver is told of an incident.
    init(
        _ incident: Incident, _ status: AlertStatus, redaction: Redaction, context: AlertContext,
        starts: Timestamp, ends: Timestamp?
    ) {
        let why = incident.why.map { redaction.sentence($0, of: incident) }
        let key = incident.key
        let tenant = key.tenant.isEmpty ? "" : ", tenant \(key.tenant)"
        let actions = incident.actions.joined(separator: ", ")
        let told = actions.isEmpty ? "?" : actions
        var sentences = ["score \(Self.rounded(incident.score))"]
        let decisions = PrintedNumber.counted(incident.count, "decision")
        sentences.append("\(decisions) from \(incident.first) to \(incident.last)")
        sentences.append("\(key.principal): \(told) on \(key.kind), \(key.effect.rawValue)\(tenant)")
        sentences += why.dropFirst()
        self.init(
            incident: incident.id, status: status, severity: incident.severity,
            labels: AlertLabels(incident), groupKey: Self.groupKey(key), joinKey: Self.joinKey(incident),
            summary: ShortText.cut(
                why.first ?? "\(key.principal): unusual \(key.effect.rawValue) on \(key.kind)",
                toBytes: Self.maximumSummaryBytes),
            details: ShortText.cut(sentences.joined(separator: "; "), toBytes: Self.maximumDetailsBytes),
            command: context.command(opening: incident.id), runbook: context.runbook,
            decision: ShortText.cut(incident.members.first ?? "", toBytes: AlertLabels.maximumBytes),
            score: incident.score, count: incident.count, actions: incident.actions,
            attributes: redaction.attributes(of: incident), starts: starts, ends: ends,
            person: status == .firing ? "" : incident.history.last?.who ?? "")
    }

    /// What a receiver is told of an incident that is not kept any more: that it is over.
    init(
        endOf incident: String, labels: AlertLabels, groupKey: String, joinKey: String,
        severity: Incident.Severity, context: AlertContext, starts: Timestamp, ends: Timestamp?
    ) {
        let summary =
            "incident \(incident) is over: the store keeps it no longer, or this receiver is not told of it"
        self.init(
            incident: incident, status: .resolved, severity: severity, labels: labels, groupKey: groupKey,
            joinKey: joinKey, summary: summary, details: summary, command: context.command(opening: incident),
            runbook: context.runbook, decision: "", score: nil, count: 0, actions: [], attributes: [],
            starts: starts, ends: ends, person: "")
    }

    /// The text that the members of one story share: `tenant/principal/kind/effect`.
    static func groupKey(_ key: Incident.Key) -> String {
        [key.tenant, key.principal, key.kind, key.effect.rawValue]
            .map { ShortText.cutApart($0, toBytes: AlertLabels.maximumBytes) }.joined(separator: "/")
    }

    /// What the events of one incident are joined by; at most 64 bytes, the same for every name of a store.
    static func joinKey(_ incident: Incident) -> String {
        let key = incident.key
        let story = Fingerprint.of([
            key.tenant, key.principal, key.kind, key.effect.rawValue, incident.members.first ?? "",
        ])
        return "verdict-\(incident.id)-\(story)"
    }

    /// A score with three digits after the point.
    static func rounded(_ score: Double) -> String {
        let thousandths = Int((min(max(score, 0), 1) * 1_000).rounded())
        let digits = String(thousandths % 1_000)
        return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - digits.utf8.count) + digits
    }
}

extension AlertLabels {
    /// The labels of an incident.
    init(_ incident: Incident) {
        self.init([
            "alertname": Alert.name, Self.severityName: incident.severity.alertmanagerName,
            "tenant": incident.key.tenant, "principal": incident.key.principal,
            "resource_kind": incident.key.kind, "effect": incident.key.effect.rawValue,
            "source": incident.evidence.decision.sourceName,
        ])
    }
}

extension Decision {
    /// The log's short name, as canonical records print it.
    var sourceName: String { source.format == "kubernetes" ? "k8s" : source.format ?? "" }
}

extension Incident.Severity {
    /// The word that routes of Alertmanager know.
    var alertmanagerName: String {
        switch self {
        case .critical: "critical"
        case .high, .medium: "warning"
        case .low: "info"
        }
    }

    /// The word that PagerDuty knows.
    var pagerDutyName: String {
        switch self {
        case .critical: "critical"
        case .high: "error"
        case .medium: "warning"
        case .low: "info"
        }
    }
}
