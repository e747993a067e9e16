import Decisions
import Operations
import TerminalUI

extension IndexScreen {
    /// How the index did lately: how right the sampled searches were, and how fast all of them.
    func drawTrends(in rect: Rect, on surface: inout Surface) {
        let columns = rect.columns([.fraction(0.5), .flexible])
        let series = state.snapshot.metric(.recall)
        let least = series?.values.compactMap { $0 }.min() ?? 0
        let floor = max(0, (least / 5).rounded(.down) * 5 - 5)
        drawTrend(
            series, "Recall of sampled searches", paint: .role(.good), range: floor...100, in: columns[0],
            on: &surface)
        drawTrend(
            state.snapshot.metric(.searchP50), "Time of a search, p50", paint: .role(.graph1), range: nil,
            in: columns[1], on: &surface)
    }

    private func drawTrend(
        _ series: MetricSeries?, _ title: String, paint: Paint, range: ClosedRange<Double>?, in rect: Rect,
        on surface: inout Surface
    ) {
        guard let series, let latest = series.latest else {
            let inner = boxed(rect, title, "", on: &surface)
            surface.draw("no search yet", in: inner.row(inner.height / 2), style: .muted, alignment: .center)
            return
        }
        let span = Double(series.values.count) * series.step
        let start = series.end.advanced(bySeconds: -Int64(span))
        let inner = boxed(
            rect, title, Quantity.metric(latest, unit: series.unit),
            footer: Clock.axis(start, spanSeconds: span),
            rightFooter: state.endLabel(series, spanSeconds: span), on: &surface)
        let drawn = [Series(series.values, paint: paint)]
        let shown = Chart(drawn, range: range).shownRange
        let labels = [shown.upperBound, shown.lowerBound].map { Quantity.metric($0, unit: series.unit) }
        surface.draw(Chart(drawn, range: range, valueLabels: labels), in: inner)
    }
}
