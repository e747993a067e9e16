import Decisions
import Locks

extension MemoryStore {
    /// Inserts entries; those for a server that is away are queued on this machine.
    func insertOrQueue(_ entries: [Entry], _ writer: inout WriterState) throws(StoreError) -> InsertReport {
        let now = options.clock()
        guard case .mirror(let log, let mirror) = role, let queue = log.queue else {
            try applyRetention(&writer, exactly: false)
            return try insert(entries, at: now, &writer)
        }
        // What was queued before comes first, or a later stage would overtake an earlier one.
        if !log.isAway { writeQueued(&writer, log, mirror) }
        guard !log.isAway, queue.count == 0 else { return try enqueue(entries, at: now, queue) }
        do throws(StoreError) {
            try applyRetention(&writer, exactly: false)
            return try insert(entries, at: now, &writer)
        } catch {
            // One whose answer was lost is queued as well: what is there already is not stored twice.
            guard log.isAway, !writer.isClosed, error.code != .cancelled else { throw error }
            return try enqueue(entries, at: now, queue)
        }
    }

    private func enqueue(
        _ entries: [Entry], at now: Timestamp, _ queue: WriteQueue
    ) throws(StoreError) -> InsertReport {
        let plan = plan(entries, pinned: pinned.withLock { $0 }, at: now)
        try queue.append(entries, plan, at: now)
        return try apply(plan, to: entries, at: now)
    }

    /// Writes what waits for the server, oldest first, as if it were inserted now; what could not be written waits on,
    /// and the queue tells why.
    func writeQueued(_ writer: inout WriterState, _ log: any ChangeLog, _ mirror: StoreMirror) {
        guard let queue = log.queue, queue.count > 0, !log.isAway else { return }
        let before = queue.count
        do throws(StoreError) {
            try queue.drain { batch throws(StoreError) in
                if writer.isClosed { throw StoreError(.cancelled, "the store is closed") }
                log.unhold(batch.identities, in: mirror)
                _ = try insert(batch.entries, at: batch.time, &writer)
            }
        } catch {
            queue.noteFailure(error)
            holdQueued(queue, mirror)
        }
        if queue.count != before { announceChange() }
    }

    /// Makes the mirror hold what waits for the server, as when it was queued.
    func holdQueued(_ queue: WriteQueue, _ mirror: StoreMirror) {
        // What cannot be read is told when it is to be written.
        try? queue.forEachBatch { batch throws(StoreError) in
            for (entry, storedID) in batch.content { try mirror.hold(entry, storedID: storedID) }
            mirror.noteInsert(at: batch.time)
        }
    }
}
