import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import VectorStores

/// The inbox of incidents, and the evidence of the one at hand.
struct AnomaliesScreen {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        let rows = state.inbox
        if state.isSplit {
            let columns = columns(of: rect)
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

    private func columns(of rect: Rect) -> [Rect] {
        rect.columns([.fraction(rect.width >= 160 ? 0.42 : 0.46), .flexible])
    }

    /// How far the evidence at hand can be scrolled.
    var evidenceLimit: Int {
        guard let incident = state.selectedIncident else { return 0 }
        var room = Shell.body(of: state.size)
        if state.isSplit { room = columns(of: room)[1].inset(by: 1).inset(left: 1, right: 1) }
        let page = state.evidencePage(of: incident, width: room.width, glyphs: state.glyphs)
        return ScrolledLines(page.lines).limit(height: room.height)
    }

    private func drawList(_ rows: [Incident], in rect: Rect, isBoxed: Bool, on surface: inout Surface) {
        let anomalies = state.anomalies
        let isFocused = anomalies.page == .list
        var inner = rect
        if isBoxed {
            let all = state.incidents.count
            let count = rows.count == all ? "\(rows.count { $0.isOpen }) new" : "\(rows.count)"
            inner = surface.box(
                rect, title: "Inbox", rightTitle: "\(count) of \(all)",
                footer: "by \(anomalies.order.rawValue)", focused: isFocused)
        }
        if anomalies.isFiltering || !anomalies.filter.text.isEmpty {
            surface.draw(
                InputLine(
                    prompt: " / ", editor: anomalies.filter, isFocused: anomalies.isFiltering,
                    placeholder: "words, or severity:high state:new"), in: inner.row(0))
            inner = inner.inset(top: 1)
            if let problem = state.inboxFilter.problem {
                QueryProblem(problem: problem, text: anomalies.filter.text, indent: 3)
                    .draw(in: inner, on: &surface)
                inner = inner.inset(top: QueryProblem.height)
            }
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
            incidents: rows, now: state.now, selectedIndex: cursor.index, offset: cursor.offset,
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
            rect, title: "\(incident.id) · \(DecisionText.principal(incident))",
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
        let page = state.evidencePage(of: incident, width: rect.width, glyphs: surface.glyphs)
        surface.draw(ScrolledLines(page.lines, offset: state.anomalies.evidenceOffset), in: rect)
    }

    private func drawMembers(_ rows: [Incident], in rect: Rect, on surface: inout Surface) {
        guard let incident = state.selectedIncident(among: rows) else { return }
        IncidentMembers(
            incident: incident, members: state.anomalies.members, cursor: state.anomalies.membersCursor
        ).draw(in: rect, on: &surface)
    }
}

extension ConsoleState {
    /// An incident's evidence, told by the clocks and the past of the picture that is shown.
    func evidencePage(of incident: Incident, width: Int, glyphs: GlyphSet) -> EvidencePage {
        EvidencePage(
            incident: incident, now: eventNow, isLogEnd: asOf != nil,
            oldest: snapshot.statistics.oldestDecision, principals: principals(of: incident), width: width,
            glyphs: glyphs)
    }
}
