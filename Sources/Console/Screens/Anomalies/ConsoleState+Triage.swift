import AnomalyDetection
import Operations
import TerminalUI

extension ConsoleState {
    /// Takes the incident at hand; shown at once, told to the store, taken back by `u`.
    mutating func acknowledge() -> [ConsoleRequest] {
        guard let incident = selectedIncident, incident.isOpen else { return [] }
        undo.append(TriageUndo(incident: incident.id, from: incident.state, to: .acknowledged))
        if undo.count > TriageUndo.maximum { undo.removeFirst() }
        anomalies.cursor.select(incident.id)
        let request = setState(.acknowledged, of: incident)
        if anomalies.page == .list, let next = nextOpen(after: incident.id) {
            anomalies.cursor.select(next)
            anomalies.evidenceOffset = 0
            reconcileAnomalies()
        }
        show("\(incident.id) acknowledged · u undoes", .done)
        return [request]
    }

    /// The next incident below that waits for a person, else the first that does.
    private func nextOpen(after id: String) -> String? {
        let rows = inbox
        let place = rows.firstIndex { $0.id == id } ?? 0
        return (rows[place...].first { $0.isOpen } ?? rows.first { $0.isOpen })?.id
    }

    /// Takes back the last triage.
    mutating func undoTriage() -> [ConsoleRequest] {
        guard let last = undo.popLast() else { return [] }
        // Of every tenant: what was taken back may lie outside what the console is narrowed to.
        guard
            let incident = triaged[last.incident]
                ?? snapshot.incidents.first(where: { $0.id == last.incident })
        else {
            show("\(last.incident) is no longer there: nothing was taken back", .problem)
            return []
        }
        if anomalies.page == .list, incidents.contains(where: { $0.id == incident.id }) {
            anomalies.cursor.select(incident.id)
        }
        let request = setState(last.from, of: incident)
        let tenant =
            scope.map { $0 == incident.key.tenant } ?? true
            ? "" : " in tenant \(Self.tenantName(incident.key.tenant))"
        show("\(incident.id)\(tenant) is \(last.from.rawValue) again", .done)
        return [request]
    }

    private mutating func setState(_ state: Incident.State, of incident: Incident) -> ConsoleRequest {
        var changed = incident
        changed.state = state
        changed.revision += 1
        triaged[incident.id] = changed
        reconcileAnomalies()
        let ticket = ledger.issue(.triage, milliseconds: milliseconds)
        triageTickets[ticket] = incident.id
        return .ask(.setState(state, incident: incident.id), ticket)
    }

    /// The store's word on an incident replaces what was assumed.
    mutating func takeTriaged(_ incident: Incident, _ ticket: RequestTicket) {
        triageTickets[ticket] = nil
        triaged[incident.id] = incident
        reconcileAnomalies()
    }

    /// What the store refused is shown as it was before.
    mutating func revertTriage(_ ticket: RequestTicket) {
        guard let incident = triageTickets.removeValue(forKey: ticket) else { return }
        triaged[incident] = nil
        undo.removeAll { $0.incident == incident }
        reconcileAnomalies()
    }
}
