public import Decisions

extension IncidentBook {
    /// What an act did.
    public struct Acted: Sendable, Hashable {
        /// The incident as it now is.
        public var incident: Incident
        /// Where its triage stood before.
        public var before: Incident.Standing
        /// Whether it changed anything.
        public var isChanged: Bool
    }

    /// Does what a person asks for to an incident and keeps that in its history.
    public mutating func perform(
        _ act: TriageAct, on id: String, by who: String, at time: Timestamp
    ) throws(IncidentError) -> Acted {
        var incident = try known(id)
        let before = incident.standing
        let isChanged = try incident.perform(act, by: who, at: time, keeping: configuration.maximumHistory)
        if isChanged { incidents[id] = incident }
        return Acted(incident: incident, before: before, isChanged: isChanged)
    }

    /// Moves an incident to a state on behalf of a person and keeps that in its history.
    public mutating func setState(
        _ state: Incident.State, of id: String, by who: String, at time: Timestamp
    ) throws(IncidentError) -> Incident {
        var incident = try known(id)
        guard incident.state != state else { return incident }
        guard state != .reopened || incident.history.contains(where: { $0.from == .reopened }) else {
            throw IncidentError(
                .invalidTransition,
                "incident \(id) cannot be set to reopened: only a new anomaly reopens an incident")
        }
        var after = incident.standing
        after.state = state
        if state != .resolved { after.resolution = nil }
        incident.record(
            Incident.TriageEntry(
                time: time, who: who, act: .change, before: incident.standing, after: after),
            keeping: configuration.maximumHistory)
        incidents[id] = incident
        return incident
    }

    /// Takes back the newest thing that was done to an incident, by one person or by anybody; that, too, stays in its
    /// history.
    public mutating func undo(
        of id: String, by who: String, only author: String? = nil, at time: Timestamp
    ) throws(IncidentError) -> Incident {
        var incident = try known(id)
        try incident.undo(by: who, of: author, at: time, keeping: configuration.maximumHistory)
        incidents[id] = incident
        return incident
    }

    /// Ends the snoozes that are due at an instant; returns the incidents that were woken.
    public mutating func wakeDue(at now: Timestamp) -> [Acted] {
        var woken: [Acted] = []
        for id in incidents.values.filter({ $0.snooze != nil }).map(\.id).sorted() {
            guard var incident = incidents[id] else { continue }
            let before = incident.standing
            guard incident.wake(at: now) else { continue }
            incidents[id] = incident
            woken.append(Acted(incident: incident, before: before, isChanged: true))
        }
        return woken
    }

    private func known(_ id: String) throws(IncidentError) -> Incident {
        guard let incident = incidents[id] else {
            throw IncidentError(.unknown, "no incident is named \(id): list them with verdict anomalies")
        }
        return incident
    }
}

extension Incident {
    /// Ends a snooze when so many members have come as were waited for, or when it became worse; says whether it did.
    mutating func rouse(from severity: Severity) -> Bool {
        guard snooze != nil else { return false }
        guard self.severity > severity else { return wake(at: nil) }
        snooze = nil
        return true
    }
}
