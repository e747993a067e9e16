/// Something that draws itself into a rectangle of any size, 0x0 included.
public protocol Widget {
    /// Draws into the rectangle and nowhere else.
    func draw(in rect: Rect, on surface: inout Surface)
}

extension Surface {
    /// Draws a widget into a rectangle.
    public mutating func draw(_ widget: some Widget, in rect: Rect) {
        guard !rect.intersection(clip).isEmpty else { return }
        clipped(to: rect) { widget.draw(in: rect, on: &$0) }
    }
}
