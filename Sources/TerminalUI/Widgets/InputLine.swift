/// One line of input: prompt, text, cursor and the completion offered.
public struct InputLine: Widget {
    /// What stands before the text.
    public var prompt: String
    /// The text being edited.
    public var editor: LineEditor
    /// The rest of the completion offered, shown faintly after the text.
    public var ghost: String
    /// Whether the cursor is shown.
    public var isFocused: Bool
    /// What is shown while there is no text.
    public var placeholder: String

    /// A line of input.
    public init(
        prompt: String = "", editor: LineEditor, ghost: String = "", isFocused: Bool = true,
        placeholder: String = ""
    ) {
        self.prompt = prompt
        self.editor = editor
        self.ghost = ghost
        self.isFocused = isFocused
        self.placeholder = placeholder
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        let line = rect.row(0)
        guard !line.isEmpty else { return }
        let used = surface.draw(prompt, in: line, style: Style(.accent, .bold), truncation: .clip)
        let room = line.inset(left: used)
        guard room.width > 0 else { return }
        let before = String(editor.text.prefix(editor.cursor))
        let cursorColumn = surface.glyphs.width(of: before)
        // The text slides left so that the cursor always stays in sight.
        let scroll = max(0, cursorColumn - room.width + 1)
        surface.clipped(to: room) { surface in
            let start = Point(x: room.x - scroll, y: room.y)
            if editor.text.isEmpty, !placeholder.isEmpty {
                surface.draw(placeholder, at: start, style: .muted, maxWidth: room.width)
            } else {
                let width = surface.draw(editor.text, at: start, style: .text)
                surface.draw(ghost, at: Point(x: start.x + width, y: start.y), style: .muted)
            }
        }
        if isFocused {
            let place = Point(x: min(room.x + cursorColumn - scroll, room.endX - 1), y: room.y)
            surface.cursor = place
            surface.restyle(Rect(x: place.x, y: place.y, width: 1, height: 1)) { $0.adding(.reverse) }
        }
    }
}
