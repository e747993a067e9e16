import Decisions
import Locks
import VectorStores

extension PostgresLog {
    /// How long a server that does not answer is tried before entries are queued for it.
    static let queuePatience = Duration.seconds(5)
    /// How long a server that was away may take to show that it is back.
    private static let reachLimit = Duration.seconds(10)
    /// How often it is looked whether the server has come.
    private static let waitMilliseconds = 1_000

    /// The queue of an address, with what a process that ended left in it, or why there is none.
    static func openQueue(
        of address: PostgresServerAddress, _ options: StoreOptions
    ) -> (WriteQueue?, StoreError?) {
        guard options.access != .read, address.isSaved, let files = options.mirrorFiles else {
            return (nil, nil)
        }
        do throws(StoreError) {
            let folder = files.folder(of: address.description) + "/queue"
            return (try WriteQueue(folder: folder, limit: files.queueBytes, options: options), nil)
        } catch {
            return (
                nil,
                StoreError(error.code, "nothing is queued while the server is away: \(error.description)")
            )
        }
    }

    var queue: WriteQueue? {
        let facts = facts
        return facts.readOnlyReason == nil && facts.entryRefusal == nil ? writeQueue : nil
    }

    var isAway: Bool { standing.withLock { $0.isAway } }

    func reach() throws(StoreError) {
        do throws(PostgresError) {
            try pool.withConnection(deadline: .now + Self.reachLimit) { connection throws(PostgresError) in
                try threads.cancelling(connection.cancellation) { () throws(PostgresError) in
                    _ = try connection.run("select 1")
                }
            }
        } catch {
            standing.withLock { $0.failed(error) }
            throw StoreError(error)
        }
    }

    func unhold(
        _ entries: [Entry], as identities: [EntryIdentity], unscored: Set<EntryIdentity>,
        in mirror: StoreMirror
    ) {
        place.withLock { place in
            for (identity, entry) in zip(identities, entries) {
                place.unread.add(place.names.rowID(of: identity))
                var unheld =
                    place.unheld[identity] ?? UnheldEntry(decision: entry.decision, isUnscored: false)
                unheld.isUnscored = unscored.contains(identity)
                place.unheld[identity] = unheld
            }
        }
        arrivals.withLock { $0.beginQueued() }
        mirror.release(identities)
    }

    func keptQueued(_ identities: [EntryIdentity], unscored: [EntryIdentity]) {
        place.withLock { place in
            for identity in identities { place.unheld[identity] = nil }
        }
        arrivals.withLock { $0.endQueued(giving: unscored) }
    }

    func keptNothing(of identities: [EntryIdentity]) -> [EntryIdentity] {
        arrivals.withLock { $0.endQueued(giving: []) }
        return place.withLock { place in
            place.unread.remove(Set(identities.map { ByteKey(place.names.rowID(of: $0)) }))
            return identities.filter { place.unheld[$0]?.isGiven == true }
        }
    }

    /// Moves rows once it is known that this process may.
    func moveOnceKnown() {
        while found.withLock({ $0 == nil }), !threads.isStopped {
            threads.pause(milliseconds: Self.waitMilliseconds)
        }
        if readOnlyReason == nil, facts.entryRefusal == nil { runMoving() }
    }

    /// The checks of what is kept on this machine.
    func localChecks(since now: Timestamp) -> [HealthCheck] {
        var checks: [HealthCheck] = []
        if let failure = saving.withLock({ $0.failure }) {
            checks.append(
                HealthCheck(
                    name: "saved mirror", status: .degraded, since: now,
                    detail: "\(failure.description); the next opening reads everything anew"))
        }
        if let queueFailure {
            checks.append(
                HealthCheck(name: "queue", status: .degraded, since: now, detail: queueFailure.description))
        }
        guard let queue else { return checks }
        let (count, failure) = (queue.count, queue.failure)
        let reason = failure.map { ": \($0.description)" } ?? ""
        checks.append(
            HealthCheck(
                name: "queue", status: count == 0 && failure == nil ? .ok : .degraded, since: now,
                detail: count == 0
                    ? "empty\(reason)"
                    : "\(PrintedNumber.counted(count, "decision")) queued for the server\(reason)"))
        return checks
    }
}
