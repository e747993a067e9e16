import Operations
import TerminalUI

/// A table whose rows are no decisions: what tells of decisions says so, since its silence would pass for quiet.
extension ConsoleState {
    /// Whether what is shown are decisions.
    var holdsDecisions: Bool { snapshot.noDecisionsReason == nil }

    /// What one entry is called.
    var entryNoun: String { holdsDecisions ? "decision" : "row" }

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
