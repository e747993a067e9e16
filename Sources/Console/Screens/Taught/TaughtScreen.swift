import AnomalyDetection
import Decisions
import Operations
import TerminalUI

/// Rules and lessons as a list, one of them, and what other tuning would have made of the history.
struct TaughtScreen {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        let isBoxed = state.density != .tiny
        switch state.anomalies.page {
        case .taught: drawList(in: rect, isBoxed: isBoxed, on: &surface)
        case .taughtItem:
            let inner = box(rect, state.selectedTaught?.id ?? "", "taught", isBoxed, &surface)
            surface.draw(
                ScrolledLines(itemLines(width: inner.width), offset: state.taught.offset), in: inner)
        default:
            let inner = box(rect, "Rehearsal", span, isBoxed, &surface)
            surface.draw(
                ScrolledLines(rehearsalLines(width: inner.width), offset: state.taught.offset), in: inner)
        }
    }

    /// How far the page can be scrolled.
    var scrollLimit: Int {
        let body = state.body
        let room = state.density == .tiny ? body : body.inset(by: 1).inset(left: 1, right: 1)
        switch state.anomalies.page {
        case .taughtItem: return ScrolledLines(itemLines(width: room.width)).limit(height: room.height)
        case .rehearsal: return ScrolledLines(rehearsalLines(width: room.width)).limit(height: room.height)
        default: return 0
        }
    }

    private func box(
        _ rect: Rect, _ title: String, _ right: String, _ isBoxed: Bool, _ surface: inout Surface
    ) -> Rect {
        guard isBoxed else { return rect }
        return surface.box(rect, title: title, rightTitle: right, focused: true).inset(left: 1, right: 1)
    }

    // MARK: The list

    private func drawList(in rect: Rect, isBoxed: Bool, on surface: inout Surface) {
        let rows = state.taughtRows
        let active = rows.count { $0.standing(at: state.now) == .active }
        let inner = box(rect, "Taught", "\(active) in effect of \(rows.count)", isBoxed, &surface)
        guard !rows.isEmpty else {
            let lines = [
                Line("nothing was taught yet"), .empty,
                Line("S on an incident hides what is like it, for a time", .muted),
                Line("resolving one as expected, false or true positive teaches the detector", .muted),
            ]
            return surface.draw(lines, in: inner.inset(left: 1, top: 1))
        }
        var cursor = state.taught.cursor
        cursor.reconcile(rows.map(\.id), height: Table.visibleRows(height: inner.height))
        let table = Table(
            columns: [
                TableColumn("", .fixed(1)), TableColumn("name", .fixed(6)),
                TableColumn("what", .minimum(24)),
                TableColumn("by", .fixed(8), dropOrder: 2),
                TableColumn("age", .fixed(5), alignment: .right, dropOrder: 3),
                TableColumn("ends", .fixed(7), alignment: .right, dropOrder: 1),
                TableColumn("hits", .fixed(5), alignment: .right, dropOrder: 4),
            ], count: rows.count, selectedIndex: cursor.index, offset: cursor.offset
        ) { row(rows[$0]) }
        surface.draw(table, in: inner)
    }

    private func row(_ item: TaughtItem) -> TableRow {
        let isActive = item.standing(at: state.now) == .active
        return TableRow([
            Line(isActive ? "✓" : "", Style(.good, .bold)),
            Line(item.id, Style(isActive ? .accent : .muted, .bold)),
            Line(item.words, isActive ? .text : .muted), Line(item.author, .muted),
            Line(Age.short(since: item.created, now: state.now), .muted), Line(end(of: item), .muted),
            Line(Quantity.short(item.hits.count), item.hits.count > 0 && isActive ? .text : .muted),
        ])
    }

    /// When it ends, or how it did.
    private func end(of item: TaughtItem) -> String {
        switch item.standing(at: state.now) {
        case .undone: return "undone"
        case .expired: return "expired"
        case .active:
            guard let expires = item.expires else { return Quantity.absent }
            let seconds = expires.secondsSince1970 - state.now.secondsSince1970
            return "in " + Age.short(seconds: seconds).replacing(" ", with: "")
        }
    }

    // MARK: One of them

    private func itemLines(width: Int) -> [Line] {
        guard let item = state.selectedTaught else { return [] }
        let standing = item.standing(at: state.now)
        var lines: [Line] = [
            Line([
                Span(item.id, .accent, .bold),
                Span("  " + heading(item)),
                Span("  " + word(standing), standing == .active ? .good : .muted),
            ]), .empty,
        ]
        lines += field("by", item.author, width)
        lines += field(
            "made", "\(Clock.stamp(item.created)), \(Age.short(since: item.created, now: state.now)) ago",
            width)
        lines += field("ends", item.expires.map { Clock.stamp($0) } ?? "not by itself", width)
        if let end = item.end {
            lines += field(end.cause.rawValue, "\(Clock.stamp(end.time)) by \(end.who)", width)
        }
        lines += field("reason", item.reason.isEmpty ? "none given" : item.reason, width)
        let hits = item.hits
        var counted = Quantity.counted(hits.count, "decision")
        if hits.critical > 0 { counted += ", \(hits.critical) critical" }
        if let last = hits.last { counted += ", the newest \(Clock.stamp(last))" }
        lines += field("hits", counted, width)
        switch item.subject {
        case .rule(let rule):
            if let incident = rule.incident { lines += field("from", "incident \(incident)", width) }
            lines += [.empty, Line("HIDES", Style(.title, .bold))]
            for name in rule.fields.asked {
                let value = rule.fields[name] ?? ""
                lines += field(name.rawValue, value.isEmpty ? "(none)" : value, width)
            }
        case .lesson(let lesson):
            lines += field("tenant", ConsoleState.tenantName(lesson.tenant), width)
            if !lesson.members.isEmpty {
                lines += field("neighbours", "\(lesson.members.count) decisions are none", width)
            }
            let title = lesson.kind == .ordinary ? "ORDINARY" : "COUNTS FOR NOTHING"
            lines += [.empty, Line(title, Style(.title, .bold))]
            for shape in lesson.shapes { lines.append(shapeLine(shape, isCounted: lesson.kind == .withheld)) }
        }
        return lines
    }

    private func shapeLine(_ shape: Lesson.Shape, isCounted: Bool) -> Line {
        Line([
            DecisionText.sign(shape.effect), Span(" " + shape.principal, .identifier),
            Span(" " + shape.actions.joined(separator: ",") + " " + shape.kind),
            Span(isCounted ? "  \(shape.count)×" : "", .muted),
        ])
    }

    private func heading(_ item: TaughtItem) -> String {
        switch item.subject {
        case .rule: "rule"
        case .lesson(let lesson): "lesson of an incident that was \(lesson.resolution.words)"
        }
    }

    private func word(_ standing: TaughtItem.Standing) -> String {
        standing == .active ? "in effect" : standing.rawValue
    }

    private func field(_ name: String, _ value: String, _ width: Int) -> [Line] {
        let label = name + String(repeating: " ", count: max(1, 12 - name.count))
        let wrapped = Paragraph([Line(value)]).wrapped(width: max(8, width - 12))
        return wrapped.enumerated().map { index, line in
            Line([Span(index == 0 ? label : String(repeating: " ", count: 12), .muted)] + line.spans)
        }
    }

    // MARK: The rehearsal

    private var span: String {
        guard let outcome = state.taught.outcome, outcome.since != nil else { return "" }
        return "\(Quantity.fixed(outcome.days, decimals: 1)) days"
    }

    private func rehearsalLines(width: Int) -> [Line] {
        guard let rehearsal = state.taught.rehearsal else {
            return [
                state.ledger.isWaiting(.rehearsal)
                    ? Line("reading the history … Ctrl-c stops", Style(.accent))
                    : Line("not answered; :rehearse asks again", .muted)
            ]
        }
        guard rehearsal.history.since != nil else {
            return [
                Line("nothing was flagged yet, or nearly: there is nothing to rehearse on")
            ]
        }
        let alpha = rehearsal.history.alpha
        var lines = [
            Line([
                Span("ALPHA       ", .title, .bold), Span("\(alpha)"), Span(" → ", .muted),
                Span("\(state.taught.alpha)", .accent, .bold), Span("   ← → move it", .muted),
            ])
        ]
        guard let outcome = state.taught.outcome else {
            let isCounting = state.ledger.isWaiting(.tuning)
            return lines + [
                isCounting
                    ? Line("counting …", Style(.accent)) : Line("not counted; ← → count again", .muted)
            ]
        }
        lines += [
            figures(
                "pages/week", Quantity.fixed(outcome.pagesPerWeekBefore, decimals: 1),
                Quantity.fixed(outcome.pagesPerWeekAfter, decimals: 1),
                "\(outcome.pagesBefore) → \(outcome.pagesAfter) in all"),
            figures(
                "flagged", Quantity.grouped(outcome.anomaliesBefore),
                Quantity.grouped(outcome.anomaliesAfter),
                "decisions"),
            lostLine(outcome.lost.count),
        ]
        if outcome.unjudged > 0 {
            let text =
                "\(Quantity.counted(outcome.unjudged, "incident")) from before the history: no alpha is tried on them"
            lines += Paragraph([Line(text, .muted)]).wrapped(width: width)
        }
        if outcome.tuning.alpha != alpha {
            lines.append(
                Line([
                    Span("write       ", .muted),
                    Span("detection: {alpha: \(outcome.tuning.alpha)}", .accent),
                    Span("  into the configuration", .muted),
                ]))
        }
        lines += list("VANISH", outcome.vanished) + list("APPEAR", outcome.appeared)
        return lines
    }

    private func figures(_ name: String, _ before: String, _ after: String, _ more: String) -> Line {
        let label = name + String(repeating: " ", count: max(1, 12 - name.count))
        return Line([
            Span(label, .muted), Span(before), Span(" → ", .muted), Span(after, .text, .bold),
            Span("   " + more, .muted),
        ])
    }

    private func lostLine(_ count: Int) -> Line {
        count == 0
            ? Line([Span("lost        ", .muted), Span("no true positive", .good)])
            : Line([
                Span("lost        ", .muted),
                Span(Quantity.counted(count, "true positive"), .critical, .bold),
            ])
    }

    /// The most alerts of a list that are drawn.
    private static let maximumAlerts = 200

    private func list(_ title: String, _ alerts: [Rehearsal.Alert]) -> [Line] {
        var lines = [Line.empty, Line("\(title)  \(Quantity.grouped(alerts.count))", Style(.title, .bold))]
        for alert in alerts.prefix(Self.maximumAlerts) { lines.append(line(of: alert)) }
        if alerts.count > Self.maximumAlerts {
            lines.append(Line("and \(alerts.count - Self.maximumAlerts) more", .muted))
        }
        return lines
    }

    private func line(of alert: Rehearsal.Alert) -> Line {
        let facts = alert.facts
        var spans = [
            Span(DecisionText.sign(alert.severity) + " ", DecisionText.role(alert.severity), .bold),
            Span(alert.incident ?? "–", .accent), Span("  " + facts.principal, .identifier),
            Span(" " + facts.actions.joined(separator: ",") + " " + facts.kind + " "),
            DecisionText.sign(facts.effect), Span("  \(Quantity.short(alert.count))×", .muted),
        ]
        if let resolution = alert.resolution {
            spans.append(
                Span("  " + resolution.words, resolution == .truePositive ? .critical : .muted))
        }
        if state.scope == nil {
            spans.append(Span("  " + ConsoleState.tenantName(facts.tenant), .muted))
        }
        return Line(spans)
    }
}
