extension Surface {
    /// Draws a box with rounded corners and returns the room inside.
    ///
    /// The title stands in the upper edge on the left, the right title on the right, the footers
    /// in the lower edge. Under two cells either way there is no line and no room.
    @discardableResult
    public mutating func box(
        _ rect: Rect, title: String = "", rightTitle: String = "", footer: String = "",
        rightFooter: String = "", focused: Bool = false, style: Style? = nil, titleStyle: Style? = nil
    ) -> Rect {
        guard rect.width >= 2, rect.height >= 2 else {
            return Rect(x: rect.x, y: rect.y, width: 0, height: 0)
        }
        let line = style ?? Style(focused ? .borderFocused : .border)
        let right = rect.endX - 1
        let bottom = rect.endY - 1
        horizontalLine(x: rect.x + 1, y: rect.y, width: rect.width - 2, style: line)
        horizontalLine(x: rect.x + 1, y: bottom, width: rect.width - 2, style: line)
        for y in (rect.y + 1)..<max(rect.y + 1, bottom) {
            put("│", x: rect.x, y: y, style: line)
            put("│", x: right, y: y, style: line)
        }
        put("╭", x: rect.x, y: rect.y, style: line)
        put("╮", x: right, y: rect.y, style: line)
        put("╰", x: rect.x, y: bottom, style: line)
        put("╯", x: right, y: bottom, style: line)
        let text = titleStyle ?? Style(focused ? .accent : .title, focused ? .bold : [])
        edge(rect, y: rect.y, left: title, right: rightTitle, leftStyle: text, rightStyle: .muted)
        edge(rect, y: bottom, left: footer, right: rightFooter, leftStyle: .muted, rightStyle: .muted)
        return rect.inset(by: 1)
    }

    /// Draws a horizontal line.
    public mutating func horizontalLine(x: Int, y: Int, width: Int, style: Style = Style(.border)) {
        fill(Rect(x: x, y: y, width: width, height: 1), style: style, glyph: "─")
    }

    /// Titles in an edge: ` left ─── right `; the left one has the first claim on the room.
    private mutating func edge(
        _ rect: Rect, y: Int, left: String, right: String, leftStyle: Style, rightStyle: Style
    ) {
        let room = rect.width - 4
        guard room >= 3 else { return }
        var used = 0
        if !left.isEmpty {
            let width = min(glyphs.width(of: left), room - 2)
            draw(" ", at: Point(x: rect.x + 2, y: y), style: leftStyle)
            draw(left, at: Point(x: rect.x + 3, y: y), style: leftStyle, maxWidth: width)
            draw(" ", at: Point(x: rect.x + 3 + width, y: y), style: leftStyle)
            used = width + 3
        }
        let width = glyphs.width(of: right)
        guard !right.isEmpty, used + width + 2 <= room else { return }
        let start = rect.endX - 2 - width - 2
        draw(" ", at: Point(x: start, y: y), style: rightStyle)
        draw(right, at: Point(x: start + 1, y: y), style: rightStyle)
        draw(" ", at: Point(x: start + 1 + width, y: y), style: rightStyle)
    }
}
