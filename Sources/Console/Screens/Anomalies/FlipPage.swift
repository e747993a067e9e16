import AnomalyDetection
import Decisions
import TerminalUI

/// The fields of a flagged decision, what the score does when one is changed, and the smallest change that helps.
struct FlipPage {
    let flip: FlipState
    let isWaiting: Bool
    let width: Int

    func draw(in rect: Rect, on surface: inout Surface) {
        let lines = lines
        // The row at hand stays in view; the last row says how many lines are below.
        let place = lines.firstIndex { $0.spans.first?.text == Self.mark } ?? 0
        let offset = max(0, place - max(0, rect.height - 3))
        surface.draw(ScrolledLines(lines, offset: lines.count > rect.height ? offset : 0), in: rect)
    }

    private static let mark = "▸ "

    var lines: [Line] {
        guard let report = flip.report else {
            return [
                Line(
                    isWaiting
                        ? "trying changes of one field, then of two … Ctrl-c stops"
                        : "not answered; Esc and w ask again", .muted)
            ]
        }
        return head(report) + [.empty] + fields(report) + [.empty] + offers(report)
    }

    private func head(_ report: FlipReport) -> [Line] {
        let decision = report.decision
        var spans = [Span(score(report.score), report.score.isFlagged ? .warning : .good, .bold)]
        if !flip.changed.isEmpty {
            spans.append(Span("  →  "))
            if let score = flip.score {
                spans.append(Span(self.score(score), score.isFlagged ? .warning : .good, .bold))
            } else {
                spans.append(Span("…", .muted))
            }
        }
        if let channels = flip.score?.channels {
            spans.append(
                Span(
                    "   distance \(Quantity.percent(channels.distance))  rarity "
                        + "\(Quantity.percent(channels.rarity))  first seen "
                        + Quantity.percent(channels.firstSeen), .muted))
        }
        let who = Line([
            Span(decision.principal.id, .identifier, .bold),
            Span(" " + DecisionText.request(decision) + " "), DecisionText.sign(decision.effect),
            Span(" " + decision.effect.rawValue, DecisionText.role(decision.effect)),
        ])
        return Paragraph([who]).wrapped(width: width).prefix(2)
            + Paragraph([Line(spans)]).wrapped(width: width)
    }

    private func score(_ score: FlipScore) -> String {
        let word = score.isFlagged ? "flagged" : score.isLearning ? "learning" : "ordinary"
        return "\(EvidencePage.decimals(score.score)) \(word)"
    }

    private func fields(_ report: FlipReport) -> [Line] {
        FlipState.fields.enumerated().map { row, field in
            let own = FlipChange.own(field, of: report.decision)
            var spans = [
                Span(row == flip.row ? Self.mark : "  ", .accent, .bold),
                Span(padded(field.rawValue, 11), .muted),
            ]
            if row == flip.row, flip.isTyping {
                spans += [Span("\(flip.editor.text)▏", .accent, .bold)]
                if let problem = flip.problem { spans.append(Span("  \(problem)", .warning)) }
                return Line(spans)
            }
            spans.append(Span(own.value, flip.changes[field] == nil ? .text : .muted))
            if let change = flip.changes[field] {
                spans += [Span("  →  "), Span(change.value, .accent, .bold)]
            }
            let values = flip.values(of: field)
            let now = flip.changes[field] ?? own
            if row == flip.row, values.count > 1 {
                let place = values.firstIndex(of: now).map { "\($0) of \(values.count - 1)" } ?? "typed"
                spans.append(Span("   \(place == "0 of \(values.count - 1)" ? "as it came" : place)", .muted))
            }
            return Line(spans)
        }
    }

    private func offers(_ report: FlipReport) -> [Line] {
        let tried = Quantity.counted(report.tried, "change") + " tried"
        let saved = report.isLive ? "" : ", against what was saved last"
        guard report.score.isFlagged else {
            let why =
                report.score.isLearning
                ? "its tenant is still learning: nothing is flagged before"
                : "it would not be flagged any more, as the past is now"
            return wrapped([Span(why, .text), Span("  \(tried)\(saved)", .muted)])
        }
        let title =
            report.offers.isEmpty
            ? [Span("none of them makes it ordinary; the closest:", .warning)]
            : [Span("ORDINARY", .title, .bold), Span(" with, the smallest change first:", .muted)]
        let rows = flip.offers.enumerated().map { place, offer in
            let row = place + FlipState.fields.count
            var spans = [
                Span(row == flip.row ? Self.mark : "  ", .accent, .bold),
                Span("\(place + 1)  ", .muted), Span(EvidencePage.decimals(offer.score.score) + "  "),
            ]
            for (number, change) in offer.changes.enumerated() {
                if number > 0 { spans.append(Span(" and ", .muted)) }
                let own = FlipChange.own(change.field, of: report.decision)
                spans += [
                    Span(change.field.rawValue + " ", .muted), Span(own.value), Span(" → "),
                    Span(change.value, .accent, .bold),
                ]
            }
            return Line(spans)
        }
        return wrapped(title + [Span("  \(tried)\(saved)", .muted)]) + rows
            + [Line("without what else its incident did", .muted)]
    }

    private func wrapped(_ spans: [Span]) -> [Line] { Paragraph([Line(spans)]).wrapped(width: width) }

    private func padded(_ text: String, _ cells: Int) -> String {
        text + String(repeating: " ", count: max(1, cells - text.count))
    }
}

extension EvidencePage {
    /// A score with three digits and no leading zero: `.994`.
    static func decimals(_ value: Double) -> String {
        let text = Quantity.fixed(value, decimals: 3)
        return text.hasPrefix("0.") ? String(text.dropFirst()) : text
    }
}
