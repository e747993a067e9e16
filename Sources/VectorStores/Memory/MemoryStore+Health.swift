import Decisions
import Glibc
import Locks

extension MemoryStore {
    /// Free disk space below which the store is degraded, and below which it fails.
    private static let lowDiskBytes = 1 << 30
    private static let exhaustedDiskBytes = 32 << 20

    /// Bytes of the store's files.
    var diskBytes: Int {
        let directory: Directory
        switch role {
        case .ephemeral: return 0
        case .mirror(let log, _): return log.diskBytes
        case .writer(let named, _, _), .reader(let named, _, _): directory = named
        }
        guard let names = try? directory.names() else { return 0 }
        return names.reduce(0) { sum, name in
            let path: String
            switch name {
            case .journal(let number): path = directory.journal(number)
            case .snapshot(let number): path = directory.snapshot(number)
            case .index(let number): path = directory.index(number)
            case .unfinished, .other: return sum
            }
            return sum + ((try? File.openIfThere(path)?.length()) ?? 0)
        }
    }

    /// The checks that only a store has that keeps something.
    func durableChecks(since now: Timestamp) -> [HealthCheck] {
        switch role {
        case .ephemeral: return []
        case .mirror(let log, _): return log.checks(since: now)
        case .writer(let directory, _, let synchronizer):
            let failure = checkpointFailure.withLock { $0 }
            return [
                journalCheck(synchronizer, since: now),
                HealthCheck(
                    name: "snapshot", status: failure == nil ? .ok : .degraded, since: now,
                    detail: failure?.description ?? "\(PrintedNumber.bytes(diskBytes)) on disk"),
                diskCheck(directory, since: now),
                HealthCheck(name: "lock", status: .ok, since: now, detail: "held by this process"),
            ]
        case .reader(let directory, let follower, _):
            return [
                followedJournalCheck(follower, since: now),
                HealthCheck(
                    name: "snapshot", status: .ok, since: now,
                    detail: "\(PrintedNumber.bytes(diskBytes)) on disk"),
                diskCheck(directory, since: now),
                HealthCheck(name: "lock", status: .ok, since: now, detail: readOnlyReason ?? ""),
            ]
        }
    }

    private func journalCheck(
        _ synchronizer: JournalSynchronizer, since now: Timestamp
    ) -> HealthCheck {
        if let failure = synchronizer.failure {
            return HealthCheck(name: "journal", status: .failed, since: now, detail: failure.description)
        }
        if let tornEnd {
            return HealthCheck(name: "journal", status: .degraded, since: now, detail: "\(tornEnd)")
        }
        let length = synchronizer.writtenLength
        let last = synchronizer.lastSynchronized.map { "last on disk \($0)" } ?? "nothing written yet"
        return HealthCheck(
            name: "journal", status: .ok, since: now, detail: "\(PrintedNumber.bytes(length)), \(last)")
    }

    private func followedJournalCheck(_ follower: Follower, since now: Timestamp) -> HealthCheck {
        if let failure = follower.failure {
            return HealthCheck(name: "journal", status: .failed, since: now, detail: failure.description)
        }
        if let tornEnd = abandonedEnd {
            return HealthCheck(name: "journal", status: .degraded, since: now, detail: "\(tornEnd)")
        }
        return HealthCheck(
            name: "journal", status: .ok, since: now,
            detail: "followed every \(Follower.pollMilliseconds) ms")
    }

    /// What a crash left at the end of the journal that is read; `nil` while somebody writes it.
    var abandonedEnd: TornEnd? {
        guard case .reader(let directory, let follower, _) = role,
            let isFree = try? StoreLock.holder(directory) == nil, isFree
        else { return nil }
        return try? follower.tornEnd()
    }

    /// What a crash left at the end of the journal, or what is amiss on the server, for whoever opens the store.
    public var openingNotice: String? {
        get async {
            if case .mirror(let log, _) = role { return log.openingNotice }
            return (tornEnd ?? abandonedEnd)?.description
        }
    }

    private func diskCheck(_ directory: Directory, since now: Timestamp) -> HealthCheck {
        guard let free = directory.freeBytes() else {
            return HealthCheck(name: "disk", status: .degraded, since: now, detail: "free space is unknown")
        }
        let status: HealthCheck.Status =
            free < MemoryStore.exhaustedDiskBytes
            ? .failed : free < MemoryStore.lowDiskBytes ? .degraded : .ok
        let advice = status == .ok ? "" : ": free some space or keep less with --keep"
        return HealthCheck(
            name: "disk", status: status, since: now, detail: "\(PrintedNumber.bytes(free)) free\(advice)")
    }
}
