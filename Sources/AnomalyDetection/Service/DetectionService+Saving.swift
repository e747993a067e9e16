import Decisions
import VectorStores

extension DetectionService {
    /// How often a save is tried again when another process changed the same incidents.
    private static let saveAttempts = 20
    /// The key of the record that says up to where incidents were saved.
    static let filedKey = "filed"

    /// Saves incidents at once when there are new ones, and the state when enough was scored.
    func saveWhatIsDue(urgent: Bool) async throws {
        try await keepLease()
        guard role == .detecting else { return }
        if urgent { try await saveIncidents() }
        if decisionsSinceCheckpoint >= checkpointDecisions { try await saveState() }
    }

    /// Decisions after which the state is saved: saving costs in proportion to the state, so a large one
    /// is saved less often.
    var checkpointDecisions: Int { max(configuration.checkpointDecisions, detector.footprint / 4) }

    /// Saves, or tells in the snapshot why that has to wait: the decisions are stored whatever becomes of it,
    /// and what is not saved is saved by a later call or caught up by the next process.
    func saveOrTell(_ save: () async throws -> Void) async {
        do {
            try await save()
            unsaved = nil
        } catch {
            unsaved = Self.unsavedSentence(error)
        }
        outdated()
    }

    /// How a failure to save is told.
    static func unsavedSentence(_ error: any Error) -> String {
        "what was scored could not be saved: \(error)"
    }

    /// Writes the counts of flagged decisions that changed.
    func saveAnomalies() async throws {
        // Whoever detects counts: what this process counted before it lost that is no longer of use.
        if role != .detecting { changedAnomalies = [] }
        while !changedAnomalies.isEmpty {
            var group = WriteGroup(configuration)
            var counts: [ByteKey: Int] = [:]
            for tenant in changedAnomalies.sorted() {
                let count = detector.anomalies(ofTenant: tenant.text)
                let change = AnomalyCounts.change(tenant, to: count)
                guard group.add([change], bytes: change.maximumBytes ?? 0) else { break }
                counts[tenant] = count
            }
            guard try await writeHolding(group.changes) else {
                changedAnomalies = []
                return
            }
            savedAnomalies.merge(counts) { _, new in new }
            changedAnomalies.subtract(counts.keys)
        }
    }

    /// Writes the incidents and counts that changed, and with the last of the incidents up to where they go;
    /// what another process did to them meanwhile is kept.
    ///
    /// What rules, lessons and the history count goes into the same write, also where no incident changed when they
    /// are to be flushed: after a crash each decision is counted once.
    func saveIncidents(flushing: Bool = false) async throws {
        await notePosition()
        var conflicts = 0
        while !changedIncidents.isEmpty || !removedIncidents.isEmpty
            || role == .detecting && !hunts.changed.isEmpty
            || flushing && role == .detecting && hasUnsavedCounts
        {
            let (ids, removed, group) = nextToSave()
            var changes = group.changes
            var isCounted = false
            // Only the process that files knows how far that went.
            let isLast = role == .detecting && ids.count == changedIncidents.count
            let hunted = isLast ? hunts.changes : []
            if isLast {
                changes.append(
                    RecordChange(
                        collection: Detector.collection, key: Self.filedKey,
                        value: position(["marks": filed.json])))
                changes += hunted
                changes += countedChanges
                isCounted = true
            }
            // Nothing is left to write when all of them went or were set aside.
            if changes.isEmpty { break }
            let saving = Set(ids)
            let told = unsavedActs.filter { saving.contains($0.incident) }.prefix(ActivityLog.maximumTogether)
            let lessons = taught.unsaved(of: saving)
            changes += try await ActivityLog.changes(adding: told.map(\.event), to: store)
            // Counted up before the write, so that its echo in the change feed is known as one's own.
            for id in ids { recordRevisions[id, default: 0] += 1 }
            // The deletion may be told before the write has returned, too.
            for id in removed {
                if let last = recordRevisions.removeValue(forKey: id) { removedRevisions[id] = last }
            }
            do {
                // Where another process detects by now, what people did is left to be saved.
                guard try await writeHolding(changes) else { continue }
            } catch let error as StoreError where error.code == .revisionConflict {
                conflicts += 1
                guard conflicts <= Self.saveAttempts else { throw error }
                for id in ids { try await merge(id) }
                continue
            } catch {
                for id in ids { recordRevisions[id, default: 1] -= 1 }
                throw error
            }
            hunts.saved(hunted.map(\.key))
            if isCounted { savedCounts() }
            taught.saved(lessons)
            changedIncidents.subtract(ids)
            var left = told.count
            unsavedActs.removeAll { act in
                guard left > 0, saving.contains(act.incident) else { return false }
                left -= 1
                return true
            }
            removedIncidents.subtract(removed)
        }
        try await tellRest()
        if waitingActs != nil {
            waitingActs = nil
            outdated()
        }
        try await saveAnomalies()
    }

    /// Tells the activity log of acts that were more than one write takes.
    private func tellRest() async throws {
        while !unsavedActs.isEmpty {
            let told = unsavedActs.prefix(ActivityLog.maximumTogether)
            try await ActivityLog.append(told.map(\.event), to: store)
            unsavedActs.removeFirst(told.count)
        }
    }

    /// The changed and the removed incidents that the next write takes.
    ///
    /// What an incident teaches goes with it, and room is left for what is counted. One that could not be read back
    /// is set aside: it would keep all others from being saved.
    private func nextToSave() -> (changed: [String], removed: [String], WriteGroup) {
        let counted = hunts.changed.count + history.unsavedPieces + taught.changedHits.count
        var group = WriteGroup(configuration, reserved: 2 + counted)
        var (changed, removed): ([String], [String]) = ([], [])
        for id in changedIncidents.sorted() {
            guard let incident = book[id] else {
                changedIncidents.remove(id)
                continue
            }
            let change = RecordChange(
                collection: Incident.collection, key: id, value: incident.json,
                expected: recordRevisions[id] ?? 0)
            guard let bytes = change.maximumBytes else {
                setAside(id)
                continue
            }
            let lesson = taught.unsaved(of: [id]).map(\.change)
            let more = lesson.reduce(0) { $0 + ($1.maximumBytes ?? 0) }
            guard group.add([change] + lesson, bytes: bytes + more) else { break }
            unwritable.remove(id)
            changed.append(id)
        }
        for id in removedIncidents.sorted() {
            let change = RecordChange(collection: Incident.collection, key: id, value: nil)
            guard group.add([change], bytes: change.maximumBytes ?? 0) else { break }
            removed.append(id)
        }
        return (changed, removed, group)
    }

    private func setAside(_ id: String) {
        changedIncidents.remove(id)
        unsavedActs.removeAll { $0.incident == id }
        taught.unsavedLessons.remove(id)
        guard unwritable.insert(id).inserted else { return }
        note(problem: "incident \(id) is too large to be saved: it is gone when this process ends")
    }

    /// Joins what another process wrote with what is known here, when it wrote anything.
    private func merge(_ id: String) async throws {
        let record = try await store.record(in: Incident.collection, key: id)
        guard let record, let value = record.value, let stored = try? Incident(json: value),
            let own = book[id]
        else {
            recordRevisions[id] = nil
            return
        }
        // Counted up before the write that failed: where it was another record that changed, nothing is to join.
        let isOwn = record.revision + 1 == recordRevisions[id]
        recordRevisions[id] = record.revision
        if isOwn { return }
        forgetActs(keptIn: stored)
        book.adopt(own.joined(with: stored, keeping: configuration.incidents.maximumHistory))
    }
}
