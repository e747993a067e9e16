import Decisions
import Operations
import TerminalUI
import VectorStores

extension OverviewScreen {
    func drawSearch(in rect: Rect, on surface: inout Surface) {
        let snapshot = state.snapshot
        // A narrow box has room for the pair of times only without the usual column.
        let isNear = rect.width < 26
        func latest(_ name: MetricName, _ text: (Double) -> String) -> String {
            snapshot.metric(name)?.latest.map(text) ?? Quantity.absent
        }
        let p50 = latest(.searchP50, Quantity.microseconds)
        let p99 = latest(.searchP99, Quantity.microseconds)
        var lines: [Line] = [
            Line([
                Span(label(state.density == .wide ? "latency" : "time", near: isNear), .muted),
                Span(p50, .text, .bold),
                Span(" · " + p99, .text),
            ]),
            Line([Span(label("searches"), .muted), Span(latest(.searches) { Quantity.short($0) + "/s" })]),
        ]
        if let recall = snapshot.recall {
            let isFew = recall.samples < ConsoleState.leastRecallSamples
            let role: Role = isFew ? .muted : recall.recall >= ConsoleState.leastRecall ? .good : .warning
            let rests = "  n=\(recall.samples)"
            lines.append(
                Line([
                    Span(label("recall@10"), .muted), Span(Quantity.percent(recall.recall), role, .bold),
                    Span(
                        state.density == .wide
                            ? rests + ", \(Age.short(seconds: recall.ageSeconds))" : isFew ? rests : "",
                        .muted),
                ]))
        } else {
            lines.append(
                Line([
                    Span(label("recall@10"), .muted),
                    Span(state.holdsDecisions ? "not sampled" : "c on 7", .muted),
                ]))
        }
        surface.draw(lines, in: rect)
        drawTrend(.searchP50, "p50", row: 4, in: rect, on: &surface)
        drawTrend(.recall, "recall", row: 5, in: rect, on: &surface)
    }

    /// A number's past in one row, where there is room for it.
    private func drawTrend(
        _ name: MetricName, _ title: String, row: Int, in rect: Rect, on surface: inout Surface
    ) {
        guard row < rect.height, let series = state.snapshot.metric(name), series.peak != nil else { return }
        let parts = rect.row(row).columns([.fixed(10), .flexible], gap: 1)
        surface.draw(title, in: parts[0], style: .muted)
        surface.draw(Sparkline(series.values, paint: .role(.graph2)), in: parts[1])
    }

    func drawTenants(in rect: Rect, on surface: inout Surface) {
        let rows = state.snapshot.tenants.sorted {
            ($0.statistics.vectors, $1.id) > ($1.statistics.vectors, $0.id)
        }
        let glyphs = surface.glyphs
        let cells = max(6, min(24, rect.width - 30))
        let table = Table(
            columns: [
                TableColumn("", .minimum(8)), TableColumn("", .fixed(cells), dropOrder: 2),
                TableColumn("", .fixed(7), alignment: .right),
                TableColumn("", .fixed(7), alignment: .right, dropOrder: 1),
            ], count: min(rows.count, rect.height), isFocused: false, showsHeader: false,
            emptyText: state.holdsDecisions ? "no tenants yet" : "none: tenant=COLUMN"
        ) { index in
            let row = rows[index]
            let isScope = state.scope == row.id
            let spark = Sparkline.text(Quantity.resampled(row.activity, to: cells), glyphs: glyphs)
            return TableRow([
                Line(ConsoleState.tenantName(row.id), Style(isScope ? .accent : .identifier)),
                Line(spark, Style(.graph1)), Line(Quantity.short(row.statistics.vectors)),
                row.openIncidents > 0 ? Line("▲ \(row.openIncidents)", Style(.critical)) : .empty,
            ])
        }
        surface.draw(table, in: rect)
    }

    func drawStore(in rect: Rect, on surface: inout Surface) {
        let snapshot = state.snapshot
        let statistics = snapshot.statistics
        let share = statistics.vectors == 0 ? 0 : Double(statistics.distinct) / Double(statistics.vectors)
        let gap = rect.width < 24 ? " " : "  "
        let disk = statistics.diskBytes == 0 ? "none" : Quantity.bytes(statistics.diskBytes)
        var lines: [Line] = [pair(state.entryNoun + "s", Quantity.grouped(statistics.vectors))]
        // Of another program's table no more is known than its server tells.
        lines +=
            state.holdsDecisions
            ? [
                pair("distinct", Quantity.short(statistics.distinct) + gap + Quantity.percent(share)),
                pair("memory", Quantity.bytes(statistics.memoryBytes)),
            ] : [pair("dimension", "\(statistics.dimension)")]
        lines += [
            pair("disk", disk),
            pair("process", snapshot.residentBytes.map(Quantity.bytes) ?? Quantity.absent),
            pair("processor", snapshot.processorShare.map(Quantity.percent) ?? Quantity.absent),
        ]
        if let job = state.runningJob {
            lines.insert(
                Line([
                    Span(label("job"), .muted),
                    Span("\(job.phase) \(Quantity.percent(job.fraction))", .accent),
                ]), at: 0)
        }
        surface.draw(lines, in: rect)
    }

    func drawSources(in rect: Rect, on surface: inout Surface) {
        let sources = state.snapshot.sources
        guard !sources.isEmpty else {
            surface.draw("nothing is followed", in: rect, style: .muted)
            return
        }
        let hasRejects = sources.contains { $0.rejected > 0 }
        let table = Table(
            columns: [
                TableColumn("", .minimum(10), truncation: .middle), TableColumn("", .fixed(9)),
                TableColumn("", .fixed(6), alignment: .right),
                TableColumn("", .fixed(hasRejects ? 6 : 0), alignment: .right, dropOrder: 1),
            ], count: sources.count, isFocused: false, showsHeader: false
        ) { index in
            let source = sources[index]
            let reject = source.rejected == 0 ? "" : "✗ " + Quantity.short(source.rejected)
            return TableRow([
                Line(source.id), Line(source.state.rawValue, Style(SourceText.role(source.state))),
                Line(SourceText.rate(source), .muted), Line(reject, Style(.warning)),
            ])
        }
        surface.draw(table, in: rect)
    }

    func drawJobs(in rect: Rect, on surface: inout Surface) {
        let jobs = state.snapshot.jobs
        guard !jobs.isEmpty else {
            surface.draw("no job ran yet", in: rect, style: .muted)
            return
        }
        for (index, job) in jobs.prefix(rect.height / 2 + 1).enumerated() {
            let room = rect.inset(top: index * 2)
            surface.draw(JobText.title(job), in: room.row(0))
            surface.draw(JobText.progress(job), in: room.row(1))
        }
    }

    func pair(_ name: String, _ value: String) -> Line {
        Line([Span(label(name), .muted), Span(value)])
    }

    /// Where the values stand; nearer in a narrow box.
    private var labelWidth: Int { state.density == .wide ? 11 : 10 }

    /// A name padded to the column of values.
    func label(_ name: String, near isNear: Bool = false) -> String {
        name + String(repeating: " ", count: max(1, (isNear ? 5 : labelWidth) - name.count))
    }
}
