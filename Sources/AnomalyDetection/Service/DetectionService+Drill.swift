import Decisions
public import VectorStores

/// What a drill of the detector needs: the line that every decision stands in, and a way to tell that it is stuck.
extension DetectionService {
    /// How this process scores and files.
    public nonisolated var rules: DetectionConfiguration { configuration }

    /// Which of several watchers this one is, as its lease says.
    public nonisolated var session: String { holder.session }

    /// Whether this process scores what comes, with nothing left from before.
    public var isScoring: Bool { role == .detecting && unscored == 0 }

    /// Does something when its turn comes, behind all that waits to be scored now; `nil` where this process does not
    /// detect by then.
    ///
    /// What is scored waits meanwhile: for what takes milliseconds.
    public func inTurn<Result: Sendable>(
        _ work: @Sendable () async throws -> Result
    ) async throws -> Result? {
        await takeTurn()
        defer { turns.pass() }
        guard role == .detecting else { return nil }
        await scoreArrivals()
        guard role == .detecting else { return nil }
        return try await work()
    }

    /// Leaves a signal that begins for whoever files incidents, in one write with the drill's record, without standing
    /// in line: for who finds that the line does not move.
    ///
    /// `isOwn` says that this process sent the drill: it is believed only while it has the lease. Where another process
    /// has that nothing is written, which is what is returned.
    ///
    /// - Throws: ``StoreError`` with code `readOnly` where nothing may be written, and `revisionConflict` where the
    ///   record came too late.
    public nonisolated func leave(
        _ signal: Signal, with record: RecordChange, isOwn: Bool
    ) async throws -> Bool {
        let capabilities = await store.capabilities
        if let reason = capabilities.readOnlyReason {
            throw StoreError(.readOnly, "a missed drill cannot be told here: \(reason)")
        }
        for attempt in 1... {
            var changes = [record]
            if isOwn {
                guard let fence = try await fence() else { return false }
                changes.append(fence)
            }
            // No incidents are made of rows that are no decisions.
            if capabilities.holdsDecisions { changes.append(try await change(leaving: signal)) }
            do {
                try await store.write(changes)
                return true
            } catch let error as StoreError where error.code == .revisionConflict {
                if attempt == Self.handOverAttempts { throw error }
            }
        }
        return false
    }

    /// The signal as it is left, following what was left of the same story before.
    private nonisolated func change(leaving signal: Signal) async throws -> RecordChange {
        let pending = try await store.record(in: Signal.collection, key: signal.recordKey)
        let earlier = pending?.value.flatMap { try? Signal(json: $0) }
        return RecordChange(
            collection: Signal.collection, key: signal.recordKey,
            value: (earlier?.followed(by: signal) ?? signal).json,
            expected: pending?.value == nil ? 0 : pending?.revision ?? 0)
    }
}
