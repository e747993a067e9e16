import Operations
import TerminalUI
import VectorStores

extension IndexScreen {
    var curveText: String {
        guard let last = state.index.curve.last else { return "" }
        return "\(Quantity.percent(last.recall)) at \(last.breadth)"
    }

    /// The box of the curve, with what its bars and its figures are.
    func curveBox(_ rect: Rect, _ title: String, on surface: inout Surface) -> Rect {
        guard !state.index.curve.isEmpty else { return boxed(rect, title, "", on: &surface) }
        return boxed(
            rect, title, curveText, footer: "bars from \(Quantity.percent(curveFloor))",
            rightFooter: rect.width >= 40 ? "recall@10 · p50" : "", on: &surface)
    }

    /// Where the bars start: at the lowest recall, less a little, so that differences near 100 % show.
    private var curveFloor: Double {
        let least = state.index.curve.map(\.recall).min() ?? 0
        return max(0, (least * 20).rounded(.down) / 20 - 0.05)
    }

    /// Recall as bars, one a breadth, with the time each costs; the breadth in use is marked.
    func drawCurve(in rect: Rect, on surface: inout Surface) {
        let curve = state.index.curve
        guard !curve.isEmpty else {
            let isWaiting = state.ledger.isWaiting(.recallCurve)
            surface.draw(
                isWaiting
                    ? [
                        Line("measuring …", Style(.accent)),
                        Line("searches go on meanwhile; Ctrl-c stops", .muted),
                    ]
                    : [
                        Line([Span("c", .accent, .bold), Span(" measures it on the live index")]),
                        Line("searches go on meanwhile", .muted),
                    ], in: rect)
            return
        }
        let floor = curveFloor
        let span = max(0.01, 1 - floor)
        let asked = state.snapshot.recallSetting?.target ?? ConsoleState.leastRecall
        // With little room the narrowest breadths go: nobody chooses them.
        let bars = curve.suffix(rect.height).map { point in
            let role: Role = point.recall >= asked ? .good : .warning
            let mark = point.breadth == statistics.index.ef ? "▸" : " "
            let label =
                mark + String(repeating: " ", count: max(0, 4 - "\(point.breadth)".count))
                + "\(point.breadth)"
            let percent = Quantity.percent(point.recall)
            let padded = String(repeating: " ", count: max(0, 8 - percent.count)) + percent
            let time = Quantity.microseconds(point.p50Microseconds)
            let text =
                rect.width >= 36
                ? padded + String(repeating: " ", count: max(1, 9 - time.count)) + time : padded
            return Bar(label, value: (point.recall - floor) / span, text: text, paint: .role(role))
        }
        surface.draw(BarList(bars, maximum: 1), in: rect)
    }

    /// The newest jobs, and what the newest finished rebuild changed.
    func drawJobs(in rect: Rect, on surface: inout Surface) {
        guard state.holdsDecisions else {
            let text =
                "An index of another program's table is not rebuilt here: 8 tells whether it needs to be, "
                + "and the statement that does it."
            return surface.draw(Paragraph(text), in: rect)
        }
        guard let job = state.snapshot.jobs.first else {
            let why = state.whyNotOperate
            surface.draw(
                [
                    why.map { Line([Span("R ", .muted), Span($0, .warning)]) }
                        ?? Line([Span("R", .accent, .bold), Span(" builds the index anew, aside")]),
                    Line("the old one serves until it is verified", .muted),
                    Line(":rebuild m=24 ef=300 changes its parameters", .muted),
                ]
                    + (why == nil
                        ? [Line([Span("Q", .accent, .bold), Span(" chooses the codes to walk over")])] : []),
                in: rect)
            return
        }
        surface.draw(JobText.title(job), in: rect.row(0))
        surface.draw(JobText.progress(job), in: rect.row(1))
        var used = 2
        switch job.state {
        case .running:
            surface.draw(
                job.owner == nil
                    ? Line([
                        Span("c", .accent, .bold), Span(" cancels; the old index goes on serving", .muted),
                    ])
                    : Line("only its own console can stop it", .muted), in: rect.row(2))
            used = 3
        case .failed(let sentence):
            // As long as it is: what comes below makes room.
            let lines = Paragraph(sentence, style: Style(.critical)).wrapped(width: rect.width)
            surface.draw(lines, in: rect.inset(top: 2))
            used = 2 + max(2, lines.count)
        case .done, .cancelled, .cancelling, .orphaned: break
        }
        let report = state.snapshot.jobs.lazy.compactMap(\.report).first
        if let report {
            drawReport(report, in: rect.inset(top: used), on: &surface)
            used += 4
        }
        let earlier = state.snapshot.jobs.dropFirst().map(JobText.outcome)
        if !earlier.isEmpty { surface.draw(earlier, in: rect.inset(top: used + 1)) }
    }

    private func drawReport(_ report: RebuildReport, in rect: Rect, on surface: inout Surface) {
        func row(_ name: String, _ before: String, _ after: String, isBetter: Bool?) -> TableRow {
            let role: Role = isBetter.map { $0 ? .good : .warning } ?? .text
            return TableRow([Line(name, .muted), Line(before), Line(after, Style(role, .bold))])
        }
        func better(_ before: Double, _ after: Double, larger: Bool) -> Bool? {
            (after - before).magnitude <= before.magnitude * 0.002 ? nil : (after > before) == larger
        }
        let (before, after) = (report.before, report.after)
        let rows = [
            row(
                "recall@10", Quantity.percent(before.recall), Quantity.percent(after.recall),
                isBetter: better(before.recall, after.recall, larger: true)),
            row(
                "p50", Quantity.microseconds(before.p50Microseconds),
                Quantity.microseconds(after.p50Microseconds),
                isBetter: better(before.p50Microseconds, after.p50Microseconds, larger: false)),
            row(
                "memory", Quantity.bytes(before.memoryBytes), Quantity.bytes(after.memoryBytes),
                isBetter: better(Double(before.memoryBytes), Double(after.memoryBytes), larger: false)),
        ]
        let table = Table(
            columns: [
                TableColumn("stored sample", .fixed(13)),
                TableColumn("before", .fixed(10), alignment: .right),
                TableColumn("after", .fixed(10), alignment: .right),
            ], rows: rows, isFocused: false)
        // The last column would take what is left, far from the figures it is compared with.
        surface.draw(table, in: rect.inset(right: max(0, rect.width - 40)))
    }
}
