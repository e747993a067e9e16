import VectorStores

extension DetectionService {
    /// Moves an incident to a state on behalf of a person.
    public func setState(
        _ state: Incident.State, ofIncident id: String, by who: String
    ) async throws -> Incident {
        await takeTurn()
        defer { turns.pass() }
        if let reason = await store.capabilities.readOnlyReason {
            throw IncidentError(.readOnly, "incident \(id) cannot be changed here: \(reason)")
        }
        let changed = try book.setState(state, of: id, by: who, at: clock())
        return try await saveTriage(of: changed)
    }

    /// Takes back the newest thing a person did to an incident.
    public func undo(ofIncident id: String, by who: String) async throws -> Incident {
        await takeTurn()
        defer { turns.pass() }
        if let reason = await store.capabilities.readOnlyReason {
            throw IncidentError(.readOnly, "incident \(id) cannot be changed here: \(reason)")
        }
        let changed = try book.undo(of: id, by: who, at: clock())
        return try await saveTriage(of: changed)
    }

    private func saveTriage(of incident: Incident) async throws -> Incident {
        changedIncidents.insert(incident.id)
        try await saveIncidents()
        published()
        guard !unwritable.contains(incident.id) else {
            throw IncidentError(.readOnly, "incident \(incident.id) is too large to be saved as it now is")
        }
        return book[incident.id] ?? incident
    }
}
