import VectorStores

extension DetectionService {
    /// Takes the lease if it is free, restores what was saved and catches up; follows otherwise.
    ///
    /// Tells how many decisions still wait to be scored, for each that is caught up.
    @discardableResult
    public func start(
        catchingUp tell: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> DetectionRole {
        await takeTurn()
        defer { turns.pass() }
        guard role == .idle else { return role }
        try await beginFollowing()
        // The incidents were read just now.
        _ = try await takeOver(reading: false, catchingUp: tell)
        published()
        return role
    }

    /// Follows; the next heartbeat takes the lease if it is free and catches up, which may take its time.
    public func follow() async throws {
        await takeTurn()
        defer { turns.pass() }
        guard role == .idle else { return }
        try await beginFollowing()
        published()
    }

    /// Waits until what is stored is scored, where that is for this process to do.
    ///
    /// Comes before an insert, which would else be part of the past of what came before it.
    public func settle() async throws {
        await takeTurn()
        defer { turns.pass() }
        guard role == .following, try await takeOver() else { return }
        published()
    }

    private func beginFollowing() async throws {
        role = .following
        // Before they are read, so that one written in between is in the feed.
        let incidents = store.recordChanges(in: Incident.collection)
        let anomalies = store.recordChanges(in: AnomalyCounts.collection)
        let signals = store.recordChanges(in: Signal.collection)
        let hunts = [Hunt.collection, HuntTally.collection].map { store.recordChanges(in: $0) }
        let taught = TaughtBook.collections.map { store.recordChanges(in: $0) }
        try await loadIncidents()
        await pinMembers()
        following = [
            Task { [weak self] in
                for await record in incidents { await self?.adopt(record) }
            },
            Task { [weak self] in
                for await record in anomalies { await self?.adopt(count: record) }
            },
            Task { [weak self] in
                for await record in signals { await self?.adopt(signal: record) }
            },
            Task { [weak self, changes = store.changes()] in
                for await _ in changes { await self?.lookForArrivals() }
            },
        ]
        following += hunts.map { changes in
            Task { [weak self] in
                for await record in changes { await self?.adopt(huntRecord: record) }
            }
        }
        following += taught.map { changes in
            Task { [weak self] in
                for await record in changes { await self?.adopt(taught: record) }
            }
        }
    }

    /// Takes the lease if it is free, restores what was saved and catches up; says whether it did.
    ///
    /// What fails or is cancelled is begun anew by the next who tries: none of it is saved before its end.
    func takeOver(
        reading: Bool = true, catchingUp tell: (Int) -> Void = { _ in }
    ) async throws -> Bool {
        guard try await takeLease() else { return false }
        do {
            if reading { try await loadIncidents() }
            try await becomeDetecting(catchingUp: tell)
            await takeHandedOver()
            return true
        } catch {
            try? await loadIncidents()
            role = .following
            await stopWatching()
            outdated()
            throw error
        }
    }
}
