/// Text wrapped at words; a number and its unit are one word.
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
            for word in Paragraph.words(of: span.text, width: width) {
                var word = word
                var wordWidth = word.displayWidth
                if word == " " {
                    if used < width && used > 0 || result.isEmpty && used < width {
                        current.append(span.with(word))
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
                    current.append(span.with(String(head)))
                    flush()
                    word = String(word.dropFirst(max(1, head.count)))
                    wordWidth = word.displayWidth
                }
                if !word.isEmpty {
                    current.append(span.with(word))
                    used += wordWidth
                }
            }
        }
        if !current.isEmpty || result.isEmpty { flush() }
        return result
    }

    private static func words(of text: String, width: Int) -> [String] {
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
        return joiningUnits(words, width: width)
    }

    /// What stands behind a number with a blank between, and is nothing without it.
    private static let units: Set<String> = [
        "%", "s", "m", "h", "d", "y", "ms", "µs", "min", "B", "kB", "MB", "GB",
    ]

    /// Makes one word of a number, a blank and its unit: `+3 %` is not parted between the lines, unless
    /// it is wider than one.
    private static func joiningUnits(_ words: [String], width: Int) -> [String] {
        var joined: [String] = []
        for word in words {
            let isUnit = units.contains(String(word.prefix { !",.;:)".contains($0) }))
            if isUnit, joined.count >= 2, joined[joined.count - 1] == " ",
                isNumber(joined[joined.count - 2]),
                joined[joined.count - 2].displayWidth + 1 + word.displayWidth <= width
            {
                joined.removeLast()
                joined[joined.count - 1] += " " + word
            } else {
                joined.append(word)
            }
        }
        return joined
    }

    private static func isNumber(_ word: String) -> Bool {
        guard let last = word.utf8.last, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last) else {
            return false
        }
        return word.drop { "+-~<>=≤≥(".contains($0) }.allSatisfy { "0123456789.,".contains($0) }
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
