import Decisions
import Operations
import TerminalUI

/// A store that does not answer, and why: said on every screen, above what was seen last.
extension ConsoleState {
    /// Whether there never was a picture: the store could not be opened and is not tried again.
    var isUnopened: Bool {
        guard case .lost(_, let retry, _) = snapshot.connection else { return false }
        return retry == nil
    }

    /// Rows above the screens that say why the store does not answer; none while it does.
    func lostRows(of size: Size) -> Int {
        guard case .lost = snapshot.connection else { return 0 }
        let room = Self.frame(of: size).height
        return isUnopened ? room : min(lostLines(width: size.width).count, max(1, room / 3))
    }

    func drawLost(in rect: Rect, on surface: inout Surface) {
        surface.draw(lostLines(width: rect.width), in: rect.inset(left: 1, right: 1))
    }

    /// The whole sentence, wrapped: which file, and what is wrong with it.
    private func lostLines(width: Int) -> [Line] {
        guard case .lost(_, _, let reason) = snapshot.connection else { return [] }
        let what = isUnopened ? "the store could not be opened" : "the store does not answer"
        var lines = [
            Line([Span("▲ ", .critical, .bold), Span(what + ": ", .critical, .bold), Span(reason)])
        ]
        if isUnopened { lines += [.empty, Line("it is not tried again; q leaves", .muted)] }
        return Paragraph(lines).wrapped(width: max(1, width - 2))
    }
}
