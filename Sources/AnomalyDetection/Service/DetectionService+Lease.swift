import Decisions
import VectorStores

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
        if try await writeLease(at: now, expecting: leaseRevision) { return }
        role = .following
        await stopWatching()
        note(problem: "another process took over detection")
        try await loadIncidents()
        published()
    }

    /// Gives the lease back, so that the next process need not wait.
    func releaseLease() async throws {
        let lease = Lease(holder: holder, heartbeat: clock(), isReleased: true)
        do {
            try await store.write([
                RecordChange(
                    collection: Detector.collection, key: Lease.key, value: lease.json,
                    expected: leaseRevision)
            ])
        } catch let error as StoreError where error.code == .revisionConflict {
            // Another process has it already: there is nothing to give back.
        }
    }

    private func writeLease(at now: Timestamp, expecting revision: UInt64) async throws -> Bool {
        do {
            try await store.write([
                RecordChange(
                    collection: Detector.collection, key: Lease.key,
                    value: Lease(holder: holder, heartbeat: now).json, expected: revision)
            ])
        } catch let error as StoreError where error.code == .revisionConflict {
            return false
        }
        let written = try await store.record(in: Detector.collection, key: Lease.key)
        leaseRevision = written?.revision ?? revision + 1
        lastHeartbeat = now
        return true
    }
}
