import Decisions
import Operations
import TerminalUI

/// A store that does not answer, and why: said on every screen, above what was seen last.
extension ConsoleState {
    /// Whether there never was a picture: the store could not be opened.
    var isUnopened: Bool {
        guard case .unopened = snapshot.connection else { return false }
        return true
    }

    /// Whether nothing is answered at all.
    var isLost: Bool {
        switch snapshot.connection {
        case .live, .away: false
        case .lost, .unopened: true
        }
    }

    /// Rows above the screens that say why the store or its server does not answer; none while both do.
    func lostRows(of size: Size) -> Int {
        let lines = lostLines(width: size.width).count
        guard lines > 0 else { return 0 }
        let room = Self.frame(of: size).height
        return isUnopened ? room : min(lines, max(1, room / 3))
    }

    func drawLost(in rect: Rect, on surface: inout Surface) {
        surface.draw(lostLines(width: rect.width), in: rect.inset(left: 1, right: 1))
    }

    /// Whether a screen shows what was true when the store or its server last answered.
    ///
    /// Searches are answered now, from what is held here; Health and Log say what is the matter.
    var isShowingThePast: Bool {
        switch snapshot.connection {
        case .live: false
        case .away: ![.search, .health, .log].contains(view)
        case .lost, .unopened: true
        }
    }

    private static func complaint(_ what: String, _ reason: String) -> Line {
        Line([Span("▲ ", .critical, .bold), Span(what + ": ", .critical, .bold), Span(reason)])
    }

    /// The whole sentence, wrapped: which file or server, and what is wrong with it.
    private func lostLines(width: Int) -> [Line] {
        let width = max(1, width - 2)
        switch snapshot.connection {
        case .live: return []
        case .away(let since, _, let reason):
            let age = Age.long(seconds: max(0, now.secondsSince1970 - since.secondsSince1970))
            return Paragraph([
                Line([
                    Span("▲ ", .warning, .bold), Span("the server does not answer: ", .warning, .bold),
                    Span(reason), Span(" · shown is what it had \(age) ago", .muted),
                ])
            ]).wrapped(width: width)
        case .lost(_, _, let reason):
            return Paragraph([Self.complaint("the store does not answer", reason)]).wrapped(width: width)
        case .unopened(_, let retry, let reason):
            let next = retry.map { "it is opened by itself, " + Self.countdown(to: $0, from: now) }
            return Paragraph([
                Self.complaint("the store could not be opened", reason), .empty,
                Line("\(next ?? "it is not tried again"); q leaves, :connect opens another store", .muted),
            ]).wrapped(width: width)
        }
    }
}
