/// A picture of cells that widgets draw on; a terminal shows it, tests read it.
///
/// Drawing outside the surface or its clip does nothing, so no widget can trap at any size.
public struct Surface: Sendable, Equatable {
    /// Its extent.
    public let size: Size
    /// Which glyphs the terminal can show; everything drawn is transliterated for `ascii`.
    public let glyphs: GlyphSet
    /// The cells, row by row.
    public internal(set) var cells: [Cell]
    /// Where the terminal's cursor is shown; nil hides it.
    public var cursor: Point?
    /// What may be drawn on at the moment.
    public internal(set) var clip: Rect

    /// A surface of blanks.
    public init(size: Size, glyphs: GlyphSet = .braille, style: Style = Style(.text, on: .background)) {
        self.size = size
        self.glyphs = glyphs
        cells = Array(repeating: Cell(.space, style), count: size.width * size.height)
        clip = Rect(size)
    }

    /// The whole surface.
    public var bounds: Rect { Rect(size) }

    /// The cell at a place; a blank outside.
    public subscript(x: Int, y: Int) -> Cell {
        guard x >= 0, x < size.width, y >= 0, y < size.height else {
            return Cell(.space, Style(.text, on: .background))
        }
        return cells[y * size.width + x]
    }

    /// Draws with everything outside the rectangle protected.
    public mutating func clipped(to rect: Rect, _ draw: (inout Surface) -> Void) {
        let before = clip
        clip = clip.intersection(rect)
        draw(&self)
        clip = before
    }

    /// Fills a rectangle with one glyph and style.
    public mutating func fill(_ rect: Rect, style: Style, glyph: Unicode.Scalar = " ") {
        let area = rect.intersection(clip)
        guard !area.isEmpty else { return }
        let glyph = Glyph(glyphs.transliterated(glyph))
        for y in area.y..<area.endY {
            splitWide(at: Point(x: area.x, y: y))
            splitWide(at: Point(x: area.endX, y: y))
            for index in (y * size.width + area.x)..<(y * size.width + area.endX) {
                cells[index] = Cell(glyph, style.over(cells[index].style))
            }
        }
    }

    /// Changes the style of a rectangle and keeps the glyphs; `unchanged` paints stay.
    public mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
        let area = rect.intersection(clip)
        guard !area.isEmpty else { return }
        for y in area.y..<area.endY {
            for index in (y * size.width + area.x)..<(y * size.width + area.endX) {
                cells[index].style = change(cells[index].style)
            }
        }
    }

    /// Paints the background of a rectangle and keeps glyphs and foregrounds.
    public mutating func highlight(_ rect: Rect, _ role: Role) {
        restyle(rect) { $0.on(role) }
    }

    /// Puts one glyph, one cell wide, at a place.
    public mutating func put(_ scalar: Unicode.Scalar, x: Int, y: Int, style: Style) {
        guard x >= clip.x, x < clip.endX, y >= clip.y, y < clip.endY else { return }
        place(Glyph(glyphs.transliterated(scalar)), width: 1, x: x, y: y, style: style)
    }

    /// Writes a glyph into cells known to be inside the clip, blanking halves of what it covers.
    mutating func place(_ glyph: Glyph, width: Int, x: Int, y: Int, style: Style) {
        let index = y * size.width + x
        if cells[index].glyph.isContinuation { splitWide(at: Point(x: x, y: y)) }
        if x + width < size.width, cells[index + width].glyph.isContinuation {
            splitWide(at: Point(x: x + width, y: y))
        }
        cells[index] = Cell(glyph, style.over(cells[index].style))
        if width == 2 {
            cells[index + 1] = Cell(.continuation, style.over(cells[index + 1].style))
        }
    }

    /// Blanks both halves of a double-width character whose right half is at the place.
    private mutating func splitWide(at point: Point) {
        guard point.x > 0, point.x < size.width else { return }
        let index = point.y * size.width + point.x
        guard cells[index].glyph.isContinuation else { return }
        cells[index - 1].glyph = .space
        cells[index].glyph = .space
    }
}
