extension Surface {
    /// The rows as text: exactly as many lines as rows, each as wide as the surface.
    public var lines: [String] {
        (0..<size.height).map { y in
            var line = ""
            line.reserveCapacity(size.width * 2)
            for index in (y * size.width)..<((y + 1) * size.width) { cells[index].glyph.append(to: &line) }
            return line
        }
    }

    /// The picture as text, a newline after each row.
    public var plainText: String {
        lines.map { $0 + "\n" }.joined()
    }

    /// The picture as text with SGR sequences, a newline after each row.
    public func ansi(_ palette: Palette) -> String {
        var text = ""
        for y in 0..<size.height {
            var last: ResolvedStyle?
            for index in (y * size.width)..<((y + 1) * size.width) where !cells[index].glyph.isContinuation {
                let style = palette.resolve(cells[index].style)
                if style != last {
                    text += style.sgr
                    last = style
                }
                cells[index].glyph.append(to: &text)
            }
            text += "\u{1B}[0m\n"
        }
        return text
    }
}

extension ResolvedStyle {
    /// The sequence that selects the style from any state.
    var sgr: String {
        var codes = ["0"]
        if attributes.contains(.bold) { codes.append("1") }
        if attributes.contains(.dim) { codes.append("2") }
        if attributes.contains(.underline) { codes.append("4") }
        if attributes.contains(.reverse) { codes.append("7") }
        codes += ResolvedStyle.codes(foreground, base: 30, extended: 38)
        codes += ResolvedStyle.codes(background, base: 40, extended: 48)
        return "\u{1B}[" + codes.joined(separator: ";") + "m"
    }

    private static func codes(_ color: TerminalColor, base: Int, extended: Int) -> [String] {
        switch color {
        case .terminalDefault: []
        case .indexed(let index) where index < 8: [String(base + Int(index))]
        case .indexed(let index): [String(extended), "5", String(index)]
        case .rgb(let color):
            [String(extended), "2", String(color.red), String(color.green), String(color.blue)]
        }
    }
}
