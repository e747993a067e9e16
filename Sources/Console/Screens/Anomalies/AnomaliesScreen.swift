import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import VectorStores

/// The inbox of incidents, and the evidence of the one at hand.
struct AnomaliesScreen {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        guard state.holdsDecisions else {
            let isBoxed = state.density != .tiny
            let inner = isBoxed ? surface.box(rect, title: "Inbox").inset(left: 1, top: 1, right: 1) : rect
            surface.draw(state.quietLines(width: inner.width), in: inner)
            return
        }
        if state.anomalies.isOnTaught { return TaughtScreen(state: state).draw(in: rect, on: &surface) }
        let rows = state.inbox
        if state.isSplit {
            let columns = columns(of: rect)
            drawList(rows, in: columns[0], isBoxed: true, on: &surface)
            drawRight(rows, in: columns[1], on: &surface)
        } else {
            switch state.anomalies.page {
            case .list: drawList(rows, in: rect, isBoxed: state.density != .tiny, on: &surface)
            case .evidence: drawEvidence(rows, in: rect, on: &surface)
            case .flip: drawFlip(in: rect, on: &surface)
            case .members: drawMembers(rows, in: rect, on: &surface)
            case .member: drawMember(in: rect, on: &surface)
            case .taught, .taughtItem, .rehearsal: break
            }
        }
    }

    private func columns(of rect: Rect) -> [Rect] {
        rect.columns([.fraction(rect.width >= 160 ? 0.42 : 0.46), .flexible])
    }

    /// How far the evidence at hand can be scrolled.
    var evidenceLimit: Int {
        guard let incident = state.selectedIncident else { return 0 }
        let page = state.evidencePage(of: incident, width: pageRoom.width, glyphs: state.glyphs)
        return ScrolledLines(page.lines).limit(height: pageRoom.height)
    }

    /// How far the member at hand can be scrolled.
    var memberLimit: Int {
        ScrolledLines(memberLines(width: pageRoom.width)).limit(height: pageRoom.height)
    }

    /// Where the pages stand that the list leads to.
    var pageRoom: Rect {
        state.isSplit ? columns(of: state.body)[1].inset(by: 1).inset(left: 1, right: 1) : state.body
    }

    private func memberLines(width: Int) -> [Line] {
        guard let member = state.selectedMember else { return [] }
        return DecisionPage(decision: member.decision, storedID: member.storedID, width: width).lines
    }

    private func drawMember(in rect: Rect, on surface: inout Surface) {
        surface.draw(
            ScrolledLines(memberLines(width: rect.width), offset: state.anomalies.memberOffset), in: rect)
    }

    private func drawList(_ rows: [Incident], in rect: Rect, isBoxed: Bool, on surface: inout Surface) {
        let anomalies = state.anomalies
        let isFocused = anomalies.page == .list
        var inner = rect
        if isBoxed {
            let all = state.incidents.count
            let count = rows.count == all ? "\(rows.count { $0.isOpen }) new" : "\(rows.count)"
            let marked = anomalies.marks.isEmpty ? "" : "\(state.markedIncidents.count) marked"
            inner = surface.box(
                rect, title: "Inbox", rightTitle: "\(count) of \(all)",
                footer: "by \(anomalies.order.rawValue)", rightFooter: marked, focused: isFocused
            ).inset(right: 1)
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
            let room = inner.inset(left: 2, top: min(1, max(0, inner.height - 2)))
            let lines =
                anomalies.filter.text.isEmpty
                ? state.quietLines(width: room.width)
                : [Line("no incident matches the filter; Esc clears it", .muted)]
            surface.draw(lines, in: room)
            return
        }
        var cursor = anomalies.cursor
        cursor.reconcile(rows.map(\.id), height: Table.visibleRows(height: inner.height))
        // Beside the page of an incident that the filter hides no other one is shown as chosen.
        let isHidden = !isFocused && cursor.selected != anomalies.cursor.selected
        let selectedIndex = isHidden ? nil : cursor.index
        let table = IncidentTable(
            incidents: rows, now: state.now, selectedIndex: selectedIndex, offset: cursor.offset,
            isFocused: isFocused, marks: anomalies.marks, showsState: true, width: inner.width)
        surface.draw(table.table, in: inner)
    }

    private func drawRight(_ rows: [Incident], in rect: Rect, on surface: inout Surface) {
        guard let incident = state.selectedIncident(among: rows) else {
            surface.box(rect, title: "Evidence")
            return
        }
        let page = state.anomalies.page
        let right =
            switch page {
            case .members: "members"
            case .member: "decision"
            case .flip: "flip a field"
            case .list, .evidence, .taught, .taughtItem, .rehearsal: "evidence"
            }
        let inner = surface.box(
            rect, title: "\(incident.id) · \(DecisionText.principal(incident))", rightTitle: right,
            focused: page != .list
        ).inset(left: 1, right: 1)
        switch page {
        case .list, .evidence: drawEvidence(rows, in: inner, on: &surface)
        case .flip: drawFlip(in: inner, on: &surface)
        case .members: drawMembers(rows, in: inner, on: &surface)
        case .member: drawMember(in: inner, on: &surface)
        case .taught, .taughtItem, .rehearsal: break
        }
    }

    private func drawEvidence(_ rows: [Incident], in rect: Rect, on surface: inout Surface) {
        guard let incident = state.selectedIncident(among: rows) else { return }
        let page = state.evidencePage(of: incident, width: rect.width, glyphs: surface.glyphs)
        let chosen = state.hasChosenValue ? state.inquiry.value : nil
        let lines = LinkedLines(lines: page.lines).marking(chosen)
        surface.draw(ScrolledLines(lines, offset: state.anomalies.evidenceOffset), in: rect)
    }

    private func drawFlip(in rect: Rect, on surface: inout Surface) {
        guard let flip = state.flip else { return }
        FlipPage(flip: flip, isWaiting: state.ledger.isWaiting(.flips), width: rect.width)
            .draw(in: rect, on: &surface)
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
            oldest: snapshot.statistics.oldestDecision, principals: principals(of: incident),
            reach: reach(of: incident), width: width, glyphs: glyphs)
    }
}
