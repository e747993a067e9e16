import AnomalyDetection
import Decisions
import TerminalUI

/// What of the evidence is measured: the usual day, the pace, the parts of the score.
extension EvidencePage {
    /// The principal's usual day, the hour of the incident in the colour of a warning.
    var day: [Line] {
        let hours = incident.evidence.principalHours
        guard hours.count == 24, !incident.isOfManyPrincipals else { return [] }
        let hour = incident.last.hourOfDay
        let bars = Array(Sparkline.text(hours.map { Double($0) }, glyphs: glyphs))
        let day = [
            Span(String(bars[..<hour]), .graph1), Span(String(bars[hour]), .warning, .bold),
            Span(String(bars[(hour + 1)...]), .graph1), Span("  00–23 UTC  ", .muted),
        ]
        return section("DAY", [day + usual(hours)])
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
