import Decisions
import VectorStores

/// Signals: raised by whichever process watches, filed by the one that holds the lease.
extension DetectionService {
    /// How often handing over is tried again when another process writes the same signal.
    static let handOverAttempts = 5

    /// The machine of this process, as sources are told apart by it.
    public nonisolated var host: String { holder.host }

    /// Raises a signal, or tells its end.
    ///
    /// In the process that detects it is in the incidents when this returns. Any other hands it over to that one,
    /// which files it, now or when there is one. Does nothing where nothing may be written.
    public func raise(_ signal: Signal) async throws {
        await takeTurn()
        defer { turns.pass() }
        let capabilities = await store.capabilities
        guard capabilities.readOnlyReason == nil, capabilities.holdsDecisions else { return }
        if role == .detecting {
            await file([signal])
            if role == .detecting { return }
            // Another process took over meanwhile, and what was filed here was given up.
        }
        try await handOver(signal)
    }

    /// Files what others handed over; what cannot be saved now stays there for the next heartbeat.
    func takeHandedOver() async {
        guard role == .detecting else { return }
        do {
            let records = try await store.records(in: Signal.collection)
            hasHandedOver = false
            if records.isEmpty { return }
            var signals: [Signal] = []
            for record in records {
                guard let value = record.value else { continue }
                do {
                    signals.append(try Signal(json: value))
                } catch {
                    note(problem: "signal \(Reasons.short(record.key)): \(error)")
                }
            }
            guard await file(signals) else {
                hasHandedOver = true
                return
            }
            for record in records { try await forget(record) }
        } catch {
            hasHandedOver = true
            note(problem: "what other processes noticed could not be taken over: \(error)")
        }
    }

    /// Takes up what another process has just handed over.
    func adopt(signal record: Record) async {
        guard record.collection == Signal.collection, record.value != nil else { return }
        await takeTurn()
        defer { turns.pass() }
        await takeHandedOver()
    }

    /// Files signals and saves their incidents; says whether all of that is kept.
    @discardableResult
    private func file(_ signals: [Signal]) async -> Bool {
        // What an earlier try could not save is saved first, too.
        var isChanged = !changedIncidents.isEmpty
        for signal in signals {
            guard let change = book.file(signal) else { continue }
            changedIncidents.insert(change.incident.id)
            for id in change.removed {
                changedIncidents.remove(id)
                removedIncidents.insert(id)
            }
            isChanged = true
        }
        guard isChanged else { return true }
        await saveOrTell { try await saveWhatIsDue(urgent: true) }
        published()
        return unsaved == nil && role == .detecting
    }

    /// Writes a signal for the process that detects; what waits there of the same story goes on with it.
    private func handOver(_ signal: Signal) async throws {
        for attempt in 1...Self.handOverAttempts {
            let pending = try await store.record(in: Signal.collection, key: signal.recordKey)
            var told = signal
            if let value = pending?.value, let earlier = try? Signal(json: value) {
                told = earlier.followed(by: signal)
            }
            // Nobody knows it: there is nothing that ends.
            if told.raised == nil, !book.isRunning(told) { return }
            let change = RecordChange(
                collection: Signal.collection, key: signal.recordKey, value: told.json,
                expected: pending?.value == nil ? 0 : pending?.revision ?? 0)
            do {
                return try await store.write([change])
            } catch let error as StoreError where error.code == .revisionConflict {
                if attempt == Self.handOverAttempts { throw error }
            }
        }
    }

    /// Deletes a record that was filed, unless it says more by now.
    private func forget(_ record: Record) async throws {
        do {
            try await store.write([
                RecordChange(
                    collection: Signal.collection, key: record.key, value: nil, expected: record.revision)
            ])
        } catch let error as StoreError where error.code == .revisionConflict {
            hasHandedOver = true
        }
    }
}
