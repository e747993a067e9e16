import Decisions
public import VectorStores

extension DetectionService {
    /// Takes the lease if it is free, and says whether this process now holds it.
    func takeLease() async throws -> Bool {
        if await store.capabilities.readOnlyReason != nil { return false }
        let now = clock()
        wasCutShort = false
        let record = try await store.record(in: Detector.collection, key: Lease.key)
        if let value = record?.value, let lease = try? Lease(json: value) {
            let free =
                lease.holder == holder
                || lease.isFree(
                    at: now, after: configuration.leaseSeconds, holderIsGone: isGone(lease.holder))
            guard free else { return false }
            // Its own, too: a catch-up that was not finished is one that was cut short.
            wasCutShort = !lease.isReleased
        }
        let revision = record?.value == nil ? 0 : record?.revision ?? 0
        return try await writeLease(at: now, expecting: revision)
    }

    /// Who holds the lease now; `nil` when nobody does.
    public func leaseHolder() async throws -> LeaseHolder? {
        let record = try await store.record(in: Detector.collection, key: Lease.key)
        guard let value = record?.value, let lease = try? Lease(json: value) else { return nil }
        let isFree = lease.isFree(
            at: clock(), after: configuration.leaseSeconds, holderIsGone: isGone(lease.holder))
        return isFree ? nil : lease.holder
    }

    /// Renews the lease when that is due; follows from now on when another process has it.
    func keepLease() async throws {
        let now = clock()
        if let last = lastHeartbeat, abs(now.seconds - last.seconds) < configuration.heartbeatSeconds {
            return
        }
        _ = try await writeHolding([])
    }

    /// Writes as the process that detects; says whether it still does, and where not nothing was written.
    ///
    /// The same write renews the lease by the revision that is known, and where another process has it this one follows
    /// from now on. Who was held up after a look at the lease would else write over what the next one saved since. A
    /// process that follows writes without a lease: what people do is its own.
    func writeHolding(_ changes: [RecordChange]) async throws -> Bool {
        guard role == .detecting else {
            try await store.write(changes)
            return true
        }
        while true {
            let (now, expected) = (clock(), leaseRevision)
            do {
                try await store.write(changes + [leaseChange(at: now, expecting: expected)])
                leaseRevision = expected + 1
                lastHeartbeat = now
                return true
            } catch let error as StoreError where error.code == .revisionConflict {
                guard try await holdsLease() else {
                    try await leaveDetection()
                    return false
                }
                // Another of the records was changed; else the lease was, by an own write whose answer was lost.
                if leaseRevision == expected { throw error }
            }
        }
    }

    /// Writes what only the process that detects may, such as what it did last; says whether it was written, which it
    /// is not where another process has the lease.
    ///
    /// It neither renews the lease nor stands in line: for who finds that the line does not move.
    public nonisolated func writeDetecting(_ changes: [RecordChange]) async throws -> Bool {
        for attempt in 1... {
            guard let fence = try await fence() else { return false }
            do {
                try await store.write(changes + [fence])
                return true
            } catch let error as StoreError where error.code == .revisionConflict {
                // The lease was renewed, or lost, meanwhile; else it is the changes that came too late.
                if attempt == Self.handOverAttempts { throw error }
            }
        }
        return false
    }

    /// What goes into a write that only the process with the lease may make: the lease as it is, with its revision;
    /// `nil` where this process does not have it.
    nonisolated func fence() async throws -> RecordChange? {
        let record = try await store.record(in: Detector.collection, key: Lease.key)
        guard let record, let value = record.value, let lease = try? Lease(json: value),
            lease.holder == holder, !lease.isReleased
        else { return nil }
        return RecordChange(
            collection: Detector.collection, key: Lease.key, value: value, expected: record.revision)
    }

    /// Whether the lease is this process's, as the store has it now.
    private func holdsLease() async throws -> Bool {
        guard let revision = try await fence()?.expected else { return false }
        leaseRevision = revision
        return true
    }

    /// Leaves detection to the process that took the lease.
    private func leaveDetection() async throws {
        role = .following
        await stopWatching()
        note(problem: "another process took over detection")
        try await loadIncidents()
        published()
    }

    private func leaseChange(at now: Timestamp, expecting revision: UInt64) -> RecordChange {
        RecordChange(
            collection: Detector.collection, key: Lease.key,
            value: Lease(holder: holder, heartbeat: now).json, expected: revision)
    }

    /// Gives the lease back, so that the next process need not wait.
    func releaseLease() async throws {
        let lease = Lease(holder: holder, heartbeat: clock(), isReleased: true)
        while true {
            let expected = leaseRevision
            do {
                return try await store.write([
                    RecordChange(
                        collection: Detector.collection, key: Lease.key, value: lease.json,
                        expected: expected)
                ])
            } catch let error as StoreError where error.code == .revisionConflict {
                // Where another process has it already there is nothing to give back.
                guard try await holdsLease(), leaseRevision != expected else { return }
            }
        }
    }

    private func writeLease(at now: Timestamp, expecting revision: UInt64) async throws -> Bool {
        do {
            try await store.write([leaseChange(at: now, expecting: revision)])
        } catch let error as StoreError where error.code == .revisionConflict {
            return false
        }
        let written = try await store.record(in: Detector.collection, key: Lease.key)
        leaseRevision = written?.revision ?? revision + 1
        lastHeartbeat = now
        return true
    }
}
