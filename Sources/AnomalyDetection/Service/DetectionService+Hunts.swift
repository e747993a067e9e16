import Decisions
import VectorStores

/// Hunts: saved and taken away by whoever may, compared with what is scored by the one process that detects.
///
/// What they found is saved together with up to where incidents go, so that after a crash nothing counts twice.
extension DetectionService {
    /// How often an order is tried again when another process changes the same hunt.
    private static let orderAttempts = 5

    /// Reads every saved hunt and what it found; what was not saved here is given up.
    func loadHunts() async throws {
        var loaded = HuntWatch()
        for record in try await store.records(in: Hunt.collection) {
            do {
                _ = try loaded.adopt(hunt: record)
            } catch {
                note(problem: "hunt \(Reasons.short(record.key)): \(error)")
            }
        }
        for record in try await store.records(in: HuntTally.collection) { loaded.adopt(tally: record) }
        hunts = loaded
        outdated()
    }

    /// Takes a hunt, or what one found, as another process wrote it.
    func adopt(huntRecord record: Record) {
        guard role != .idle else { return }
        switch record.collection {
        case Hunt.collection:
            guard (try? hunts.adopt(hunt: record)) == true else { return }
        case HuntTally.collection:
            // Who detects knows better.
            guard role == .following else { return }
            hunts.adopt(tally: record)
        default: return
        }
        published()
    }

    /// Compares a decision that is scored with the hunts.
    func hunt(_ decision: Decision, storedID: String) {
        hunts.look(at: decision, storedID: storedID)
    }

    /// Files what the hunts found since this was last called; says whether they found anything.
    @discardableResult
    func fileHunts() -> Bool {
        if hunts.untold.isEmpty { return false }
        for signal in hunts.signals(at: clock()) {
            guard let change = book.file(signal) else { continue }
            changedIncidents.insert(change.incident.id)
            for id in change.removed {
                changedIncidents.remove(id)
                removedIncidents.insert(id)
            }
        }
        outdated()
        return true
    }

    /// Saves a hunt, takes one away or brings one back, and tells the activity log in the same write.
    ///
    /// Throws where the store cannot be written, where so many are live already, and where the hunt is none.
    public func perform(_ order: HuntOrder, by who: String) async throws -> HuntStatus {
        await takeTurn()
        defer { turns.pass() }
        try Task.checkCancellation()
        if let reason = await store.capabilities.readOnlyReason {
            throw IncidentError(.readOnly, "hunts cannot be changed here: \(reason)")
        }
        for attempt in 1... {
            do {
                return try await write(order, by: who)
            } catch let error as StoreError where error.code == .revisionConflict {
                if attempt >= Self.orderAttempts { throw error }
            }
        }
        preconditionFailure("the loop ends by itself")
    }

    private func write(_ order: HuntOrder, by who: String) async throws -> HuntStatus {
        // As others left them: their changes may not have been told yet.
        let records = try await store.records(in: Hunt.collection)
        for record in records { _ = try? hunts.adopt(hunt: record) }
        let now = clock()
        let (before, after) = try changed(order, by: who, at: now)
        let revision = records.first { $0.key == after.id }?.revision ?? 0
        let word =
            switch order {
            case .save: "hunt"
            case .remove: "hunt-remove"
            case .restore: "hunt-restore"
            }
        let event = ActivityEvent(
            time: now, who: who, act: word, subject: "hunt \(after.id): \(after.name)",
            before: before.map(\.json) ?? .null, after: after.json)
        var changes = [
            RecordChange(
                collection: Hunt.collection, key: after.id, value: after.json, expected: revision)
        ]
        for id in oldestRemoved(beside: after) {
            changes.append(RecordChange(collection: Hunt.collection, key: id, value: nil))
            changes.append(RecordChange(collection: HuntTally.collection, key: id, value: nil))
        }
        try await ActivityLog.append([event], to: store, with: changes)
        for change in changes where change.collection == Hunt.collection {
            let seen = records.first { $0.key == change.key }?.revision ?? 0
            _ = try hunts.adopt(
                hunt: Record(
                    collection: change.collection, key: change.key, value: change.value, revision: seen + 1))
        }
        published()
        return HuntStatus(hunt: after, tally: hunts.tally(of: after.id))
    }

    /// A hunt before and after an order.
    private func changed(
        _ order: HuntOrder, by who: String, at now: Timestamp
    ) throws(IncidentError) -> (before: Hunt?, after: Hunt) {
        switch order {
        case .save(let decision, let incident):
            let shape = Hunt(id: "", decision: decision, author: who, created: now, incident: incident)
            let isKnown = hunts.status.first {
                $0.hunt.decision.actions == shape.decision.actions && $0.hunt.isOwn(decision)
                    && Hunt.similarity($0.hunt.decision, shape.decision) > 0.999_999
            }
            if let isKnown {
                throw IncidentError(.invalidTransition, "that is hunted already: \(isKnown.id)")
            }
            try checkRoom()
            let key = Incident.Key(
                tenant: decision.tenant, principal: decision.principal.id, kind: decision.resource.kind,
                effect: decision.effect)
            // Hunts of one moment have the same key: what tells them apart is the action, and how many there are.
            let member = "hunt \(now) \(shape.name) \(hunts.hunts.count)"
            let id = IncidentIdentifier.identifier(for: key, member: member) {
                hunts.hunts[$0] != nil || book[$0] != nil
            }
            guard let id else { throw IncidentError(.invalidTransition, "no name is free for a hunt") }
            var hunt = shape
            hunt.id = id
            return (nil, hunt)
        case .remove(let id):
            guard let before = hunts.hunts[id], before.removed == nil else { throw Self.unknown(id) }
            var hunt = before
            hunt.removed = Hunt.Removal(who: who, time: now)
            return (before, hunt)
        case .restore(let id):
            guard let before = hunts.hunts[id], before.removed != nil else { throw Self.unknown(id) }
            try checkRoom()
            var hunt = before
            hunt.removed = nil
            return (before, hunt)
        }
    }

    private func checkRoom() throws(IncidentError) {
        guard hunts.status.count >= Hunt.maximumLive else { return }
        throw IncidentError(
            .invalidTransition,
            "\(Hunt.maximumLive) hunts are live, and more would slow what is scored: remove one first")
    }

    private static func unknown(_ id: String) -> IncidentError {
        IncidentError(.unknown, "there is no such hunt: \(Reasons.short(id))")
    }

    /// Hunts that were taken away longest ago, more than are kept.
    private func oldestRemoved(beside hunt: Hunt) -> [String] {
        var removed = hunts.hunts.values.filter { $0.removed != nil && $0.id != hunt.id }
        if hunt.removed != nil { removed.append(hunt) }
        let order = removed.sorted {
            ($0.removed?.time ?? hunt.created, $0.id) < ($1.removed?.time ?? hunt.created, $1.id)
        }
        return order.dropLast(Hunt.maximumRemoved).map(\.id).filter { $0 != hunt.id }
    }
}
