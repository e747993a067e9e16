import Decisions
import Operations
import TerminalUI
import VectorStores

/// Each check with its state and since when, and one line per source.
struct HealthScreen {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        let checks = state.snapshot.health
        let sources = state.snapshot.sources
        if state.density == .tiny {
            drawTiny(in: rect, on: &surface)
            return
        }
        let detail = min(Self.detailHeight, max(3, rect.height / 2))
        let upper = rect.height - detail
        // Without a source one row says so, and the checks have the rest.
        let least = sources.isEmpty ? 3 : min(sources.count + 3, max(4, upper * 4 / 10))
        let rows = rect.rows([
            .fixed(min(max(4, checks.count + 3), max(4, upper - least))), .flexible, .fixed(detail),
        ])
        let inner = surface.box(rows[0], title: "Checks", rightTitle: worstText, focused: isCheck)
            .inset(right: 1)
        drawChecks(checks, in: inner, on: &surface)
        let below = surface.box(
            rows[1], title: "Sources", rightTitle: Quantity.counted(sources.count, "source"),
            focused: !isCheck && !sources.isEmpty
        ).inset(right: 1)
        drawSources(sources, in: below, on: &surface)
        let last = surface.box(rows[2], title: "Detail").inset(left: 1, right: 1)
        surface.draw(Paragraph(detailLines), in: last)
    }

    /// Six rows between two edges: a sentence is read whole.
    private static let detailHeight = 8

    /// Rows of detail under a list with little room.
    private static let tinyDetailHeight = 2

    private var isCheck: Bool {
        if case .source = state.selectedHealthRow { return false }
        return true
    }

    private var worstText: String {
        guard let worst = state.snapshot.health.map(\.status).max() else { return "" }
        let count = state.snapshot.health.count { $0.status == worst }
        return worst == .ok ? "all \(count) ok" : "\(count) \(worst.rawValue)"
    }

    private static func role(_ status: HealthCheck.Status) -> Role {
        switch status {
        case .ok: .good
        case .degraded: .warning
        case .failed: .critical
        }
    }

    private static func sign(_ status: HealthCheck.Status) -> String {
        switch status {
        case .ok: "✓"
        case .degraded: "▲"
        case .failed: "✗"
        }
    }

    /// The row at hand among those of one box; a box without it shows its first rows.
    private func cursor(among rows: [HealthRow], height: Int) -> (selected: Int?, offset: Int) {
        guard let id = state.selectedHealthRow?.id, rows.contains(where: { $0.id == id }) else {
            return (nil, 0)
        }
        var cursor = ListCursor(selected: id)
        cursor.reconcile(rows.map(\.id), height: Table.visibleRows(height: height))
        return (cursor.index, cursor.offset)
    }

    private func drawChecks(_ checks: [HealthCheck], in rect: Rect, on surface: inout Surface) {
        let place = cursor(among: checks.map { .check($0) }, height: rect.height)
        let table = Table(
            columns: [
                TableColumn("check", .minimum(12)), TableColumn("state", .fixed(10)),
                TableColumn("since", .fixed(18), dropOrder: 2),
                TableColumn("detail", .flexible(4), dropOrder: 1),
            ], count: checks.count, selectedIndex: place.selected, offset: place.offset,
            emptyText: "no check has run yet"
        ) { index in
            let check = checks[index]
            return TableRow([
                Line(check.name),
                Line(
                    Self.sign(check.status) + " " + check.status.rawValue,
                    Style(Self.role(check.status), .bold)),
                Line(Clock.stamp(check.since), .muted),
                Line(check.detail, check.status == .ok ? .muted : .text),
            ])
        }
        surface.draw(table, in: rect)
    }

    /// What a count of a source has room for.
    private static let acceptedCells = 9
    private static let rejectsCells = 8

    private func drawSources(_ sources: [SourceSummary], in rect: Rect, on surface: inout Surface) {
        guard !sources.isEmpty else {
            surface.draw("nothing is followed", in: rect.inset(left: 1), style: .muted)
            return
        }
        let place = cursor(among: sources.map { .source($0) }, height: rect.height)
        let table = Table(
            columns: [
                TableColumn("source", .minimum(14), truncation: .middle), TableColumn("state", .fixed(11)),
                TableColumn("last event", .fixed(17), dropOrder: 3),
                TableColumn("lag", .fixed(6), alignment: .right, dropOrder: 1),
                TableColumn("rate", .fixed(8), alignment: .right, dropOrder: 2),
                TableColumn("accepted", .fixed(Self.acceptedCells), alignment: .right, dropOrder: 4),
                TableColumn("rejects", .fixed(Self.rejectsCells), alignment: .right),
            ], count: sources.count, selectedIndex: place.selected, offset: place.offset
        ) { index in
            let source = sources[index]
            return TableRow([
                Line(source.id),
                Line(
                    SourceText.sign(source.state) + " " + source.state.rawValue,
                    Style(SourceText.role(source.state))),
                Line(source.lastEvent.map(Clock.stamp) ?? Quantity.absent, .muted),
                Line(source.lagSeconds.map { Age.short(seconds: $0) } ?? Quantity.absent),
                Line(Quantity.short(source.ratePerSecond) + "/s"),
                Line(Quantity.grouped(source.accepted, within: Self.acceptedCells), .muted),
                Line(
                    Quantity.grouped(source.rejected, within: Self.rejectsCells),
                    source.rejected == 0 ? .muted : Style(.warning)),
            ])
        }
        surface.draw(table, in: rect)
    }

    private var detailLines: [Line] {
        switch state.selectedHealthRow {
        case .check(let check):
            [
                Line([
                    Span(check.name, .text, .bold),
                    Span("  \(check.status.rawValue)", Self.role(check.status)),
                    Span(
                        "  for \(Age.long(seconds: state.now.secondsSince1970 - check.since.secondsSince1970))",
                        .muted),
                ]), Line(check.detail),
                check.status == .ok
                    ? .empty
                    : Self.runbook(state.holdsDecisions ? Runbook.line(for: check) : Runbook.lineOfOtherRows),
            ]
        case .source(let source): detailLines(of: source)
        case nil: [Line("nothing to show yet", .muted)]
        }
    }

    private func detailLines(of source: SourceSummary) -> [Line] {
        var lines = [
            Line([
                Span(source.id, .text, .bold),
                Span("  \(source.state.rawValue)", SourceText.role(source.state)),
                Span("  \(Quantity.counted(source.accepted, "decision"))", .text),
                Span(
                    source.duplicates == 0
                        ? "" : ", \(Quantity.grouped(source.duplicates)) known already", .text),
                Span(
                    source.leftOut == 0
                        ? "" : ", \(Quantity.grouped(source.leftOut)) left out by rules", .text),
                Span(
                    source.rejected == 0 ? "" : ", \(Quantity.grouped(source.rejected)) rejected", .warning),
            ]), Line(lastReject(source), source.state == .failed ? Style(.critical) : .text),
        ]
        if let order = SourceText.order(source) { lines.append(Line(order, Style(.warning))) }
        let isWell = source.rejected == 0 && source.ahead == 0 && SourceText.isHeard(source)
        lines.append(isWell ? .empty : Self.runbook(Runbook.line(for: source)))
        return lines
    }

    private func lastReject(_ source: SourceSummary) -> String {
        guard let reason = source.lastReject else {
            return source.rejected == 0 ? "nothing was rejected" : ""
        }
        return (source.state == .failed ? "failed: " : "last reject: ") + reason
    }

    private static func runbook(_ text: String) -> Line {
        Line([Span("→ ", .accent, .bold), Span(text, .text)])
    }

    private func drawTiny(in rect: Rect, on surface: inout Surface) {
        let rows = state.healthRows
        // No key leads to a detail, so that of the row at hand stands below the list.
        let detail = Paragraph(Array(detailLines.dropFirst())).wrapped(width: rect.width).prefix(
            min(Self.tinyDetailHeight, rect.height / 3))
        let list = rect.inset(bottom: detail.count)
        surface.draw(Array(detail), in: rect.inset(top: list.height))
        var cursor = state.health.cursor
        cursor.reconcile(rows.map(\.id), height: list.height)
        let table = Table(
            columns: [TableColumn("", .minimum(10), truncation: .middle), TableColumn("", .fixed(11))],
            count: rows.count, selectedIndex: rows.isEmpty ? nil : cursor.index, offset: cursor.offset,
            showsHeader: false, emptyText: "no check has run yet"
        ) { index in
            switch rows[index] {
            case .check(let check):
                TableRow([
                    Line(check.name),
                    Line(
                        Self.sign(check.status) + " " + check.status.rawValue, Style(Self.role(check.status))),
                ])
            case .source(let source):
                TableRow([
                    Line(source.id),
                    Line(
                        SourceText.sign(source.state) + " " + source.state.rawValue,
                        Style(SourceText.role(source.state))),
                ])
            }
        }
        surface.draw(table, in: list)
    }
}
