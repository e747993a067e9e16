import AnomalyDetection
import Decisions
import TerminalUI
import VectorStores

/// The inbox of incidents, and the evidence of the one at hand.
struct AnomaliesScreen {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        let rows = state.inbox
        if state.density == .wide {
            let columns = rect.columns([.fraction(rect.width >= 160 ? 0.42 : 0.46), .flexible])
            drawList(rows, in: columns[0], isBoxed: true, on: &surface)
            drawRight(rows, in: columns[1], on: &surface)
        } else {
            switch state.anomalies.page {
            case .list: drawList(rows, in: rect, isBoxed: state.density != .tiny, on: &surface)
            case .evidence: drawEvidence(rows, in: rect, on: &surface)
            case .members: drawMembers(rows, in: rect, on: &surface)
            }
        }
    }

    private func drawList(_ rows: [Incident], in rect: Rect, isBoxed: Bool, on surface: inout Surface) {
        let anomalies = state.anomalies
        let isFocused = anomalies.page == .list
        var inner = rect
        if isBoxed {
            let open = rows.count { $0.isOpen }
            inner = surface.box(
                rect, title: "Inbox", rightTitle: "\(open) new of \(rows.count)",
                footer: "by \(anomalies.order.rawValue)", focused: isFocused)
        }
        if anomalies.isFiltering || !anomalies.filter.text.isEmpty {
            surface.draw(
                InputLine(
                    prompt: " / ", editor: anomalies.filter, isFocused: anomalies.isFiltering,
                    placeholder: "words, or severity:high state:new"), in: inner.row(0))
            inner = inner.inset(top: 1)
        }
        guard !rows.isEmpty else {
            let lines =
                anomalies.filter.text.isEmpty
                ? state.quietLines : [Line("no incident matches the filter; Esc clears it", .muted)]
            surface.draw(lines, in: inner.inset(left: 2, top: min(1, max(0, inner.height - 2))))
            return
        }
        var cursor = anomalies.cursor
        cursor.reconcile(rows.map(\.id), height: Table.visibleRows(height: inner.height))
        let table = IncidentTable(
            incidents: rows, now: state.eventNow, selectedIndex: cursor.index, offset: cursor.offset,
            isFocused: isFocused, showsState: true, isNarrow: inner.width < 72)
        surface.draw(table.table, in: inner)
    }

    private func drawRight(_ rows: [Incident], in rect: Rect, on surface: inout Surface) {
        guard let incident = state.selectedIncident(among: rows) else {
            surface.box(rect, title: "Evidence")
            return
        }
        let isMembers = state.anomalies.page == .members
        let inner = surface.box(
            rect, title: "\(incident.id) · \(incident.key.principal)",
            rightTitle: isMembers ? "members" : "evidence", focused: state.anomalies.page != .list
        ).inset(left: 1, right: 1)
        if isMembers {
            drawMembers(rows, in: inner, on: &surface)
        } else {
            drawEvidence(rows, in: inner, on: &surface)
        }
    }

    private func drawEvidence(_ rows: [Incident], in rect: Rect, on surface: inout Surface) {
        guard let incident = state.selectedIncident(among: rows) else { return }
        let page = EvidencePage(
            incident: incident, now: state.eventNow, width: rect.width, glyphs: surface.glyphs)
        let lines = page.lines
        let offset = min(state.anomalies.evidenceOffset, max(0, lines.count - rect.height))
        surface.draw(Array(lines.dropFirst(offset)), in: rect)
        if lines.count - offset > rect.height, rect.height > 0 {
            let below = lines.count - offset - rect.height
            surface.draw(
                " \(below) more below ", in: rect.row(rect.height - 1), style: .muted, alignment: .right)
        }
    }

    private func drawMembers(_ rows: [Incident], in rect: Rect, on surface: inout Surface) {
        guard let incident = state.selectedIncident(among: rows) else { return }
        let head = Line([
            Span(incident.id, Style(DecisionText.role(incident.severity), .bold)),
            Span("  \(Quantity.counted(incident.count, "decision")) of \(incident.key.principal)", .text),
        ])
        surface.draw(head, in: rect.row(0))
        let body = rect.inset(top: 1)
        guard let members = state.anomalies.members else {
            surface.draw("asking for the members …", in: body.row(0), style: .muted)
            return
        }
        var cursor = state.anomalies.membersCursor
        cursor.reconcile(members.map(\.storedID), height: Table.visibleRows(height: body.height))
        let table = Table(
            columns: [
                TableColumn("time", .fixed(8)), TableColumn("", .fixed(1)),
                TableColumn("action", .fixed(8), dropOrder: 1),
                TableColumn("resource", .flexible(2), truncation: .middle),
                TableColumn("from", .fixed(15), dropOrder: 3),
                TableColumn("id", .minimum(8), truncation: .middle, dropOrder: 2),
            ], count: members.count, selectedIndex: cursor.index, offset: cursor.offset,
            emptyText: "the members are no longer in the store"
        ) { index in
            let decision = members[index].decision
            return TableRow([
                Line(Clock.seconds(decision.time), .muted), Line([DecisionText.sign(decision.effect)]),
                Line(decision.actions.joined(separator: ",")), Line(DecisionText.resource(decision)),
                Line(decision.source.ip ?? Quantity.absent, .muted), Line(decision.id, .muted),
            ])
        }
        surface.draw(table, in: body)
    }
}
