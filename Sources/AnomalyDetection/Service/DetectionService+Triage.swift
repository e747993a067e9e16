import Decisions
import VectorStores

/// What acts on several incidents led to.
public struct TriageOutcome: Sendable, Hashable {
    /// The incidents as they now are, also those that were so already.
    public var incidents: [Incident] = []
    /// Why others were left as they are, a sentence each.
    public var refusals: [String] = []
    /// Those of the incidents that were changed, by name.
    public var changed: Set<String> = []
    /// Why what was done is not saved yet, in a sentence; `nil` once it is.
    ///
    /// It counts in this process, and is saved by it as soon as the store takes it.
    public var unsaved: String?

    /// Creates an outcome.
    public init(
        incidents: [Incident] = [], refusals: [String] = [], changed: Set<String> = [],
        unsaved: String? = nil
    ) {
        self.incidents = incidents
        self.refusals = refusals
        self.changed = changed
        self.unsaved = unsaved
    }
}

extension DetectionService {
    /// An act that is not saved yet, and what the activity log is told of it.
    struct UnsavedAct: Sendable {
        var incident: String
        var event: ActivityEvent
    }

    /// Who ends snoozes that are due.
    static let ownName = "verdict"

    /// Does what a person asks for to incidents, each in its turn; what is changed is saved together.
    ///
    /// What the store does not take now is done all the same, and saved by a later ``heartbeat()``.
    /// What cannot be done to one of several is told and keeps none of the others from being done; of a single one it
    /// is thrown.
    public func perform(
        _ act: TriageAct, on ids: [String], by who: String
    ) async throws -> TriageOutcome {
        try await changing(ids, by: who) { book, id, now throws(IncidentError) in
            try book.perform(act, on: id, by: who, at: now)
        }
    }

    /// Takes back the newest thing that was done to each of some incidents, by one person or by anybody.
    public func undo(
        incidents ids: [String], by who: String, only author: String? = nil
    ) async throws -> TriageOutcome {
        try await changing(ids, by: who) { book, id, now throws(IncidentError) in
            let before = book[id]?.standing ?? Incident.Standing(state: .new)
            let incident = try book.undo(of: id, by: who, only: author, at: now)
            return IncidentBook.Acted(incident: incident, before: before, isChanged: true)
        }
    }

    /// Moves an incident to a state on behalf of a person.
    public func setState(
        _ state: Incident.State, ofIncident id: String, by who: String
    ) async throws -> Incident {
        try await one(
            changing([id], by: who) { book, id, now throws(IncidentError) in
                let before = book[id]?.standing ?? Incident.Standing(state: .new)
                let incident = try book.setState(state, of: id, by: who, at: now)
                return IncidentBook.Acted(
                    incident: incident, before: before, isChanged: before.state != incident.state)
            })
    }

    /// Takes back the newest thing that was done to an incident.
    public func undo(ofIncident id: String, by who: String) async throws -> Incident {
        try await one(undo(incidents: [id], by: who))
    }

    private func one(_ outcome: TriageOutcome) throws -> Incident {
        guard let incident = outcome.incidents.first else {
            throw IncidentError(.unknown, outcome.refusals.first ?? "no incident was named")
        }
        return incident
    }

    /// Changes incidents and saves them, unless whoever asked has given up meanwhile.
    private func changing(
        _ ids: [String], by who: String,
        _ change: (inout IncidentBook, String, Timestamp) throws(IncidentError) -> IncidentBook.Acted
    ) async throws -> TriageOutcome {
        let name = ids.count == 1 ? "incident \(ids[0])" : PrintedNumber.counted(ids.count, "incident")
        // That may take minutes, and nobody waits so long.
        guard unscored == 0 else {
            throw IncidentError(
                .readOnly,
                "\(name) cannot be changed yet: decisions from before are being scored, "
                    + "\(PrintedNumber.grouped(unscored)) left")
        }
        await takeTurn()
        defer { turns.pass() }
        // What was told as given up must not be done later.
        try Task.checkCancellation()
        if let reason = await store.capabilities.readOnlyReason {
            throw IncidentError(.readOnly, "\(name) cannot be changed here: \(reason)")
        }
        var outcome = TriageOutcome()
        var acts: [IncidentBook.Acted] = []
        let now = clock()
        for id in ids {
            do throws(IncidentError) {
                let acted = try change(&book, id, now)
                outcome.incidents.append(acted.incident)
                guard acted.isChanged else { continue }
                outcome.changed.insert(id)
                note(acted, by: who, at: now)
                acts.append(acted)
            } catch {
                guard ids.count > 1 else { throw error }
                outcome.refusals.append(error.description)
            }
        }
        await learn(from: acts, by: who, at: now)
        return try await saved(outcome)
    }

    private func saved(_ outcome: TriageOutcome) async throws -> TriageOutcome {
        if outcome.changed.isEmpty { return outcome }
        var outcome = outcome
        do {
            try await saveIncidents()
        } catch {
            outcome.unsaved = waiting(because: error)
        }
        published()
        for id in outcome.changed.sorted() where unwritable.contains(id) {
            let sentence = "incident \(id) is too large to be saved as it now is"
            guard outcome.incidents.count + outcome.refusals.count > 1 else {
                throw IncidentError(.readOnly, sentence)
            }
            outcome.refusals.append(sentence)
            outcome.changed.remove(id)
        }
        outcome.incidents = outcome.incidents.compactMap {
            unwritable.contains($0.id) ? nil : book[$0.id] ?? $0
        }
        return outcome
    }

    /// Has an act saved with the next incidents, and told by the activity log in the same write.
    private func note(_ acted: IncidentBook.Acted, by who: String, at now: Timestamp, as word: String? = nil)
    {
        let incident = acted.incident
        changedIncidents.insert(incident.id)
        let last = word == nil ? incident.history.last : nil
        var after = incident.standing.json
        if case .members(let count)? = incident.snooze, acted.before.snooze != incident.snooze {
            // Of how many are waited for only the total is kept, and nobody knows later how many there were.
            after["snooze"] = .object(["count": .integer(count), "more": .integer(count - incident.count)])
        }
        if let note = last?.note {
            after[last?.act == .undo ? "note_removed" : "note"] = .string(note.text)
        }
        unsavedActs.append(
            UnsavedAct(
                incident: incident.id,
                event: ActivityEvent(
                    time: now, who: who, act: word ?? last?.act.rawValue ?? TriageAct.Kind.change.rawValue,
                    subject: "incident \(incident.id)", before: .object(acted.before.json),
                    after: .object(after))))
    }

    /// Ends the snoozes that are due; for whoever detects, since one process must do it.
    func wakeDue() {
        let now = clock()
        let woken = book.wakeDue(at: now)
        for acted in woken { note(acted, by: Self.ownName, at: now, as: TriageAct.Kind.wake.rawValue) }
        if !woken.isEmpty { published() }
    }
}
