import Decisions
import Locks

extension MemoryStore {
    /// Inserts entries; those for a server that is away are queued on this machine.
    func insertOrQueue(
        _ entries: [Entry], measuringNovelty: Bool, _ writer: inout WriterState
    ) throws(StoreError) -> InsertReport {
        let now = options.clock()
        guard case .mirror(let log, let mirror) = role, let queue = log.queue else {
            try applyRetention(&writer, exactly: false)
            return try insert(entries, measuringNovelty: measuringNovelty, at: now, &writer)
        }
        // What was queued before comes first, or a later stage would overtake an earlier one.
        if !log.isAway { writeQueued(&writer, log, mirror) }
        guard !log.isAway, queue.count == 0 else {
            return try enqueue(entries, measuringNovelty: measuringNovelty, at: now, queue)
        }
        do throws(StoreError) {
            try applyRetention(&writer, exactly: false)
            return try insert(entries, measuringNovelty: measuringNovelty, at: now, &writer)
        } catch {
            // One whose answer was lost is queued as well: what is there already is not stored twice.
            guard log.isAway, !writer.isClosed, error.code != .cancelled else { throw error }
            return try enqueue(entries, measuringNovelty: measuringNovelty, at: now, queue)
        }
    }

    private func enqueue(
        _ entries: [Entry], measuringNovelty: Bool, at now: Timestamp, _ queue: WriteQueue
    ) throws(StoreError) -> InsertReport {
        let plan = plan(entries, pinned: pinned.withLock { $0 }, at: now)
        try queue.append(entries, plan, at: now)
        let added = zip(entries, plan.steps).filter { $1.disposition.isNew }.map { entry, step in
            EntryIdentity(tenant: entry.decision.tenant, id: step.storedID)
        }
        let receipt = queue.withUnscored { $0.addWithReceipt(added) }
        var report = try apply(plan, to: entries, measuringNovelty: measuringNovelty, at: now)
        report.receipt = receipt
        return report
    }

    /// Writes what waits for the server, oldest first, as if it were inserted now; what could not be written waits on,
    /// and the queue tells why.
    func writeQueued(_ writer: inout WriterState, _ log: any ChangeLog, _ mirror: StoreMirror) {
        guard let queue = log.queue, queue.count > 0, !log.isAway else { return }
        let before = queue.count
        do throws(StoreError) {
            try queue.drain { batch throws(StoreError) in
                if writer.isClosed { throw StoreError(.cancelled, "the store is closed") }
                try write(batch, of: queue, &writer, log, mirror)
            }
            // The next one's is held from now on.
            if queue.count > 0 { holdTakenOver(queue, mirror) }
        } catch {
            queue.noteFailure(error)
            holdQueued(queue, mirror)
        }
        if queue.count != before { announceChange() }
    }

    /// Looks now and then for what a process left that ended while this one runs.
    func takeOverAbandoned(_ log: any ChangeLog, _ mirror: StoreMirror) {
        guard let queue = log.queue, queue.count == 0, !log.isAway else { return }
        queue.takeOverAbandoned(at: options.clock())
        if queue.count > 0 { holdTakenOver(queue, mirror) }
    }

    /// Writes a batch, and hands over what of it nobody has scored.
    private func write(
        _ batch: WriteQueue.Batch, of queue: WriteQueue, _ writer: inout WriterState, _ log: any ChangeLog,
        _ mirror: StoreMirror
    ) throws(StoreError) {
        let identities = batch.identities
        let unscored = queue.withUnscored { $0.among(identities) }
        log.unhold(batch.entries, as: identities, unscored: unscored, in: mirror)
        do throws(StoreError) {
            let report = try insert(batch.entries, at: batch.time, &writer)
            var given: [EntryIdentity] = []
            for (identity, outcome) in zip(identities, report.outcomes)
            where outcome.disposition.isNew && unscored.contains(identity) {
                given.append(EntryIdentity(tenant: identity.tenant, id: outcome.storedID))
            }
            log.keptQueued(identities, unscored: given)
            queue.withUnscored { $0.remove(unscored) }
        } catch {
            let told = log.keptNothing(of: identities)
            queue.withUnscored { $0.remove(told) }
            hold(batch, mirror)
            throw error
        }
    }

    /// Makes the mirror hold what another process queued: what it lacks of that nobody here has scored.
    func holdTakenOver(_ queue: WriteQueue, _ mirror: StoreMirror) {
        // What cannot be read is told when it is to be written.
        try? queue.forEachBatch { batch throws(StoreError) in
            let lacking = batch.identities.filter { !mirror.holds($0) }
            queue.withUnscored { $0.add(lacking) }
            hold(batch, mirror)
        }
    }

    /// Makes the mirror hold what waits for the server, as when it was queued.
    private func holdQueued(_ queue: WriteQueue, _ mirror: StoreMirror) {
        try? queue.forEachBatch { batch throws(StoreError) in hold(batch, mirror) }
    }

    private func hold(_ batch: WriteQueue.Batch, _ mirror: StoreMirror) {
        for (entry, storedID) in batch.content {
            // What a full mirror does not hold still waits in the queue.
            try? mirror.hold(entry, storedID: storedID)
        }
        mirror.noteInsert(at: batch.time)
    }
}
