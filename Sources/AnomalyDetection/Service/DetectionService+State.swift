import Decisions
import VectorStores

extension DetectionService {
    /// The key of the record that says up to where the state was saved, and by which save.
    static let progressKey = "progress"
    /// The key of the record that says up to where a save of several writes goes.
    static let savingKey = "saving"

    /// Restores the detector, scores what was inserted after its state was saved, and saves that.
    func becomeDetecting(catchingUp tell: (Int) -> Void) async throws {
        detector = Detector(configuration: configuration.detector)
        applyLessons()
        try await loadHistory()
        let records = try await store.records(in: Detector.collection)
        let restored = detector.restore(from: records)
        for problem in restored.problems { note(problem: problem) }
        restoreUnjudged(from: records)
        stateChunks = restored.chunks
        savedTenants = Set(restored.chunks.keys).subtracting(restored.unreadable)
        changedTenants = []
        decisionsSinceCheckpoint = 0
        lastCheckpoint = clock()
        role = .detecting
        if let saved = positions(in: records, saves: restored.saves) { try await catchUp(from: saved, tell) }
        await pinMembers()
        for tenant in detector.tenantNames
        where detector.anomalies(ofTenant: tenant) != savedAnomalies[ByteKey(tenant)] ?? 0 {
            changedAnomalies.insert(ByteKey(tenant))
        }
        await saveOrTell {
            try await saveIncidents()
            try await saveState()
        }
    }

    /// Up to where what is saved goes; `nil` when that cannot be read, and then nothing tells old from new.
    private func positions(in records: [Record], saves: [ByteKey: Int]) -> SavedPositions? {
        func fields(_ key: String) throws(IncidentError) -> JSONFields? {
            guard let value = records.first(where: { $0.key == key })?.value else { return nil }
            return try JSONFields(value, name: key)
        }
        (scored, filed, lastSave) = (ScoringTrail(), ScoringTrail(), 0)
        do throws(IncidentError) {
            var saved = SavedPositions()
            if let progress = try fields(Self.progressKey) {
                saved.scored = try ScoringTrail(progress)
                saved.scoredPosition = progress[Self.positionKey]
                saved.scoredBeyond = ScoredBeyond.saved(in: progress)
                saved.leftBeyond = ScoredBeyond.left(in: progress)
                lastSave = try progress.integer("save")
            }
            if let filed = try fields(Self.filedKey) {
                saved.filed = try ScoringTrail(filed)
                saved.filedPosition = filed[Self.positionKey]
                saved.filedBeyond = ScoredBeyond.saved(in: filed)
                saved.leftBeyond = max(saved.leftBeyond, ScoredBeyond.left(in: filed))
            }
            if let saving = try fields(Self.savingKey) {
                let save = try saving.integer("save")
                saved.saving = try ScoringTrail(saving)
                saved.savingPosition = saving[Self.positionKey]
                saved.savingBeyond = ScoredBeyond.saved(in: saving)
                saved.ahead = Set(saves.filter { $0.value == save && save > lastSave }.keys)
            }
            lastSave = max(lastSave, saves.values.max() ?? 0)
            return saved
        } catch {
            note(problem: "\(error.description); what came unwatched or before a crash is not caught up")
            return nil
        }
    }

    /// Saves the state when decisions wait for it for long.
    func saveStateIfOld() async throws {
        let age = lastCheckpoint.map { abs(clock().seconds - $0.seconds) } ?? .max
        if decisionsSinceCheckpoint > 0, age >= configuration.checkpointSeconds { try await saveState() }
    }

    /// Writes the state of the tenants that changed together with up to where it goes, and deletes that of
    /// tenants no longer kept.
    ///
    /// What does not fit in one write is announced first, so that nothing counts twice when the process
    /// ends between two of them.
    func saveState() async throws {
        guard role == .detecting, !changedTenants.isEmpty || isWatching && needsPosition else { return }
        // The state must not be ahead of the incidents: what it knows is not filed again.
        try await saveIncidents(flushing: true)
        try await saveUnjudged()
        // Another process may have taken over meanwhile.
        guard role == .detecting else { return }
        let save = lastSave + 1
        let gone = savedTenants.filter { detector.tenantDetector($0.text) == nil }
        // With each goes up to where it goes, and the lease.
        func emptyGroup() -> WriteGroup { WriteGroup(configuration, reserved: 2) }
        var groups = [emptyGroup()]
        var chunks: [ByteKey: Int] = [:]
        for tenant in changedTenants.union(gone).sorted() {
            let records = detector.records(
                ofTenant: tenant.text, save: save, previousChunks: stateChunks[tenant] ?? 0)
            chunks[tenant] = records.count { $0.value != nil }
            let bytes = records.reduce(0) { $0 + ($1.maximumBytes ?? 0) }
            if groups[groups.count - 1].add(records, bytes: bytes) { continue }
            var group = emptyGroup()
            _ = group.add(records, bytes: bytes)
            groups.append(group)
        }
        func position(_ key: String) -> RecordChange {
            RecordChange(
                collection: Detector.collection, key: key,
                value: self.position(["save": .integer(save), "marks": scored.json]))
        }
        lastSave = save
        var writes = groups.map(\.changes)
        writes[groups.count - 1].append(position(Self.progressKey))
        if groups.count > 1 { writes.insert([position(Self.savingKey)], at: 0) }
        for changes in writes {
            guard try await writeHolding(changes) else { return }
        }
        for (tenant, count) in chunks {
            stateChunks[tenant] = count == 0 ? nil : count
            if count > 0 { savedTenants.insert(tenant) } else { savedTenants.remove(tenant) }
        }
        needsPosition = false
        changedTenants = []
        decisionsSinceCheckpoint = 0
        lastCheckpoint = clock()
    }
}
