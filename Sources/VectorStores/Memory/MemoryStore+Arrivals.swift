public import Decisions
import Locks

extension MemoryStore {
    /// Begins to collect what others store on the server that is mirrored, and tells what they stored since some
    /// positions; `nil` for a store of this process alone.
    @concurrent
    public func watchArrivals(since positions: [JSONValue]) async throws -> MissedEntries? {
        guard case .mirror(let log, let mirror) = role else { return nil }
        return try await offPool { try watchNow(log, mirror, since: positions) }
    }

    private func watchNow(
        _ log: any ChangeLog, _ mirror: StoreMirror, since positions: [JSONValue]
    ) throws(StoreError) -> MissedEntries {
        try writer.withLock { writer throws(StoreError) in
            try checkWritable(writer)
            let missed = try log.watchArrivals(since: positions, into: mirror)
            // What is told now is not given once more where it also waits in the queue.
            if let queue = log.queue {
                queue.withUnscored { $0.remove(missed.lazy.compactMap(\.self).joined()) }
            }
            announceChange()
            return MissedEntries(entries: missed.map { $0.map(stored) })
        }
    }

    /// What others have stored since watching began or this was last asked, as far as it is still there.
    @concurrent
    public func arrivals() async throws -> [StoredDecision] {
        guard case .mirror(let log, _) = role else { return [] }
        // In a turn: while the queue is written some of it is out of the mirror for a moment.
        return await offPool {
            writer.withLock { _ in
                let arrived = log.takeArrivals()
                return arrived.isEmpty ? [] : stored(arrived)
            }
        }
    }

    /// Up to where everything is given or confirmed; `nil` while nobody watches.
    public var arrivalPosition: JSONValue? {
        get async {
            guard case .mirror(let log, _) = role else { return nil }
            return log.arrivalPosition
        }
    }

    /// Says that the entries of an insert are scored; false where watching has given them already.
    public func confirm(_ receipt: UInt64) async -> Bool {
        guard case .mirror(let log, _) = role else { return true }
        guard receipt >= UnscoredEntries.firstReceipt else { return log.confirm(receipt) }
        guard let queue = log.queue else { return false }
        // In a turn: what is being written is given, or it is not.
        return await offPool {
            writer.withLock { _ in queue.withUnscored { $0.confirm(receipt) } }
        }
    }

    /// Ends collecting.
    @concurrent
    public func ignoreArrivals() async {
        guard case .mirror(let log, _) = role else { return }
        await offPool { log.ignoreArrivals() }
    }

    private func stored(_ identities: [EntryIdentity]) -> [StoredDecision] {
        core.state.withReading { state in
            identities.compactMap { identity in state.row(identity).map { core.stored($0, state) } }
        }
    }
}
