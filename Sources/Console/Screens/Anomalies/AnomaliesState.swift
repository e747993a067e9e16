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

    /// The levels of the inbox.
    enum Page: Equatable, Sendable {
        case list, evidence, members
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
    func selectedIncident(among rows: [Incident]) -> Incident? {
        guard !rows.isEmpty else { return nil }
        if let id = anomalies.cursor.selected, let row = rows.first(where: { $0.id == id }) { return row }
        return rows[min(anomalies.cursor.index, rows.count - 1)]
    }

    /// The member at hand, on the page of members.
    var selectedMember: StoredDecision? {
        guard anomalies.page == .members, let members = anomalies.members else { return nil }
        return members.first { $0.storedID == anomalies.membersCursor.selected } ?? members.first
    }

    mutating func reconcileAnomalies() {
        // An incident named at the start is waited for while nothing has arrived yet.
        guard hasSnapshot else { return }
        listIncidents()
        let ids = inbox.map(\.id)
        let wanted = anomalies.cursor.selected
        anomalies.cursor.reconcile(ids, height: pageRows)
        if anomalies.cursor.selected != wanted {
            anomalies.evidenceOffset = 0
            if anomalies.page == .members { anomalies.page = .evidence }
        }
        if ids.isEmpty { anomalies.page = .list }
        anomalies.membersCursor.reconcile((anomalies.members ?? []).map(\.storedID), height: pageRows)
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
        case .members:
            anomalies.membersCursor.move(
                by: rows, in: (anomalies.members ?? []).map(\.storedID), height: pageRows)
        }
    }

    mutating func changeAnomaliesPane(by step: Int) {
        guard selectedIncident != nil else { return }
        anomalies.cursor.choose()
        anomalies.page = anomalies.page == .list ? .evidence : .list
    }

    /// Enter goes from the list to the evidence, from there to the members.
    mutating func openIncident() -> [ConsoleRequest] {
        guard let incident = selectedIncident else { return [] }
        anomalies.cursor.select(incident.id)
        switch anomalies.page {
        case .list:
            anomalies.page = .evidence
            // Who they are is told by the members only.
            return incident.isOfManyPrincipals ? askMembers(of: incident) : []
        case .members: return []
        case .evidence:
            anomalies.page = .members
            return askMembers(of: incident)
        }
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
