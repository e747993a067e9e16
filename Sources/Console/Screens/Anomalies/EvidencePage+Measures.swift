import AnomalyDetection
import Decisions
import Operations
import TerminalUI

/// What of the evidence is measured: the usual day, the pace, the parts of the score.
extension EvidencePage {
    /// The usual day of the principal and of the resource, the hours of the incident in the colour of a warning.
    var day: [Line] {
        var rows: [[Span]] = []
        let hours = incident.evidence.principalHours
        if hours.count == 24, !incident.isOfManyPrincipals {
            rows.append(bars(hours) + [Span("  00–23 UTC  ", .muted)] + usual(hours))
        }
        if case .known(let reach) = reach, let day = reach.usualDay, day.hours.count == 24 {
            let most = day.decisions >= IncidentReach.maximumRows ? "newest " : ""
            rows.append(
                bars(day.hours) + [Span("  "), Span(day.resource).leading(to: resourceQuery(day.resource))]
                    + [
                        Span(
                            ": \(most)\(Quantity.grouped(day.decisions)) since " + Clock.date(day.since),
                            .muted)
                    ])
        }
        return section("DAY", rows)
    }

    /// 24 bars by hour.
    private func bars(_ hours: [Int]) -> [Span] {
        let bars = Array(Sparkline.text(hours.map { Double($0) }, glyphs: glyphs))
        let marked = ownHours
        var spans: [Span] = []
        for (hour, bar) in bars.enumerated() {
            let style = marked.contains(hour) ? Style(.warning, .bold) : Style(.graph1)
            if let last = spans.last, last.style == style {
                spans[spans.count - 1].text.append(bar)
            } else {
                spans.append(Span(String(bar), style))
            }
        }
        return spans
    }

    /// The hours of the day in which the incident went on.
    private var ownHours: Set<Int> {
        let hours = (incident.last.seconds - incident.first.seconds) / 3_600
        guard hours < 23 else { return Set(0..<24) }
        let (first, last) = (incident.first.hourOfDay, incident.last.hourOfDay)
        return Set(first <= last ? Array(first...last) : Array(first..<24) + Array(0...last))
    }

    /// How many decisions an hour the principal usually makes, and how many these are.
    private func usual(_ hours: [Int]) -> [Span] {
        let seconds = max(1, incident.last.secondsSince1970 - incident.first.secondsSince1970)
        let now = "now \(Quantity.grouped(incident.count)) in \(Age.long(seconds: seconds))"
        guard hours.contains(where: { $0 > 0 }), let oldest else {
            return [Span("no past, " + now, .warning)]
        }
        // Rounded up: a past of half a day has seen each of its hours once.
        let past = incident.first.secondsSince1970 - oldest.secondsSince1970
        let days = max(1, (past / 86_400).rounded(.up))
        let least = Int((Double(hours.min() ?? 0) / days).rounded(.down))
        let most = Int((Double(hours.max() ?? 0) / days).rounded(.up))
        return [
            Span("usual \(least)-\(most)/h, ", .muted),
            Span(now, Double(incident.count) > Double(most) * max(1, seconds / 3_600) ? .warning : .text),
        ]
    }

    var timeline: [Line] {
        let seconds = incident.last.secondsSince1970 - incident.first.secondsSince1970
        guard incident.count > 1 else { return [] }
        let rate = seconds >= 1 ? Double(incident.count) / seconds * 60 : Double(incident.count)
        return section(
            "PACE",
            [
                [
                    Span(
                        "\(Quantity.counted(incident.count, "decision")) in \(Age.long(seconds: max(1, seconds)))"
                    ),
                    Span("  \(Quantity.short(rate)) a minute", .muted),
                ]
            ])
    }

    var channels: [Line] {
        let channels = incident.evidence.channels
        func gauge(_ name: String, _ share: Double) -> [Span] {
            let cells = 6
            let full = Int((min(max(share, 0), 1) * Double(cells)).rounded())
            return [
                Span(name + " ", .muted),
                Span(String(repeating: "█", count: full), Style(foreground: .heat(share))),
                Span(String(repeating: "╌", count: cells - full), .border),
                Span(" " + Quantity.percent(share)),
            ]
        }
        let parts = [
            gauge("distance", channels.distance), gauge("rarity", channels.rarity),
            gauge("first seen", channels.firstSeen),
        ]
        let score = Span(Quantity.fixed(incident.score, decimals: 3), .text, .bold)
        if width >= 90 {
            return section("SCORE", [[score] + parts.flatMap { [Span("   ")] + $0 }])
        }
        return section("SCORE", [[score] + [Span("   ")] + parts[0], parts[1] + [Span("   ")] + parts[2]])
    }
}
