import Decisions
import VectorStores

extension DetectionService {
    /// How often a save is tried again when another process changed the same incidents.
    private static let saveAttempts = 5
    /// The key of the record that says up to where incidents were saved.
    static let filedKey = "filed"

    /// Reads every saved incident; what was not saved here is given up.
    ///
    /// What the change feed tells while they are read is newer.
    func loadIncidents() async throws {
        changedIncidents = []
        removedIncidents = []
        recordRevisions = [:]
        let records = try await store.records(in: Incident.collection)
        var loaded = IncidentBook(configuration: configuration.incidents)
        for record in records {
            if let known = recordRevisions[record.key], known > record.revision, let newer = book[record.key]
            {
                loaded.adopt(newer)
                continue
            }
            guard let value = record.value else { continue }
            do {
                loaded.adopt(try Incident(json: value))
                recordRevisions[record.key] = record.revision
            } catch {
                note(problem: "incident \(Reasons.short(record.key)): \(error)")
            }
        }
        book = loaded
        pinnedVersion = -1
        savedAnomalies = try await AnomalyCounts.counts(of: store)
    }

    /// Takes a tenant's count of flagged decisions as the process that detects wrote it.
    func adopt(count record: Record) {
        guard role == .following else { return }
        savedAnomalies[ByteKey(record.key)] = AnomalyCounts.count(in: record)
        outdated()
    }

    /// Takes an incident as another process wrote it.
    func adopt(_ record: Record) {
        guard role != .idle, record.revision > recordRevisions[record.key] ?? 0 || record.value == nil
        else { return }
        guard let value = record.value else {
            guard book[record.key] != nil else { return }
            book.remove(record.key)
            recordRevisions[record.key] = nil
            published()
            return
        }
        guard !changedIncidents.contains(record.key), let incident = try? Incident(json: value) else {
            return
        }
        recordRevisions[record.key] = record.revision
        guard book[record.key] != incident else { return }
        book.adopt(incident)
        published()
    }

    /// Saves incidents at once when there are new ones, and the state when enough was scored.
    func saveWhatIsDue(urgent: Bool) async throws {
        try await keepLease()
        guard role == .detecting else { return }
        if urgent { try await saveIncidents() }
        // Saving costs in proportion to the state: a large one is saved less often.
        let due = max(configuration.checkpointDecisions, detector.footprint / 4)
        if decisionsSinceCheckpoint >= due { try await saveState() }
    }

    /// Tells the store which entries retention must keep: the members of unresolved incidents.
    func pinMembers() async {
        guard book.membersVersion != pinnedVersion, await !store.capabilities.keepsEverything else { return }
        pinnedVersion = book.membersVersion
        var members: Set<EntryIdentity> = []
        for incident in book.incidents.values where incident.state != .resolved {
            for member in incident.members {
                members.insert(EntryIdentity(tenant: incident.key.tenant, id: member))
            }
        }
        await store.pin(members)
    }

    /// Writes the counts of flagged decisions that changed.
    func saveAnomalies() async throws {
        while !changedAnomalies.isEmpty {
            let tenants = changedAnomalies.sorted().prefix(configuration.maximumRecordsPerWrite)
            let counts = tenants.map { ($0, detector.anomalies(ofTenant: $0.text)) }
            try await store.write(counts.map { AnomalyCounts.change($0, to: $1) })
            for (tenant, count) in counts { savedAnomalies[tenant] = count }
            changedAnomalies.subtract(tenants)
        }
    }

    /// Writes the incidents and counts that changed, and with the last of the incidents up to where they go;
    /// what another process did to them meanwhile is kept.
    func saveIncidents() async throws {
        var conflicts = 0
        while !changedIncidents.isEmpty || !removedIncidents.isEmpty {
            let most = max(1, (configuration.maximumRecordsPerWrite - 1) / 2)
            let ids = Array(changedIncidents.sorted().prefix(most))
            let removed = Array(removedIncidents.sorted().prefix(most))
            var changes = ids.compactMap { id -> RecordChange? in
                guard let incident = book[id] else { return nil }
                return RecordChange(
                    collection: Incident.collection, key: id, value: incident.json,
                    expected: recordRevisions[id] ?? 0)
            }
            changes += removed.map { RecordChange(collection: Incident.collection, key: $0, value: nil) }
            // Only the process that files knows how far that went.
            if role == .detecting, ids.count == changedIncidents.count {
                changes.append(
                    RecordChange(
                        collection: Detector.collection, key: Self.filedKey,
                        value: .object(["marks": filed.json])))
            }
            // Counted up before the write, so that its echo in the change feed is known as one's own.
            for id in ids { recordRevisions[id, default: 0] += 1 }
            do {
                try await store.write(changes)
            } catch let error as StoreError where error.code == .revisionConflict {
                conflicts += 1
                guard conflicts <= Self.saveAttempts else { throw error }
                for id in ids { try await merge(id) }
                continue
            } catch {
                for id in ids { recordRevisions[id, default: 1] -= 1 }
                throw error
            }
            changedIncidents.subtract(ids)
            removedIncidents.subtract(removed)
            for id in removed { recordRevisions[id] = nil }
        }
        try await saveAnomalies()
    }

    /// Joins what another process wrote with what is known here: its triage, then what was done here and it
    /// does not know; the members of whoever has more.
    private func merge(_ id: String) async throws {
        let record = try await store.record(in: Incident.collection, key: id)
        guard let record, let value = record.value, let stored = try? Incident(json: value),
            var own = book[id]
        else {
            recordRevisions[id] = nil
            return
        }
        recordRevisions[id] = record.revision
        let done = own.history.filter { !stored.history.contains($0) }
        let state = done.isEmpty && stored.history != own.history ? stored.state : own.state
        if stored.count > own.count {
            let ours = own
            own = stored
            own.revision = max(ours.revision, stored.revision)
        }
        own.state = state
        own.history = (stored.history + done).suffix(configuration.incidents.maximumHistory)
        own.revision = max(own.revision, stored.revision) + 1
        book.adopt(own)
    }
}
