/// Lines of which a part is shown; where some are below, the last row says how many.
public struct ScrolledLines: Widget {
    /// The lines.
    public var lines: [Line]
    /// How many are scrolled away.
    public var offset: Int

    /// Lines, some of them scrolled away.
    public init(_ lines: [Line], offset: Int = 0) {
        self.lines = lines
        self.offset = max(0, offset)
    }

    /// How far they can be scrolled in a room of that height.
    public func limit(height: Int) -> Int {
        lines.count > height ? lines.count - max(0, height - 1) : 0
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        guard !rect.isEmpty else { return }
        guard lines.count > rect.height else {
            surface.draw(lines, in: rect)
            return
        }
        let first = min(offset, limit(height: rect.height))
        surface.draw(Array(lines.dropFirst(first)), in: rect.inset(bottom: 1))
        let below = lines.count - first - (rect.height - 1)
        surface.draw(
            below > 0 ? "\(below) more below" : "the end", in: rect.row(rect.height - 1), style: .muted,
            alignment: .right)
    }
}
