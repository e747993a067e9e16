import Decisions
import Operations
import TerminalUI

/// Any number over time, as one big chart, with the others at its side.
struct MetricsScreen {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        guard !state.snapshot.metrics.isEmpty else {
            surface.draw(
                "nothing measured yet", in: rect.row(rect.height / 2), style: .muted, alignment: .center)
            return
        }
        let rect = state.drawOtherRows("decisions and denies are not counted here", in: rect, on: &surface)
        switch state.density {
        case .wide:
            let columns = rect.columns([.flexible, .fixed(min(44, rect.width / 3))])
            drawChart(in: columns[0], on: &surface)
            drawList(in: surface.box(columns[1], title: "Metrics", focused: true), on: &surface)
        case .compact:
            let count = state.snapshot.metrics.count
            let rows = rect.rows([.flexible, .fixed(min(count + 2, rect.height / 2))])
            drawChart(in: rows[0], on: &surface)
            drawList(in: surface.box(rows[1], title: "Metrics", focused: true), on: &surface)
        case .tiny:
            let rows = rect.rows([.fixed(max(4, rect.height / 2)), .flexible])
            drawChart(in: rows[0], on: &surface)
            drawList(in: rows[1], on: &surface)
        }
    }

    /// The widest a number's past is drawn in its row.
    private static let mostSparks = 40

    private func drawChart(in rect: Rect, on surface: inout Surface) {
        guard let series = state.series(state.metrics.selected) ?? state.snapshot.metrics.first else {
            return
        }
        let window = state.metrics.window(count: series.values.count)
        let values = Array(series.values[window])
        let end = series.end.advanced(
            bySeconds: -Int64(Double(series.values.count - window.upperBound) * series.step))
        let span = Double(values.count) * series.step
        let start = end.advanced(bySeconds: -Int64(span))
        let middle = end.advanced(bySeconds: -Int64(span / 2))
        let present = values.compactMap { $0 }
        let peak = present.max().map { Quantity.metric($0, unit: series.unit) }
        // Moved back, the right edge is not now.
        let latest = present.last.map { Quantity.metric($0, unit: series.unit) } ?? Quantity.absent
        let newest =
            window.upperBound == series.values.count
            ? state.latestText(series) + (series.name == .denyRate ? "" : " now")
            : "\(latest) at \(Clock.axis(end, spanSeconds: span))"
        let isOld = series.isEventTime && state.asOf != nil
        let clock = series.isEventTime ? "event time" : "wall time"
        let inner = surface.box(
            rect, title: series.title, rightTitle: newest,
            footer: "\(Age.long(seconds: span)) by \(clock)"
                + (isOld ? ", as of \(Clock.stamp(series.end))" : ""),
            rightFooter: "\(Age.long(seconds: series.step)) a point", focused: false
        ).inset(left: 1, right: 1)
        var drawn = [Series(values, paint: .role(series.name == .denyRate ? .deny : .graph1))]
        var room = inner
        if let compared = comparedSeries(like: series) {
            drawn.append(
                Series(
                    Array(compared.values[state.metrics.window(count: compared.values.count)].map { $0 }),
                    paint: .role(.graph2), shape: .line))
            // Two units share no axis: each is drawn to its own peak, and the legend tells both.
            drawn = drawn.map { Self.normalised($0) }
            surface.draw(legend(series, compared), in: inner.row(0))
            room = inner.inset(top: 1)
        }
        let top = Chart(drawn).shownRange.upperBound
        let labels =
            drawn.count > 1
            ? ["peak", "0"]
            : [
                Quantity.metric(top, unit: series.unit), Quantity.metric(top / 2, unit: series.unit),
                Quantity.metric(0, unit: series.unit),
            ]
        surface.draw(
            Chart(
                drawn,
                timeLabels: [start, middle, end].map { Clock.axis($0, spanSeconds: span) },
                valueLabels: labels, peakLabel: drawn.count > 1 ? nil : peak), in: room)
    }

    private func comparedSeries(like series: MetricSeries) -> MetricSeries? {
        guard let name = state.metrics.compared, name != series.name else { return nil }
        return state.series(name)
    }

    private func legend(_ first: MetricSeries, _ second: MetricSeries) -> Line {
        func peak(_ series: MetricSeries) -> String {
            series.peak.map { Quantity.metric($0, unit: series.unit) } ?? Quantity.absent
        }
        return Line([
            Span("■ ", .graph1), Span("\(first.title), peak \(peak(first))"), Span("   ■ ", .graph2),
            Span("\(second.title), peak \(peak(second))"),
        ])
    }

    private static func normalised(_ series: Series) -> Series {
        guard let peak = series.peak, peak > 0 else { return series }
        var result = series
        result.values = series.values.map { $0.map { $0 / peak } }
        return result
    }

    private func drawList(in rect: Rect, on surface: inout Surface) {
        let rows = state.snapshot.metrics
        let glyphs = surface.glyphs
        var cursor = ListCursor(selected: Optional(state.metrics.selected))
        cursor.reconcile(rows.map(\.name), height: rect.height)
        // Title, value, gaps and scroll bar take the rest.
        let sparks = max(6, min(Self.mostSparks, rect.width - 30))
        let table = Table(
            columns: [
                TableColumn("", .minimum(12)), TableColumn("", .fixed(9), alignment: .right),
                TableColumn("", .fixed(sparks), dropOrder: 1),
            ], count: rows.count, selectedIndex: cursor.index, offset: cursor.offset,
            showsHeader: false
        ) { index in
            let series = state.series(rows[index].name) ?? rows[index]
            let latest = series.name == .denyRate ? state.denyShare?.percent : nil
            let mark = series.name == state.metrics.compared ? "■ " : ""
            return TableRow([
                Line([Span(mark, .graph2), Span(series.title)]),
                Line(
                    (latest ?? series.latest).map { Quantity.metric($0, unit: series.unit) }
                        ?? Quantity.absent, .muted),
                Line(Sparkline.text(series.values, cells: sparks, glyphs: glyphs), Style(.graph1)),
            ])
        }
        surface.draw(table, in: rect)
    }
}
