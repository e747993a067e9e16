/// Where text that is wider than its room is cut.
public enum Truncation: Sendable, Hashable {
    /// The end is cut and `…` says so.
    case tail
    /// The middle is cut, so that both ends of an identifier stay.
    case middle
    /// Cut without a sign.
    case clip
}

/// Where text stands within its room.
public enum Alignment: Sendable, Hashable {
    /// At the left edge.
    case left
    /// In the middle.
    case center
    /// At the right edge.
    case right
}

extension Surface {
    /// Draws one line of text and returns how many cells it took.
    ///
    /// Control characters, escape sequences, bidi and zero-width marks are shown as escapes in the
    /// warning colour: nothing of a log reaches the terminal raw.
    @discardableResult
    public mutating func draw(
        _ text: String, at point: Point, style: Style = .text, maxWidth: Int = .max,
        truncation: Truncation = .tail
    ) -> Int {
        guard maxWidth > 0 else { return 0 }
        if maxWidth < text.utf8.count * 10, truncation != .clip {
            let width = glyphs.width(of: text)
            if width > maxWidth {
                return drawCut(text, width: width, at: point, style: style, maxWidth: maxWidth, truncation)
            }
        }
        return drawPart(text, at: point, style: style, from: 0, upTo: maxWidth)
    }

    /// Draws text into the first row of a rectangle.
    @discardableResult
    public mutating func draw(
        _ text: String, in rect: Rect, style: Style = .text, alignment: Alignment = .left,
        truncation: Truncation = .tail
    ) -> Int {
        guard !rect.isEmpty else { return 0 }
        var x = rect.x
        if alignment != .left {
            let room = max(0, rect.width - glyphs.width(of: text))
            x += alignment == .right ? room : room / 2
        }
        return draw(
            text, at: Point(x: x, y: rect.y), style: style, maxWidth: rect.endX - x, truncation: truncation)
    }

    private mutating func drawCut(
        _ text: String, width: Int, at point: Point, style: Style, maxWidth: Int, _ truncation: Truncation
    ) -> Int {
        let head = truncation == .middle ? maxWidth / 2 : maxWidth - 1
        let tail = maxWidth - 1 - head
        var used = drawPart(text, at: point, style: style, from: 0, upTo: head)
        put("…", x: point.x + used, y: point.y, style: style)
        used += 1
        if tail > 0 {
            used += drawPart(
                text, at: Point(x: point.x + used, y: point.y), style: style, from: width - tail, upTo: width)
        }
        return used
    }

    /// Draws the cells `start..<end` of the text's whole width; the one loop that all text goes through.
    private mutating func drawPart(
        _ text: String, at point: Point, style: Style, from start: Int, upTo end: Int
    ) -> Int {
        guard end > start else { return 0 }
        let visibleRow = point.y >= clip.y && point.y < clip.endY
        let ascii = glyphs == .ascii
        var column = 0
        var lastX: Int?
        var mayCombine = false
        var used = 0
        for scalar in text.unicodeScalars {
            let shown = ascii ? GlyphSet.asciiStandIn(scalar) ?? scalar : scalar
            let shownClass = ascii && !shown.isASCII ? .escaped : ScalarClass(shown)
            // Marks of the last character that fits still belong to it.
            if column >= end, shownClass != .combining || !mayCombine { break }
            switch shownClass {
            case .printable(let width):
                lastX = nil
                mayCombine = true
                if column >= start {
                    if column + width > end { return used }
                    let x = point.x + used
                    if visibleRow, x >= clip.x, x + width <= clip.endX {
                        place(Glyph(shown), width: width, x: x, y: point.y, style: style)
                        lastX = x
                    }
                    used += width
                }
                column += width
            case .combining where mayCombine:
                if let lastX {
                    let index = point.y * size.width + lastX
                    cells[index].glyph = cells[index].glyph.adding(shown)
                }
            case .combining, .escaped:
                mayCombine = false
                for mark in shown.visibleEscape.unicodeScalars {
                    if column >= end { return used }
                    if column >= start {
                        put(
                            mark, x: point.x + used, y: point.y,
                            style: Style(
                                foreground: .role(.warning), background: style.background,
                                attributes: style.attributes))
                        used += 1
                    }
                    column += 1
                }
            }
        }
        return used
    }
}

extension GlyphSet {
    /// How many cells the text takes when drawn with these glyphs.
    public func width(of text: String) -> Int {
        guard self == .ascii else { return text.displayWidth }
        return text.unicodeScalars.reduce(0) { width, scalar in
            let shown = GlyphSet.asciiStandIn(scalar) ?? scalar
            if shown.isASCII, ScalarClass(shown) != .escaped { return width + 1 }
            return width + shown.visibleEscape.utf8.count
        }
    }
}
