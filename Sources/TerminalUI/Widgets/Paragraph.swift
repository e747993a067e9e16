/// Text wrapped at words.
public struct Paragraph: Widget {
    /// The lines before wrapping.
    public var lines: [Line]
    /// How many wrapped lines are scrolled away.
    public var offset: Int

    /// Wrapped text.
    public init(_ lines: [Line], offset: Int = 0) {
        self.lines = lines
        self.offset = max(0, offset)
    }

    /// Wrapped text in one style.
    public init(_ text: String, style: Style = .text) {
        self.init(
            text.split(separator: "\n", omittingEmptySubsequences: false).map { Line(String($0), style) })
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        surface.draw(Array(wrapped(width: rect.width).dropFirst(offset)), in: rect)
    }

    /// The lines as they are broken at a width; words longer than a line are cut.
    public func wrapped(width: Int) -> [Line] {
        guard width > 0 else { return [] }
        return lines.flatMap { wrap($0, width: width) }
    }

    private func wrap(_ line: Line, width: Int) -> [Line] {
        var result: [Line] = []
        var current: [Span] = []
        var used = 0
        func flush() {
            while current.last?.text == " " { current.removeLast() }
            result.append(Line(current))
            current = []
            used = 0
        }
        for span in line.spans {
            for word in Paragraph.words(of: span.text) {
                var word = word
                var wordWidth = word.displayWidth
                if word == " " {
                    if used < width && used > 0 || result.isEmpty && used < width {
                        current.append(Span(word, span.style))
                        used += 1
                    }
                    continue
                }
                if used > 0, used + wordWidth > width { flush() }
                // The escape of one character may be longer than a line.
                if wordWidth > width, word.contains(where: { String($0).displayWidth > width }) {
                    word = word.terminalSafe
                }
                while wordWidth > width {
                    let head = Paragraph.head(of: word, width: width)
                    current.append(Span(String(head), span.style))
                    flush()
                    word = String(word.dropFirst(max(1, head.count)))
                    wordWidth = word.displayWidth
                }
                if !word.isEmpty {
                    current.append(Span(word, span.style))
                    used += wordWidth
                }
            }
        }
        if !current.isEmpty || result.isEmpty { flush() }
        return result
    }

    private static func words(of text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text {
            if character == " " {
                if !word.isEmpty { words.append(word) }
                words.append(" ")
                word = ""
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func head(of word: String, width: Int) -> Substring {
        var used = 0
        var end = word.startIndex
        while end < word.endIndex {
            let cells = String(word[end]).displayWidth
            if used + cells > width { break }
            used += cells
            end = word.index(after: end)
        }
        return end == word.startIndex ? word.prefix(1) : word[..<end]
    }
}
