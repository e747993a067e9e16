import AnomalyDetection
import TerminalUI

extension ConsoleState {
    /// The most incidents that are marked at once.
    static let maximumMarks = 500

    /// The incidents that are marked and can be seen, in the order of the list.
    var markedIncidents: [Incident] {
        guard view == .anomalies, anomalies.page == .list, !anomalies.marks.isEmpty else { return [] }
        return inbox.filter { anomalies.marks.contains($0.id) }
    }

    /// Marks the incident at hand or takes its mark away, and goes on to the next one.
    mutating func toggleMark() {
        guard let incident = selectedIncident else { return }
        anomalies.cursor.select(incident.id)
        if anomalies.marks.remove(incident.id) == nil {
            guard hasRoomForMarks(1) else { return }
            anomalies.marks.insert(incident.id)
        }
        anomalies.markAnchor = incident.id
        moveAnomalies(by: 1)
        reconcileAnomalies()
    }

    /// Marks everything from the row that was marked last to the one at hand.
    mutating func markRange() {
        let rows = inbox.map(\.id)
        guard let incident = selectedIncident, let end = rows.firstIndex(of: incident.id) else { return }
        let start = anomalies.markAnchor.flatMap { rows.firstIndex(of: $0) } ?? end
        let range = rows[min(start, end)...max(start, end)]
        guard hasRoomForMarks(range.count { !anomalies.marks.contains($0) }) else { return }
        anomalies.cursor.select(incident.id)
        anomalies.marks.formUnion(range)
        anomalies.markAnchor = incident.id
        reconcileAnomalies()
    }

    private mutating func hasRoomForMarks(_ more: Int) -> Bool {
        if anomalies.marks.count + more <= Self.maximumMarks { return true }
        show("at most \(Self.maximumMarks) are marked at once", .problem)
        return false
    }

    /// Forgets marks of incidents that are no longer there.
    mutating func reconcileMarks() {
        guard !anomalies.marks.isEmpty else { return }
        anomalies.marks.formIntersection(incidents.map(\.id))
        if anomalies.marks.isEmpty { anomalies.markAnchor = nil }
    }
}
