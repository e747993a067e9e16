import Decisions
import Operations
import TerminalUI

/// A table whose rows are no decisions: what tells of decisions says so, since its silence would pass for quiet.
extension ConsoleState {
    /// Whether what is shown are decisions.
    var holdsDecisions: Bool { snapshot.noDecisionsReason == nil }

    /// What one entry is called.
    var entryNoun: String { holdsDecisions ? "decision" : "row" }

    /// What is told of the entry that others are to be near to.
    func likeSpans(_ like: Decision) -> [Span] {
        let name = holdsDecisions ? "\(like.principal.id) \(DecisionText.request(like))" : "row"
        return [
            Span("   like ", .muted), Span(" \(name) ", Style(.accent, on: .selection)),
            Span(" \(like.id)", .muted),
        ]
    }

    /// Why something is left out and what is there instead, wrapped; none where decisions are held.
    func otherRowsLines(_ leftOut: String, width: Int) -> [Line] {
        guard let reason = snapshot.noDecisionsReason else { return [] }
        let lines = [Line("\(leftOut), since \(reason)"), Line(Self.whatWorks, .muted)]
        return Paragraph(lines).wrapped(width: max(1, width))
    }

    private static let whatWorks =
        "5 finds rows, and m there what is near one; 7 shows the index, and c there measures its recall; 8 checks both"

    /// Draws these lines on top and returns the room below them, which keeps most of it.
    func drawOtherRows(_ leftOut: String, in rect: Rect, on surface: inout Surface) -> Rect {
        let room = rect.inset(left: 1, right: 1)
        let most = min(rect.height / 2, max(3, rect.height / 3))
        let lines = otherRowsLines(leftOut, width: room.width).prefix(most)
        surface.draw(Array(lines), in: room)
        return rect.inset(top: lines.count)
    }
}
