import Decisions
import VectorStores

extension DetectionService {
    /// Moves an incident to a state on behalf of a person.
    public func setState(
        _ state: Incident.State, ofIncident id: String, by who: String
    ) async throws -> Incident {
        try await changing(id) { book, now throws(IncidentError) in
            try book.setState(state, of: id, by: who, at: now)
        }
    }

    /// Takes back the newest thing a person did to an incident.
    public func undo(ofIncident id: String, by who: String) async throws -> Incident {
        try await changing(id) { book, now throws(IncidentError) in
            try book.undo(of: id, by: who, at: now)
        }
    }

    /// Changes an incident and saves it, unless whoever asked has given up meanwhile.
    private func changing(
        _ id: String, _ change: (inout IncidentBook, Timestamp) throws(IncidentError) -> Incident
    ) async throws -> Incident {
        // That may take minutes, and nobody waits so long.
        guard unscored == 0 else {
            throw IncidentError(
                .readOnly,
                "incident \(id) cannot be changed yet: decisions from before are being scored, "
                    + "\(unscored) left")
        }
        await takeTurn()
        defer { turns.pass() }
        // What was told as given up must not be done later.
        try Task.checkCancellation()
        if let reason = await store.capabilities.readOnlyReason {
            throw IncidentError(.readOnly, "incident \(id) cannot be changed here: \(reason)")
        }
        return try await saveTriage(of: try change(&book, clock()))
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
