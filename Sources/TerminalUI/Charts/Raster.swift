/// A drawing of dots, several to a cell: 2x4 in braille, 1x8 in blocks, 1x3 in ASCII.
public struct Raster: Sendable {
    /// The cells it covers.
    public let size: Size
    /// Which glyphs it becomes.
    public let glyphs: GlyphSet
    private var dots: [UInt8]
    private var paints: [Paint]

    /// An empty drawing.
    public init(size: Size, glyphs: GlyphSet) {
        self.size = size
        self.glyphs = glyphs
        dots = Array(repeating: 0, count: size.width * size.height)
        paints = Array(repeating: .unchanged, count: dots.count)
    }

    /// Dots side by side in a cell.
    public var dotsAcross: Int { glyphs == .braille ? 2 : 1 }
    /// Dots one above the other in a cell.
    public var dotsDown: Int {
        switch glyphs {
        case .braille: 4
        case .block: 8
        case .ascii: 3
        }
    }
    /// Dots across the whole drawing.
    public var width: Int { size.width * dotsAcross }
    /// Dots down the whole drawing.
    public var height: Int { size.height * dotsDown }

    /// Sets a dot; the lowest row is 0.
    ///
    /// Outside nothing happens. The last paint of a cell wins.
    public mutating func set(x: Int, y: Int, paint: Paint) {
        guard x >= 0, x < width, y >= 0, y < height else { return }
        let row = size.height - 1 - y / dotsDown
        let index = row * size.width + x / dotsAcross
        dots[index] |= bit(column: x % dotsAcross, level: y % dotsDown)
        paints[index] = paint
    }

    /// Sets the dots of a column from `lower` up to and with `upper`.
    public mutating func fill(x: Int, from lower: Int, through upper: Int, paint: Paint) {
        let top = min(upper, height - 1)
        var y = max(0, lower)
        guard x >= 0, x < width, y <= top else { return }
        // Whole cells at a time: tall areas are most of what charts draw.
        while y <= top {
            let level = y % dotsDown
            let last = min(dotsDown - 1, level + top - y)
            let index = (size.height - 1 - y / dotsDown) * size.width + x / dotsAcross
            for dot in level...last { dots[index] |= bit(column: x % dotsAcross, level: dot) }
            paints[index] = paint
            y += last - level + 1
        }
    }

    /// How many dots a cell has set.
    public func dotCount(column: Int, row: Int) -> Int {
        guard column >= 0, column < size.width, row >= 0, row < size.height else { return 0 }
        return dots[row * size.width + column].nonzeroBitCount
    }

    private func bit(column: Int, level: Int) -> UInt8 {
        guard glyphs == .braille else { return 1 << UInt8(level) }
        // Braille numbers its dots 1 2 3 7 down the left side and 4 5 6 8 down the right; from the
        // lowest up that is one byte per dot of these words.
        let order: UInt32 = column == 0 ? 0x0102_0440 : 0x0810_2080
        return UInt8(truncatingIfNeeded: order >> UInt32(level * 8))
    }

    private func glyph(_ dots: UInt8) -> Unicode.Scalar {
        switch glyphs {
        case .braille:
            return Unicode.Scalar(0x2800 + UInt32(dots)) ?? " "
        case .block:
            // A column that does not stand on the ground is a piece of a line.
            if dots & 1 == 0 { return dots > 0x0F ? "▀" : "▄" }
            let eighths = UInt32(dots.nonzeroBitCount)
            return Unicode.Scalar(0x2580 + eighths) ?? "█"
        case .ascii:
            switch dots {
            case 0b001: return "."
            case 0b010: return "-"
            case 0b100: return "'"
            case 0b011: return ":"
            default: return "#"
            }
        }
    }

    /// Draws the dots at a place; cells without dots are left alone.
    public func draw(at origin: Point, on surface: inout Surface) {
        for row in 0..<size.height {
            for column in 0..<size.width {
                let index = row * size.width + column
                guard dots[index] != 0 else { continue }
                surface.put(
                    glyph(dots[index]), x: origin.x + column, y: origin.y + row,
                    style: Style(foreground: paints[index]))
            }
        }
    }
}
