/// A question in the middle of the screen.
public struct Dialog: Widget {
    /// What it is about.
    public var title: String
    /// What is said and asked.
    public var body: [Line]
    /// What can be answered.
    public var choices: [KeyHint]
    /// A line of input, for questions answered by typing.
    public var input: InputLine?
    /// Whether the answer can do harm; the frame then says so.
    public var isDangerous: Bool

    /// A question.
    public init(
        title: String, body: [Line], choices: [KeyHint], input: InputLine? = nil, isDangerous: Bool = false
    ) {
        self.title = title
        self.body = body
        self.choices = choices
        self.input = input
        self.isDangerous = isDangerous
    }

    /// The room that it takes at a width, however high that is.
    public func size(in room: Size) -> Size {
        let widest = body.map(\.displayWidth).max() ?? 0
        let hints = choices.reduce(0) { $0 + $1.key.displayWidth + $1.label.displayWidth + 4 }
        let width = min(room.width, max(24, min(76, max(widest, hints, title.displayWidth + 4) + 6)))
        let text = Paragraph(body).wrapped(width: width - 4)
        return Size(
            width: width, height: text.count + (input == nil ? 0 : 2) + (choices.isEmpty ? 2 : 4))
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        let size = size(in: rect.size)
        let text = Paragraph(body).wrapped(width: size.width - 4)
        let frame = rect.centered(size)
        surface.fill(frame, style: Style(.text, on: .overlay))
        let line = Style(isDangerous ? .critical : .borderFocused)
        let inner = surface.box(
            frame, title: (isDangerous ? "▲ " : "") + title, style: line,
            titleStyle: Style(isDangerous ? .critical : .accent, .bold))
        let room = inner.inset(left: 1, right: 1)
        // What can be answered stays readable where there is no room for all that is said.
        surface.draw(text, in: choices.isEmpty ? room : room.inset(bottom: 1))
        if let input, room.height > text.count + 1 {
            surface.draw(input, in: room.row(text.count + 1))
        }
        guard !choices.isEmpty, inner.height > 0 else { return }
        var x = room.x
        for choice in choices {
            let place = Point(x: x, y: inner.endY - 1)
            x +=
                surface.draw(choice.key, at: place, style: Style(.accent, .bold), maxWidth: room.endX - x) + 1
            x +=
                surface.draw(
                    choice.label, at: Point(x: x, y: place.y), style: choice.isEnabled ? .text : .muted,
                    maxWidth: room.endX - x) + 3
        }
    }
}

/// A short message that goes away by itself.
public struct Toast: Widget {
    /// What kind of message it is.
    public enum Kind: Sendable, Hashable {
        /// Something was done.
        case done
        /// Something to know.
        case note
        /// Something is not as it should be.
        case warning
        /// Something failed.
        case failure
    }

    /// What is said.
    public var text: String
    /// What kind it is.
    public var kind: Kind

    /// A message.
    public init(_ text: String, kind: Kind = .note) {
        self.text = text
        self.kind = kind
    }

    /// How many cells it takes with these glyphs.
    public func width(_ glyphs: GlyphSet) -> Int { glyphs.width(of: text) + 5 }

    /// Draws at the lower right corner of the rectangle, at most one line.
    ///
    /// The middle of what is too long is cut: the end is often the name of a file.
    public func draw(in rect: Rect, on surface: inout Surface) {
        let (sign, role): (String, Role) =
            switch kind {
            case .done: ("✓", .good)
            case .note: ("·", .accent)
            case .warning: ("▲", .warning)
            case .failure: ("✗", .critical)
            }
        let width = min(rect.width, width(surface.glyphs))
        let place = Rect(x: rect.endX - width, y: rect.endY - 1, width: width, height: 1)
        surface.fill(place, style: Style(.text, on: .selection))
        surface.draw(sign, in: place.inset(left: 1), style: Style(role, .bold))
        surface.draw(text, in: place.inset(left: 3, right: 1), truncation: .middle)
    }
}
