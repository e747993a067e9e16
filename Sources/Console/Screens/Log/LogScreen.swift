import Operations
import TerminalUI

/// The program's own log, newest at the bottom.
struct LogScreen {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        let log = state.log
        let rows = state.logRows
        var inner = rect
        if state.density != .tiny {
            let dropped = state.snapshot.logDropped
            inner = surface.box(
                rect, title: "Log",
                rightTitle: "\(log.level.rawValue) and up · \(Quantity.counted(rows.count, "line"))",
                footer: log.isFollowing ? "following" : "held, \(Quantity.grouped(log.distance)) newer below",
                rightFooter: dropped > 0 ? "\(Quantity.grouped(dropped)) older ones dropped" : "",
                focused: true
            ).inset(left: 1, right: 1)
        }
        if log.isFiltering || !log.filter.text.isEmpty {
            surface.draw(
                InputLine(
                    prompt: "/ ", editor: log.filter, isFocused: log.isFiltering,
                    placeholder: "part of a message or label"), in: inner.row(0))
            inner = inner.inset(top: 1)
        }
        guard !rows.isEmpty else {
            surface.draw(
                log.filter.text.isEmpty ? "nothing was said at this level yet" : "no line contains that",
                in: inner.row(0), style: .muted)
            return
        }
        let end = max(min(inner.height, rows.count), rows.count - log.distance)
        let shown = rows[max(0, end - inner.height)..<end].flatMap { line in
            log.isWrapped ? Paragraph([text(line)]).wrapped(width: inner.width) : [text(line)]
        }
        // Wrapped, the newest lines stay in sight and the oldest make room.
        surface.draw(Array(shown.suffix(inner.height)), in: inner)
    }

    private func text(_ line: LogLine) -> Line {
        let (sign, role): (String, Role) =
            switch line.level {
            case .debug: ("debug", .muted)
            case .info: ("info ", .accent)
            case .warning: ("warn ", .warning)
            case .error: ("error", .critical)
            }
        let label = line.label + String(repeating: " ", count: max(0, 9 - line.label.count))
        var spans = [Span(Clock.seconds(line.time) + " ", .muted), Span(sign + " ", role, .bold)]
        if state.density != .tiny { spans.append(Span(label + " ", .identifier)) }
        spans.append(Span(line.message, line.level == .debug ? .muted : .text))
        return Line(spans)
    }
}
