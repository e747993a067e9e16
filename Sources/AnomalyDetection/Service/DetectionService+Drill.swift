import Decisions
import VectorStores

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

    /// Leaves a signal that begins for whoever files incidents, without standing in line: for who finds that the line
    /// does not move.
    ///
    /// Does nothing where nothing may be written.
    public nonisolated func leave(_ signal: Signal) async throws {
        let capabilities = await store.capabilities
        guard capabilities.readOnlyReason == nil, capabilities.holdsDecisions else { return }
        for attempt in 1... {
            let pending = try await store.record(in: Signal.collection, key: signal.recordKey)
            let earlier = pending?.value.flatMap { try? Signal(json: $0) }
            let change = RecordChange(
                collection: Signal.collection, key: signal.recordKey,
                value: (earlier?.followed(by: signal) ?? signal).json,
                expected: pending?.value == nil ? 0 : pending?.revision ?? 0)
            do {
                return try await store.write([change])
            } catch let error as StoreError where error.code == .revisionConflict {
                if attempt == Self.handOverAttempts { throw error }
            }
        }
    }
}
