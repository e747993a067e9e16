import Decisions
import VectorStores

extension IncidentBook {
    /// Says of an incident that the periodic pass found it, and lists more of its decisions.
    ///
    /// They were not flagged, so the incident becomes no worse by them.
    mutating func noteFoundByPass(_ id: String, with members: [StoredDecision]) {
        guard var incident = incidents[id] else { return }
        incident.isFoundByPass = true
        for stored in members where !incident.members.contains(stored.storedID) {
            incident.count += 1
            incident.first = min(incident.first, stored.decision.time)
            incident.last = max(incident.last, stored.decision.time)
            incident.members.append(stored.storedID)
            incident.note(stored.decision, configuration: configuration)
        }
        incident.revision += 1
        incidents[id] = incident
    }
}
