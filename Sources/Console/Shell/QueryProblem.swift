import TerminalUI
import VectorStores

/// What is wrong with a query that is being typed: a caret under the place, and what was expected there.
struct QueryProblem {
    let problem: QueryError
    /// The query as it is typed.
    let text: String
    /// Cells before the text on the line above.
    let indent: Int

    /// Rows it takes.
    static let height = 2

    func draw(in rect: Rect, on surface: inout Surface) {
        let before = String(decoding: Array(text.utf8).prefix(max(0, problem.offset)), as: UTF8.self)
        let place = rect.row(0)
        let x = min(place.x + indent + surface.glyphs.width(of: before), place.endX - 1)
        surface.put("^", x: x, y: place.y, style: Style(.critical, .bold))
        surface.draw(
            Line([Span("▲ ", .critical), Span("expected \(Self.unprefixed(problem.expected))", .warning)]),
            in: rect.row(1).inset(left: indent))
    }

    private static func unprefixed(_ text: String) -> String {
        text.hasPrefix("expected ") ? String(text.dropFirst(9)) : text
    }
}
