/// One line or area of a chart.
public struct Series: Sendable, Hashable {
    /// How a series is drawn.
    public enum Shape: Sendable, Hashable {
        /// Everything below the value is filled.
        case area
        /// Only the value is drawn.
        case line
    }

    /// The values, oldest first, spread over the whole width; nil is a gap.
    public var values: [Double?]
    /// Its colour; nil colours an area by height, from cold to hot.
    public var paint: Paint?
    /// How it is drawn.
    public var shape: Shape

    /// A series of values.
    public init(_ values: [Double?], paint: Paint? = .role(.graph1), shape: Shape = .area) {
        self.values = values
        self.paint = paint
        self.shape = shape
    }

    /// The highest value; nil when there is none.
    public var peak: Double? { finite.max() }

    /// The values that can be drawn.
    var finite: [Double] { values.compactMap { $0 }.filter(\.isFinite) }

    /// One value for each of `count` columns: the largest of those that fall into it, so that no
    /// peak is lost.
    func resampled(to count: Int) -> [Double?] {
        guard count > 0, !values.isEmpty else { return Array(repeating: nil, count: max(0, count)) }
        return (0..<count).map { column in
            let start = column * values.count / count
            let end = min(max(start + 1, (column + 1) * values.count / count), values.count)
            var largest: Double?
            for index in start..<end {
                guard let value = values[index], value.isFinite, value > largest ?? -.infinity else {
                    continue
                }
                largest = value
            }
            return largest
        }
    }
}

/// Values over time, as areas and lines of dots.
public struct Chart: Widget {
    /// What is drawn, later ones on top.
    public var series: [Series]
    /// The lowest and highest value shown; nil takes zero to the peak.
    public var range: ClosedRange<Double>?
    /// Labels below, spread evenly from left to right; none leaves out the axis.
    public var timeLabels: [String]
    /// Labels at the left, from the top down; none leaves out the axis.
    public var valueLabels: [String]
    /// What stands at the peak's mark; nil shows no mark.
    public var peakLabel: String?
    /// A value a line is drawn at, such as a threshold.
    public var threshold: Double?
    /// What is said when there are no values.
    public var emptyText: String

    /// A chart of series.
    public init(
        _ series: [Series], range: ClosedRange<Double>? = nil, timeLabels: [String] = [],
        valueLabels: [String] = [], peakLabel: String? = nil, threshold: Double? = nil,
        emptyText: String = "no data yet"
    ) {
        self.series = series
        self.range = range
        self.timeLabels = timeLabels
        self.valueLabels = valueLabels
        self.peakLabel = peakLabel
        self.threshold = threshold
        self.emptyText = emptyText
    }

    /// The values shown: as asked for, else from zero (or the least value below) to the peak.
    public var shownRange: ClosedRange<Double> {
        if let range, range.lowerBound.isFinite, range.upperBound.isFinite,
            range.lowerBound < range.upperBound
        {
            return range
        }
        let values = series.flatMap(\.finite)
        let low = min(0, values.min() ?? 0)
        let high = max(values.max().map { max(0, $0) } ?? 1, threshold ?? -.infinity)
        return low...(high > low ? high : low + 1)
    }

    /// Draws into the rectangle.
    public func draw(in rect: Rect, on surface: inout Surface) {
        guard !rect.isEmpty else { return }
        let hasTime = !timeLabels.isEmpty && rect.height >= 3
        let labelWidth = rect.width >= 24 ? valueLabels.map(\.displayWidth).max() ?? 0 : 0
        let plot = rect.inset(left: labelWidth > 0 ? labelWidth + 1 : 0, bottom: hasTime ? 1 : 0)
        if hasTime {
            drawTimeLabels(in: Rect(x: plot.x, y: plot.endY, width: plot.width, height: 1), on: &surface)
        }
        if labelWidth > 0 {
            drawValueLabels(
                in: Rect(x: rect.x, y: plot.y, width: labelWidth, height: plot.height), on: &surface)
        }
        guard series.contains(where: { !$0.finite.isEmpty }) else {
            surface.draw(emptyText, in: plot.row(plot.height / 2), style: .muted, alignment: .center)
            return
        }
        let range = shownRange
        drawThreshold(in: plot, range, on: &surface)
        var raster = Raster(size: plot.size, glyphs: surface.glyphs)
        for one in series { add(one, to: &raster, in: range) }
        raster.draw(at: plot.origin, on: &surface)
        drawPeak(in: plot, range, on: &surface)
    }

    private func level(_ value: Double, height: Int, in range: ClosedRange<Double>) -> Int {
        let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        let bounded = min(max(share, 0), 1)
        // Anything above the ground shows at least one dot.
        let dots = Int((bounded * Double(height)).rounded())
        return max(dots, bounded > 0 ? 1 : 0) - 1
    }

    private func add(_ one: Series, to raster: inout Raster, in range: ClosedRange<Double>) {
        let values = one.resampled(to: raster.width)
        var last: Int?
        for (x, value) in values.enumerated() {
            guard let value else {
                last = nil
                continue
            }
            let top = level(value, height: raster.height, in: range)
            switch one.shape {
            case .area:
                // The ground line stays visible where the value is zero, so that a gap differs from zero.
                let filled = max(0, top)
                if let paint = one.paint {
                    raster.fill(x: x, from: 0, through: filled, paint: paint)
                } else {
                    for y in 0...filled {
                        raster.set(x: x, y: y, paint: .heat(Double(y + 1) / Double(max(1, raster.height))))
                    }
                }
            case .line:
                let y = max(0, top)
                let from = last.map { $0 < y ? $0 + 1 : $0 > y ? $0 - 1 : y } ?? y
                raster.fill(
                    x: x, from: min(from, y), through: max(from, y), paint: one.paint ?? .role(.graph1))
                last = y
            }
        }
    }

    private func drawThreshold(in plot: Rect, _ range: ClosedRange<Double>, on surface: inout Surface) {
        guard let threshold, range.contains(threshold), plot.height > 0 else { return }
        let y = plot.endY - 1 - max(0, level(threshold, height: plot.height, in: range))
        surface.fill(
            Rect(x: plot.x, y: y, width: plot.width, height: 1), style: Style(.warning, .dim), glyph: "╌")
    }

    private func drawTimeLabels(in line: Rect, on surface: inout Surface) {
        for (index, label) in timeLabels.enumerated() {
            let width = surface.glyphs.width(of: label)
            let place = timeLabels.count == 1 ? 0 : (line.width - width) * index / (timeLabels.count - 1)
            // Inner labels give way where they would touch their neighbours.
            let isOuter = index == 0 || index == timeLabels.count - 1
            if !isOuter, line.width < timeLabels.reduce(0, { $0 + $1.displayWidth + 2 }) { continue }
            surface.draw(
                label, at: Point(x: line.x + max(0, place), y: line.y), style: .muted,
                maxWidth: line.width - max(0, place))
        }
    }

    private func drawValueLabels(in column: Rect, on surface: inout Surface) {
        guard column.height > 0 else { return }
        for (index, label) in valueLabels.enumerated() {
            let y = valueLabels.count == 1 ? 0 : (column.height - 1) * index / (valueLabels.count - 1)
            let isOuter = index == 0 || index == valueLabels.count - 1
            if !isOuter, column.height < valueLabels.count * 2 { continue }
            surface.draw(label, in: column.row(y), style: .muted, alignment: .right)
        }
    }

    private func drawPeak(in plot: Rect, _ range: ClosedRange<Double>, on surface: inout Surface) {
        guard let peakLabel, let first = series.first, let peak = first.peak, plot.width > 0 else { return }
        let values = first.resampled(to: plot.width)
        guard let column = values.lastIndex(where: { $0 == peak }) else { return }
        let rows = level(peak, height: plot.height, in: range)
        let y = max(plot.y, plot.endY - 1 - max(0, rows))
        let text = "▾" + peakLabel
        let width = surface.glyphs.width(of: text)
        guard plot.width > width + 2, plot.height > 1 else { return }
        let fitsRight = column + width <= plot.width
        if fitsRight {
            surface.draw(text, at: Point(x: plot.x + column, y: max(plot.y, y - 1)), style: Style(.peak))
        } else {
            surface.draw(
                peakLabel + "▾", at: Point(x: plot.x + column + 1 - width, y: max(plot.y, y - 1)),
                style: Style(.peak))
        }
    }
}
