import Decisions
import VectorStores

extension DetectionService {
    /// How often a save is tried again when another process changed the same incidents.
    private static let saveAttempts = 5
    /// The most records of one sort in one write.
    private static let maximumChangesPerWrite = 500
    /// The key of the record that says what was scored last.
    static let progressKey = "progress"

    /// Reads every saved incident.
    func loadIncidents() async throws {
        book = IncidentBook(configuration: configuration.incidents)
        recordRevisions = [:]
        pinnedVersion = -1
        savedAnomalies = try await AnomalyCounts.counts(of: store)
        for record in try await store.records(in: Incident.collection) {
            guard let value = record.value else { continue }
            do {
                book.adopt(try Incident(json: value))
                recordRevisions[record.key] = record.revision
            } catch {
                note(problem: "incident \(Reasons.short(record.key)): \(error)")
            }
        }
    }

    /// Restores the detector and scores what was inserted after its state was saved.
    func becomeDetecting() async throws {
        detector = Detector(configuration: configuration.detector)
        let restored = detector.restore(from: try await store.records(in: Detector.collection))
        stateChunks = restored.chunks
        for problem in restored.problems { note(problem: problem) }
        changedTenants = []
        decisionsSinceCheckpoint = 0
        lastCheckpoint = clock()
        role = .detecting
        try await catchUp()
        await pinMembers()
        for tenant in detector.tenantNames
        where detector.anomalies(ofTenant: tenant) != savedAnomalies[ByteKey(tenant)] ?? 0 {
            changedAnomalies.insert(ByteKey(tenant))
        }
        try await saveAnomalies()
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
        if decisionsSinceCheckpoint >= due {
            try await saveIncidents()
            try await saveState()
        }
    }

    /// Saves the state when decisions wait for it for long.
    func saveStateIfOld() async throws {
        let age = lastCheckpoint.map { abs(clock().seconds - $0.seconds) } ?? .max
        if decisionsSinceCheckpoint > 0, age >= configuration.checkpointSeconds { try await saveState() }
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
    private func saveAnomalies() async throws {
        while !changedAnomalies.isEmpty {
            let tenants = changedAnomalies.sorted().prefix(Self.maximumChangesPerWrite)
            let counts = tenants.map { ($0, detector.anomalies(ofTenant: $0.text)) }
            try await store.write(counts.map { AnomalyCounts.change($0, to: $1) })
            for (tenant, count) in counts { savedAnomalies[tenant] = count }
            changedAnomalies.subtract(tenants)
        }
    }

    /// Writes the incidents and counts that changed; what another process did to them meanwhile is kept.
    func saveIncidents() async throws {
        var conflicts = 0
        while !changedIncidents.isEmpty || !removedIncidents.isEmpty {
            let ids = Array(changedIncidents.sorted().prefix(Self.maximumChangesPerWrite))
            let removed = Array(removedIncidents.sorted().prefix(Self.maximumChangesPerWrite))
            var changes = ids.compactMap { id -> RecordChange? in
                guard let incident = book[id] else { return nil }
                return RecordChange(
                    collection: Incident.collection, key: id, value: incident.json,
                    expected: recordRevisions[id] ?? 0)
            }
            changes += removed.map { RecordChange(collection: Incident.collection, key: $0, value: nil) }
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

    /// Joins what another process wrote with what is known here: the triage of whoever has the longer
    /// history, the members of whoever has more.
    private func merge(_ id: String) async throws {
        let record = try await store.record(in: Incident.collection, key: id)
        guard let record, let value = record.value, let stored = try? Incident(json: value),
            var own = book[id]
        else {
            recordRevisions[id] = nil
            return
        }
        recordRevisions[id] = record.revision
        let theirs = stored.history.count >= own.history.count ? stored : own
        if stored.count > own.count {
            let ours = own
            own = stored
            own.revision = max(ours.revision, stored.revision)
        }
        own.state = theirs.state
        own.history = theirs.history
        own.revision = max(own.revision, stored.revision) + 1
        book.adopt(own)
    }

    /// Writes the state of the tenants that changed, and what was scored last.
    func saveState() async throws {
        guard let lastScored, !changedTenants.isEmpty else { return }
        var changes: [RecordChange] = []
        for tenant in changedTenants.sorted() {
            let records = detector.records(ofTenant: tenant.text, previousChunks: stateChunks[tenant] ?? 0)
            stateChunks[tenant] = records.count { $0.value != nil }
            changes += records
            if changes.count >= Self.maximumChangesPerWrite {
                try await store.write(changes)
                changes = []
            }
        }
        let progress: JSONObject = [
            "tenant": .string(lastScored.tenant), "id": .string(lastScored.id),
        ]
        changes.append(
            RecordChange(
                collection: Detector.collection, key: Self.progressKey, value: .object(progress)))
        try await store.write(changes)
        changedTenants = []
        decisionsSinceCheckpoint = 0
        lastCheckpoint = clock()
    }
}
