import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import VectorStores

/// What the inbox remembers.
struct AnomaliesState: Equatable, Sendable {
    /// The incident at hand, by its identifier.
    var cursor = ListCursor<String>()
    /// How deep the person has gone.
    var page = Page.list
    /// Rows of evidence scrolled away.
    var evidenceOffset = 0
    /// The order of the list.
    var order = Order.severity
    /// Each incident's place in the list, kept while a person works in it.
    var places: [String: Int] = [:]
    /// The filter: a query over incidents, or plain words.
    var filter = LineEditor()
    /// Whether the filter is being typed.
    var isFiltering = false
    /// The members of ``membersIncident``, once they arrived.
    var members: [StoredDecision]?
    /// Whose members were asked for.
    var membersIncident: String?
    /// The member at hand.
    var membersCursor = ListCursor<String>()

    /// The incidents that are marked, for acts on many; they stay when rows move.
    var marks: Set<String> = []
    /// The incident that was marked last: a range begins there.
    var markAnchor: String?

    /// Rows of the member's decision scrolled away.
    var memberOffset = 0

    /// The levels of the inbox.
    enum Page: Equatable, Sendable {
        case list, evidence, flip, members, member
        /// Rules and lessons, one of them, and what other tuning would make of the history.
        case taught, taughtItem, rehearsal
    }

    /// The orders of the inbox.
    enum Order: String, Equatable, Sendable, CaseIterable {
        case severity, newest, count, tenant

        var next: Order {
            switch self {
            case .severity: .newest
            case .newest: .count
            case .count: .tenant
            case .tenant: .severity
            }
        }
    }
}

extension ConsoleState {
    /// The incident at hand.
    var selectedIncident: Incident? { selectedIncident(among: inbox) }

    /// The incident at hand, of the inbox as it was already put together.
    ///
    /// A page stays on the incident it was opened for, also when the filter no longer lets it pass.
    func selectedIncident(among rows: [Incident]) -> Incident? {
        if anomalies.isOnTaught { return nil }
        let id = anomalies.cursor.selected
        if anomalies.page != .list { return incidents.first { $0.id == id } }
        if let row = rows.first(where: { $0.id == id }) { return row }
        return rows.isEmpty ? nil : rows[min(anomalies.cursor.index, rows.count - 1)]
    }

    /// The member at hand, on the page of members and on its own.
    var selectedMember: StoredDecision? {
        guard anomalies.page == .members || anomalies.page == .member, let members = anomalies.members
        else { return nil }
        return members.first { $0.storedID == anomalies.membersCursor.selected } ?? members.first
    }

    mutating func reconcileAnomalies() {
        // An incident named at the start is waited for until the store was read.
        guard hasSnapshot, namedIncident == nil else { return }
        listIncidents()
        reconcileMarks()
        if anomalies.isOnTaught { return reconcileTaught() }
        if anomalies.page != .list, let id = anomalies.cursor.selected,
            !incidents.contains(where: { $0.id == id })
        {
            show("\(id) is not among these incidents", .note)
            anomalies.page = .list
        }
        let ids = inbox.map(\.id)
        let wanted = anomalies.cursor.selected
        if anomalies.page == .list || wanted.map(ids.contains) ?? true {
            anomalies.cursor.reconcile(ids, height: pageRows)
        }
        if anomalies.cursor.selected == nil { anomalies.page = .list }
        if anomalies.cursor.selected != wanted { anomalies.evidenceOffset = 0 }
        let read = anomalies.membersCursor.selected
        anomalies.membersCursor.reconcile((anomalies.members ?? []).map(\.storedID), height: pageRows)
        if anomalies.page == .member, anomalies.membersCursor.selected != read { anomalies.page = .members }
    }

    mutating func moveAnomalies(by rows: Int) {
        switch anomalies.page {
        case .list:
            anomalies.cursor.move(by: rows, in: inbox.map(\.id), height: pageRows)
            anomalies.evidenceOffset = 0
        case .evidence:
            let limit = AnomaliesScreen(state: self).evidenceLimit
            anomalies.evidenceOffset = max(
                0, min(anomalies.evidenceOffset + max(-500, min(rows, 500)), limit))
        case .flip: moveFlip(by: rows)
        case .members:
            anomalies.membersCursor.move(
                by: rows, in: (anomalies.members ?? []).map(\.storedID), height: pageRows)
        case .member:
            let limit = AnomaliesScreen(state: self).memberLimit
            anomalies.memberOffset = max(0, min(anomalies.memberOffset + max(-500, min(rows, 500)), limit))
        case .taught, .taughtItem, .rehearsal: moveTaught(by: rows)
        }
    }

    mutating func changeAnomaliesPane(by step: Int) {
        guard selectedIncident != nil else { return }
        anomalies.cursor.choose()
        anomalies.page = anomalies.page == .list ? .evidence : .list
        reconcileAnomalies()
    }

    /// Enter goes from the list to the evidence, from there to the members, and to each of them.
    mutating func openIncident() -> [ConsoleRequest] {
        if anomalies.isOnTaught {
            openTaught()
            return []
        }
        guard let incident = selectedIncident else { return [] }
        anomalies.cursor.select(incident.id)
        switch anomalies.page {
        case .list:
            anomalies.page = .evidence
            forgetUnansweredReach()
            return membersToName(incident)
        case .flip: return openFlipRow()
        case .evidence:
            if let value = inquiry.value, hasChosenValue { return pivot(to: value.query) }
            if incident.isOfNoDecision { return refuse("members: it is of the watching itself and has none") }
            anomalies.page = .members
            return askMembers(of: incident)
        case .members:
            anomalies.membersCursor.choose()
            anomalies.memberOffset = 0
            anomalies.page = .member
            return []
        case .member, .taught, .taughtItem, .rehearsal: return []
        }
    }

    /// Asks for the members of an incident of many principals: only they tell who these are.
    mutating func membersToName(_ incident: Incident) -> [ConsoleRequest] {
        incident.isOfManyPrincipals ? askMembers(of: incident) : []
    }

    /// Asks for an incident's members unless they are here.
    private mutating func askMembers(of incident: Incident) -> [ConsoleRequest] {
        if anomalies.membersIncident == incident.id, anomalies.members?.count == incident.members.count {
            return []
        }
        anomalies.members = nil
        anomalies.membersIncident = incident.id
        anomalies.membersCursor = ListCursor()
        return [ask(.members(ids: incident.members, tenant: incident.key.tenant), .members)]
    }

    /// Whose decisions an incident of many principals holds, each once, as far as they are known.
    func principals(of incident: Incident) -> [String] {
        guard incident.isOfManyPrincipals, anomalies.membersIncident == incident.id else { return [] }
        var seen: Set<String> = []
        return (anomalies.members ?? []).map(\.decision.principal.id).filter { seen.insert($0).inserted }
    }

    mutating func takeMembers(_ members: [StoredDecision]) {
        anomalies.members = members
        reconcileAnomalies()
    }
}
