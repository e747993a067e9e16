public import Decisions

extension IncidentBook {
    /// Moves an incident to a state on behalf of a person and keeps that in its history.
    public mutating func setState(
        _ state: Incident.State, of id: String, by who: String, at time: Timestamp
    ) throws(IncidentError) -> Incident {
        guard var incident = incidents[id] else {
            throw IncidentError(.unknown, "no incident is named \(id): list them with verdict anomalies")
        }
        guard incident.state != state else { return incident }
        guard state != .reopened || incident.history.contains(where: { $0.from == .reopened }) else {
            throw IncidentError(
                .invalidTransition,
                "incident \(id) cannot be set to reopened: only a new anomaly reopens an incident")
        }
        incident.history.append(
            Incident.TriageEntry(time: time, who: who, from: incident.state, to: state))
        if incident.history.count > configuration.maximumHistory {
            incident.history.removeFirst(incident.history.count - configuration.maximumHistory)
        }
        incident.state = state
        incident.revision += 1
        incidents[id] = incident
        return incident
    }

    /// Takes back the newest thing a person did to an incident; that, too, stays in its history.
    public mutating func undo(
        of id: String, by who: String, at time: Timestamp
    ) throws(IncidentError) -> Incident {
        guard let incident = incidents[id] else {
            throw IncidentError(.unknown, "no incident is named \(id): list them with verdict anomalies")
        }
        guard let last = incident.history.last, last.to == incident.state else {
            throw IncidentError(
                .invalidTransition, "incident \(id) has nothing to take back: nobody changed it last")
        }
        return try setState(last.from, of: id, by: who, at: time)
    }
}
