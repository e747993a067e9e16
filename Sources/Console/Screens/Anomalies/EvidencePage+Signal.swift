import AnomalyDetection
import Decisions
import TerminalUI

/// The page of an incident that is of no decisions: a source that fell silent, a drill that was missed.
extension EvidencePage {
    /// What it is about and since when, in the place of who did what.
    var signalSubject: [Line] {
        guard let signal = incident.signal else { return [] }
        var spans = [
            Span(incident.key.principal, .identifier, .bold), Span("  " + Self.name(signal.kind), .text),
        ]
        if !incident.key.tenant.isEmpty {
            spans += [
                Span("   tenant ", .muted), Span(ConsoleState.tenantName(incident.key.tenant), .identifier),
            ]
        }
        return Paragraph([Line(spans)]).wrapped(width: width)
    }

    /// How often it came, in the place of how many decisions there are.
    var signalCount: String { Quantity.counted(incident.count, "time") }

    /// Whether it goes on, in the place of how long ago the last decision was.
    var signalStanding: Span {
        guard let signal = incident.signal, signal.ended == nil else { return Span("   it is over", .good) }
        if signal.kind == .huntHit { return Span("   :hunts shows it", .muted) }
        return Span(
            "   goes on, \(Age.long(seconds: max(1, now.secondsSince1970 - signal.raised.secondsSince1970)))",
            .warning)
    }

    private static func name(_ kind: Signal.Kind) -> String {
        switch kind {
        case .silentSource: "source fell silent"
        case .missedDrill: "drill was missed"
        case .conflictingID: "id was used twice"
        case .huntHit: "hunt found something"
        }
    }
}

extension ConsoleState {
    /// Whether what is at hand is an incident of no decisions, to which nothing is near.
    var isSignalAtHand: Bool {
        switch view {
        case .anomalies: selectedMember == nil && selectedIncident?.isOfNoDecision ?? false
        case .overview: overview.focus == .incidents && overviewIncident?.isOfNoDecision ?? false
        case .metrics, .tenants, .search, .map, .index, .health, .log: false
        }
    }
}
