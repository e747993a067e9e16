/// Values in one row: `▁▂▅█`.
public struct Sparkline: Widget {
    /// The values, oldest first; nil is a gap.
    public var values: [Double?]
    /// The value of a full cell; nil takes the largest.
    public var maximum: Double?
    /// Its colour.
    public var paint: Paint

    /// A row of values.
    public init(_ values: [Double?], maximum: Double? = nil, paint: Paint = .role(.graph1)) {
        self.values = values
        self.maximum = maximum
        self.paint = paint
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        guard !rect.isEmpty else { return }
        let cells = Sparkline.fitted(values, to: rect.width)
        for (index, glyph) in Sparkline.glyphs(cells, maximum: maximum, ascii: surface.glyphs == .ascii)
            .enumerated()
        {
            surface.put(glyph, x: rect.x + index, y: rect.y, style: Style(foreground: paint))
        }
    }

    /// All values as a row of exactly so many cells, for a table.
    public static func text(_ values: [Double?], cells: Int, glyphs: GlyphSet = .block) -> String {
        text(fitted(values, to: cells), glyphs: glyphs)
    }

    /// One value a cell; fewer values than cells stand at the right end, where now is.
    private static func fitted(_ values: [Double?], to cells: Int) -> [Double?] {
        Array(repeating: nil, count: max(0, cells - values.count))
            + Series(values).resampled(to: min(cells, values.count))
    }

    /// The row as text, one character per value.
    public static func text(_ values: [Double?], maximum: Double? = nil, glyphs: GlyphSet = .block) -> String
    {
        var text = ""
        text.unicodeScalars.append(
            contentsOf: Sparkline.glyphs(values, maximum: maximum, ascii: glyphs == .ascii))
        return text
    }

    private static func glyphs(_ values: [Double?], maximum: Double?, ascii: Bool) -> [Unicode.Scalar] {
        let levels: [Unicode.Scalar] =
            ascii ? ["_", ".", "-", "=", "+", "*", "%", "#"] : ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        let top = maximum ?? values.compactMap { $0 }.filter(\.isFinite).max() ?? 0
        return values.map { value in
            guard let value, value.isFinite else { return " " }
            guard top > 0 else { return levels[0] }
            let share = min(max(value / top, 0), 1)
            return levels[share.isNaN ? 0 : Int((share * 7).rounded(.up))]
        }
    }
}

/// A horizontal bar that fills from the left by eighths of a cell.
public struct Gauge: Widget {
    /// How full it is, 0 to 1.
    public var share: Double
    /// Colour of the full part.
    public var paint: Paint
    /// Colour of the empty part.
    public var emptyPaint: Paint

    /// A bar.
    public init(_ share: Double, paint: Paint = .role(.graph1), emptyPaint: Paint = .role(.border)) {
        self.share = share
        self.paint = paint
        self.emptyPaint = emptyPaint
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        let line = rect.row(0)
        guard !line.isEmpty else { return }
        let bounded = share.isNaN ? 0 : min(max(share, 0), 1)
        let steps = surface.glyphs == .ascii ? 1 : 8
        var filled = Int((bounded * Double(line.width * steps)).rounded())
        if bounded > 0 { filled = max(1, filled) }
        if bounded < 1 { filled = min(line.width * steps - 1, filled) }
        let partial: [Unicode.Scalar] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        for column in 0..<line.width {
            let left = filled - column * steps
            let glyph: Unicode.Scalar =
                left >= steps
                ? (steps == 1 ? "#" : "█") : left > 0 ? partial[left - 1] : steps == 1 ? "." : "╌"
            surface.put(
                glyph, x: line.x + column, y: line.y, style: Style(foreground: left > 0 ? paint : emptyPaint))
        }
    }
}

/// How far a piece of work is: label, bar, share and what is left.
public struct ProgressBar: Widget {
    /// What is being done.
    public var label: String
    /// How much is done, 0 to 1; nil when unknown.
    public var share: Double?
    /// What stands at the end, such as the time left.
    public var note: String

    /// A bar of progress.
    public init(_ label: String, share: Double?, note: String = "") {
        self.label = label
        self.share = share
        self.note = note
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        let line = rect.row(0)
        guard !line.isEmpty else { return }
        let percent =
            share.map { "\(Int((min(max($0.isNaN ? 0 : $0, 0), 1) * 100).rounded(.down))) %" } ?? "–"
        let tail = note.isEmpty ? percent : percent + "  " + note
        let parts = line.columns(
            [
                .fixed(min(surface.glyphs.width(of: label), line.width / 2)), .minimum(0),
                .fixed(min(surface.glyphs.width(of: tail), line.width / 2)),
            ],
            gap: 1)
        surface.draw(label, in: parts[0])
        surface.draw(Gauge(share ?? 0, paint: .role(.accent)), in: parts[1])
        surface.draw(tail, in: parts[2], style: .muted, alignment: .right)
    }
}

/// One bar of a bar list.
public struct Bar: Sendable, Hashable {
    /// What it stands for.
    public var label: String
    /// How long it is.
    public var value: Double
    /// The value in words.
    public var text: String
    /// Its colour.
    public var paint: Paint

    /// A bar.
    public init(_ label: String, value: Double, text: String, paint: Paint = .role(.graph1)) {
        self.label = label
        self.value = value
        self.text = text
        self.paint = paint
    }
}

/// Labelled horizontal bars, one a row.
public struct BarList: Widget {
    /// The bars, top to bottom.
    public var bars: [Bar]
    /// The value of a full bar; nil takes the largest.
    public var maximum: Double?

    /// Bars.
    public init(_ bars: [Bar], maximum: Double? = nil) {
        self.bars = bars
        self.maximum = maximum
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        let top = maximum ?? bars.map(\.value).filter(\.isFinite).max() ?? 0
        let labelWidth = min(rect.width * 2 / 5, bars.map { surface.glyphs.width(of: $0.label) }.max() ?? 0)
        let textWidth = min(rect.width / 3, bars.map { surface.glyphs.width(of: $0.text) }.max() ?? 0)
        for (index, bar) in bars.prefix(rect.height).enumerated() {
            let parts = rect.row(index).columns([.fixed(labelWidth), .minimum(0), .fixed(textWidth)], gap: 1)
            surface.draw(bar.label, in: parts[0], truncation: .middle)
            surface.draw(Gauge(top > 0 ? bar.value / top : 0, paint: bar.paint), in: parts[1])
            surface.draw(bar.text, in: parts[2], style: .muted, alignment: .right)
        }
    }
}

/// Counts by class as upright bars, with labels below.
public struct Histogram: Widget {
    /// The counts, left to right.
    public var counts: [Double]
    /// One label per count, or fewer spread evenly; none leaves out the axis.
    public var labels: [String]
    /// Its colour.
    public var paint: Paint

    /// Counts by class.
    public init(_ counts: [Double], labels: [String] = [], paint: Paint = .role(.graph1)) {
        self.counts = counts
        self.labels = labels
        self.paint = paint
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        guard !rect.isEmpty, !counts.isEmpty else { return }
        let hasLabels = !labels.isEmpty && rect.height >= 2
        let plot = rect.inset(bottom: hasLabels ? 1 : 0)
        // Bars of whole cells look calmer than dots, whatever the glyph set.
        let glyphs: GlyphSet = surface.glyphs == .ascii ? .ascii : .block
        let each = max(1, plot.width / counts.count)
        let bar = each > 2 ? each - 1 : each
        let shown =
            each * counts.count <= plot.width
            ? counts : Series(counts.map { $0 }).resampled(to: plot.width).map { $0 ?? 0 }
        var raster = Raster(size: plot.size, glyphs: glyphs)
        let top = counts.filter(\.isFinite).max() ?? 0
        for (index, count) in shown.enumerated() where count > 0 && top > 0 && count.isFinite {
            let height = max(1, Int((count / top * Double(raster.height)).rounded()))
            for column in 0..<bar {
                raster.fill(x: index * each + column, from: 0, through: height - 1, paint: paint)
            }
        }
        raster.draw(at: plot.origin, on: &surface)
        guard hasLabels else { return }
        let width = min(plot.width, each * shown.count)
        for (index, label) in labels.enumerated() {
            let place =
                labels.count == counts.count
                ? index * each
                : labels.count == 1 ? 0 : (width - label.displayWidth) * index / (labels.count - 1)
            let room = labels.count == counts.count ? each : width - place
            surface.draw(
                label, at: Point(x: plot.x + max(0, place), y: plot.endY), style: .muted,
                maxWidth: max(1, room), truncation: .clip)
        }
    }
}
