import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import VectorStores

/// Everything at a glance; each box leads to its view.
struct OverviewScreen {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        if state.isEmptyStore {
            drawBeginning(in: rect, on: &surface)
            return
        }
        for place in state.overviewPlaces(in: rect) {
            surface.clipped(to: place.rect) { surface in
                if state.density == .tiny {
                    drawTiny(place, on: &surface)
                } else {
                    drawBox(place, on: &surface)
                }
            }
        }
    }

    private func drawBox(_ place: OverviewLayout.Place, on surface: inout Surface) {
        switch place.box {
        case .decisions: drawChart(.decisions, place, on: &surface)
        case .denyRate: drawChart(.denyRate, place, on: &surface)
        case .incidents: drawIncidents(place, on: &surface)
        case .search:
            drawSearch(in: box(place, "Search" + global, right: "p50 · p99", on: &surface), on: &surface)
        case .tenants:
            drawTenants(
                in: box(place, "Top tenants", right: state.entryNoun + "s", on: &surface), on: &surface)
        case .store:
            drawStore(
                in: box(place, "Store" + global, right: state.snapshot.statistics.recipe, on: &surface),
                on: &surface)
        case .sources: drawSources(in: box(place, "Sources", on: &surface), on: &surface)
        case .jobs: drawJobs(in: box(place, "Jobs", on: &surface), on: &surface)
        }
    }

    /// What stands behind the title of a box whose numbers are not the narrowed tenant's.
    private var global: String { state.scope == nil ? "" : " · all tenants" }

    func box(
        _ place: OverviewLayout.Place, _ title: String, right: String = "", on surface: inout Surface
    ) -> Rect {
        surface.box(
            place.rect, title: title, rightTitle: right, focused: state.overview.focus == place.box
        ).inset(left: 1, right: 1)
    }

    // MARK: Charts

    private func drawChart(_ name: MetricName, _ place: OverviewLayout.Place, on surface: inout Surface) {
        guard let series = state.series(name) else {
            let inner = box(place, name == .decisions ? "Decisions/s" : "Deny rate", on: &surface)
            surface.draw(
                "nothing measured yet", in: inner.row(inner.height / 2), style: .muted, alignment: .center)
            return
        }
        let latest = state.latestText(series)
        let peak = series.peak.map { Quantity.metric($0, unit: series.unit) } ?? Quantity.absent
        let right =
            name == .denyRate
            ? latest + (state.denyShare?.changeText ?? "")
            : "\(latest) now" + (state.density == .wide ? " · \(peak) peak" : "")
        let span = Double(series.values.count) * series.step
        let start = series.end.advanced(bySeconds: -Int64(span))
        let inner = surface.box(
            place.rect, title: series.title, rightTitle: right, footer: Clock.axis(start, spanSeconds: span),
            rightFooter: state.endLabel(series, spanSeconds: span),
            focused: state.overview.focus == place.box)
        let paint: Paint = .role(name == .denyRate ? .deny : .graph1)
        surface.draw(
            Chart([Series(series.values, paint: paint)], range: calmRange(series), emptyText: "no data yet"),
            in: inner.inset(left: 1, right: 1))
    }

    /// A share over few decisions jumps; the chart is scaled to what is usual, and a jump fills it.
    private func calmRange(_ series: MetricSeries) -> ClosedRange<Double>? {
        let values = series.values.compactMap { $0 }.filter { $0 > 0 }.sorted()
        guard series.name == .denyRate, values.count >= 20, let peak = values.last else { return nil }
        let usual = values[values.count * 95 / 100] * 1.5
        return 0...max(min(peak, usual), 1)
    }

    // MARK: Incidents

    private func drawIncidents(_ place: OverviewLayout.Place, on surface: inout Surface) {
        let rows = state.newestIncidents
        let open = state.openIncidentCount
        let right = open > 0 ? "\(open) new" : rows.isEmpty ? "" : "none waits"
        let inner = box(place, "Incidents", right: right, on: &surface)
        guard !rows.isEmpty else {
            let lines = state.quietLines(width: inner.width)
            surface.draw(lines, in: inner.inset(top: max(0, (inner.height - lines.count) / 2)))
            return
        }
        surface.draw(incidentTable(rows, in: inner), in: inner)
    }

    /// The incidents with the one that Enter opens, while the box has the focus.
    private func incidentTable(_ rows: [Incident], in rect: Rect) -> Table {
        var cursor = state.overview.cursor
        cursor.reconcile(rows.map(\.id), height: Table.visibleRows(height: rect.height, showsHeader: false))
        let isFocused = state.overview.focus == .incidents
        return IncidentTable(
            incidents: rows, now: state.now, selectedIndex: isFocused ? cursor.index : nil,
            offset: cursor.offset, isFocused: isFocused, width: rect.width
        ).table
    }

    // MARK: Under 60x18: one line per number

    private func drawTiny(_ place: OverviewLayout.Place, on surface: inout Surface) {
        let snapshot = state.snapshot
        switch place.box {
        case .decisions, .denyRate:
            let name: MetricName = place.box == .decisions ? .decisions : .denyRate
            guard let series = state.series(name) else { return }
            let parts = place.rect.columns([.fixed(12), .fixed(8), .flexible], gap: 1)
            surface.draw(series.title, in: parts[0], style: .muted)
            let latest = (name == .denyRate ? state.denyShare?.percent : nil) ?? series.latest
            surface.draw(
                latest.map { Quantity.metric($0, unit: series.unit) } ?? Quantity.absent, in: parts[1],
                alignment: .right)
            surface.draw(
                Sparkline(series.values, paint: .role(name == .denyRate ? .deny : .graph1)), in: parts[2])
        case .search:
            let p50 = snapshot.metric(.searchP50)?.latest.map { Quantity.microseconds($0) } ?? Quantity.absent
            let recall =
                snapshot.recall.map { recall in
                    let isFew = recall.samples < ConsoleState.leastRecallSamples
                    return Quantity.percent(recall.recall) + (isFew ? " n=\(recall.samples)" : "")
                } ?? Quantity.absent
            surface.draw(
                Line([Span("search p50 ", .muted), Span(p50), Span("  recall ", .muted), Span(recall)]),
                in: place.rect)
        case .store:
            let statistics = snapshot.statistics
            surface.draw(
                Line([
                    Span(Quantity.short(statistics.vectors)), Span(" \(state.entryNoun)s  ", .muted),
                    Span(
                        Quantity.bytes(state.holdsDecisions ? statistics.memoryBytes : statistics.diskBytes)),
                ]), in: place.rect)
        case .incidents:
            let rows = state.newestIncidents
            if rows.isEmpty {
                surface.draw(state.quietLines(width: place.rect.width), in: place.rect)
            } else {
                surface.draw(incidentTable(rows, in: place.rect), in: place.rect)
            }
        case .tenants, .sources, .jobs: break
        }
    }
}
