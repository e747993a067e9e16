import Decisions
import VectorStores

extension DetectionService {
    /// Reads every saved incident; what was scored and not saved here is given up, what people did is not.
    ///
    /// What the change feed tells while they are read is newer.
    func loadIncidents() async throws {
        let waiting = actsToKeep()
        changedIncidents = []
        unsavedActs = []
        removedIncidents = []
        recordRevisions = [:]
        removedRevisions = [:]
        // Also where nothing can be read: it is tried again later.
        defer { takeUp(waiting) }
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
        try await loadHunts()
        try await loadTaught()
    }

    /// Takes a tenant's count of flagged decisions as the process that detects wrote it.
    func adopt(count record: Record) {
        guard role == .following else { return }
        savedAnomalies[ByteKey(record.key)] = AnomalyCounts.count(in: record)
        outdated()
    }

    /// Takes an incident as another process wrote it.
    func adopt(_ record: Record) {
        // What was written before one went is told late where much is done: it must not come back by that.
        let known = recordRevisions[record.key] ?? removedRevisions[record.key] ?? 0
        guard role != .idle, record.revision > known || record.value == nil else { return }
        guard let value = record.value else {
            removedRevisions[record.key] = nil
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
}
