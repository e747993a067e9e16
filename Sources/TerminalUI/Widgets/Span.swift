/// A piece of text in one style.
public struct Span: Sendable, Hashable {
    /// What is written.
    public var text: String
    /// How it is painted.
    public var style: Style
    /// What it leads to when somebody chooses it, which is not drawn; `nil` leads nowhere.
    public var link: String?

    /// A piece of text.
    public init(_ text: String, _ style: Style = .text) {
        self.text = text
        self.style = style
    }

    /// The same piece, leading somewhere.
    public func leading(to link: String?) -> Span {
        var span = self
        span.link = link
        return span
    }

    /// Other text in the same style, leading to the same.
    func with(_ text: String) -> Span {
        Span(text, style).leading(to: link)
    }

    /// A piece of text in the colour of a role.
    public init(_ text: String, _ role: Role, _ attributes: Attributes = []) {
        self.init(text, Style(role, attributes))
    }
}

extension Style {
    /// A style of a role with attributes on whatever is there.
    public init(_ foreground: Role, _ attributes: Attributes) {
        self.init(foreground, on: nil, attributes)
    }
}

/// A line of differently styled text.
public struct Line: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The pieces, left to right.
    public var spans: [Span]

    /// A line of pieces.
    public init(_ spans: [Span]) { self.spans = spans }

    /// A line in one style.
    public init(_ text: String, _ style: Style = .text) { spans = [Span(text, style)] }

    /// A line of ordinary text.
    public init(stringLiteral value: String) { self.init(value) }

    /// An empty line.
    public static let empty = Line([])

    /// How many cells it takes.
    public var displayWidth: Int { spans.reduce(0) { $0 + $1.text.displayWidth } }

    /// Its text without styles.
    public var text: String { spans.map(\.text).joined() }
}

extension Surface {
    /// Draws a styled line and returns how many cells it took.
    @discardableResult
    public mutating func draw(_ line: Line, at point: Point, maxWidth: Int = .max) -> Int {
        var used = 0
        for span in line.spans where used < maxWidth {
            used += draw(
                span.text, at: Point(x: point.x + used, y: point.y), style: span.style,
                maxWidth: maxWidth - used)
        }
        return used
    }

    /// Draws a styled line into the first row of a rectangle.
    @discardableResult
    public mutating func draw(_ line: Line, in rect: Rect, alignment: Alignment = .left) -> Int {
        guard !rect.isEmpty else { return 0 }
        let room =
            alignment == .left
            ? 0 : max(0, rect.width - line.spans.reduce(0) { $0 + glyphs.width(of: $1.text) })
        let x = rect.x + (alignment == .center ? room / 2 : room)
        return draw(line, at: Point(x: x, y: rect.y), maxWidth: rect.endX - x)
    }

    /// Draws styled lines one below the other; what does not fit is not drawn.
    public mutating func draw(_ lines: [Line], in rect: Rect) {
        for (index, line) in lines.prefix(rect.height).enumerated() { draw(line, in: rect.row(index)) }
    }
}
