import Decisions
import Locks

extension MemoryStore {
    /// The most entries one insert takes.
    public static let maximumBatch = 100_000

    /// Inserts entries in order and says what became of each.
    ///
    /// What is no longer kept is removed before, never after: the entries of an insert stay until they
    /// were scored and the members of incidents among them pinned.
    @concurrent
    public func insert(_ entries: [Entry]) async throws -> InsertReport {
        try await insert(entries, measuringNovelty: true)
    }

    /// Inserts entries in order; without measuring how new they are they are linked into the graph a moment later, and
    /// every search looks at those that are not linked yet.
    @concurrent
    public func insert(_ entries: [Entry], measuringNovelty: Bool) async throws -> InsertReport {
        try await offPool { try insertNow(entries, measuringNovelty: measuringNovelty) }
    }

    func insertNow(_ entries: [Entry], measuringNovelty: Bool = true) throws(StoreError) -> InsertReport {
        try MemoryStore.validate(entries)
        if entries.isEmpty { return InsertReport(outcomes: []) }
        var entries = entries
        if case .mirror(let log, _) = role { entries = try log.prepared(entries) }
        waitForLinks()
        if measuringNovelty { return try insertPrepared(entries, measuringNovelty: true) }
        return try tailLinker.around { () throws(StoreError) in
            try insertPrepared(entries, measuringNovelty: false)
        }
    }

    private func insertPrepared(
        _ entries: [Entry], measuringNovelty: Bool
    ) throws(StoreError) -> InsertReport {
        var isCheckpointLeft = false
        let report = try writer.withLock { writer throws(StoreError) in
            try checkWritable(writer)
            try core.checkRoom(for: entries)
            var report = try insertOrQueue(entries, measuringNovelty: measuringNovelty, &writer)
            report.isMeasured = measuringNovelty
            if case .mirror(let log, _) = role, report.receipt == nil { report.receipt = log.takeReceipt() }
            isCheckpointLeft = checkpointIfLong(&writer) == .left
            announceChange()
            return report
        }
        if isCheckpointLeft { checkpointOnceLinked() }
        try synchronizeIfAsked()
        return report
    }

    /// Keeps entries and stores them, at a time of the wall clock.
    func insert(
        _ entries: [Entry], measuringNovelty: Bool = true, at now: Timestamp, _ writer: inout WriterState
    ) throws(StoreError) -> InsertReport {
        let pinned = pinned.withLock { $0 }
        var plan: InsertPlan?
        try keepChange(&writer) {
            let decided = self.plan(entries, pinned: pinned, at: now)
            plan = decided
            let isWritten = decided.steps.contains { $0.disposition.isWritten }
            return isWritten ? .entries(entries, decided, at: now) : nil
        }
        guard let plan else { preconditionFailure("what is kept was decided") }
        return try apply(plan, to: entries, measuringNovelty: measuringNovelty, at: now)
    }

    func plan(_ entries: [Entry], pinned: Set<EntryIdentity>, at now: Timestamp) -> InsertPlan {
        core.state.withReading { state in
            let newest = state.newestTime(upTo: StoreState.lastBelievedTime(at: now))
            return InsertPlan(entries: entries) { identity in
                state.row(identity).map { state.columns.decision(at: $0) }
            } expired: { identity, time in
                if pinned.contains(identity) { return nil }
                return state.dispositionOfExpired(
                    identity, time: time, under: options.retention, newest: newest)
            } isRetired: { identity in
                state.retired.contains(identity)
            }
        }
    }

    func apply(
        _ plan: InsertPlan, to entries: [Entry], measuringNovelty: Bool, at now: Timestamp
    ) throws(StoreError) -> InsertReport {
        var outcomes: [InsertOutcome] = []
        outcomes.reserveCapacity(entries.count)
        for (entry, step) in zip(entries, plan.steps) {
            var outcome = InsertOutcome(disposition: step.disposition, storedID: step.storedID)
            switch step.disposition {
            case .duplicate, .expired: break
            case .merged:
                try core.merge(entry, storedID: step.storedID, measuringNovelty: measuringNovelty)
            case .accepted, .conflict:
                outcome.novelty = try core.insert(
                    entry, storedID: step.storedID, measuringNovelty: measuringNovelty)
            }
            outcomes.append(outcome)
        }
        core.state.withWriting { $0.lastInsert = now }
        return InsertReport(outcomes: outcomes)
    }

    private static func validate(_ entries: [Entry]) throws(StoreError) {
        guard entries.count <= maximumBatch else {
            throw StoreError(
                .usage, "\(entries.count) entries in one insert are too many: insert at most \(maximumBatch)")
        }
        // Only where it is told: an identifier takes longer to print than an entry to look at.
        func name(_ entry: Entry) -> String { PrintedText.escaped(entry.decision.id, limit: 80) }
        for entry in entries {
            guard entry.embedding.counts.count == Embedding.dimension else {
                throw StoreError(
                    .usage,
                    "entry \(name(entry)) has a vector of \(entry.embedding.counts.count) dimensions, the "
                        + "store \(Embedding.dimension): embed it with this store's recipe")
            }
            guard entry.embedding.scale > 0, entry.embedding.scale.isFinite else {
                throw StoreError(
                    .usage, "entry \(name(entry)) has a zero vector, which is near to nothing: leave it out")
            }
            if let refusal = entry.decision.tenantRefusal {
                throw StoreError(.usage, "entry \(name(entry)) cannot be stored, \(refusal)")
            }
            guard !entry.decision.id.isEmpty else {
                throw StoreError(.usage, "an entry has an empty identifier: give each decision one")
            }
        }
    }

    func checkWritable(_ writer: borrowing WriterState) throws(StoreError) {
        if let reason = readOnlyReason {
            throw StoreError(.readOnly, "\(address) may not be written: \(reason)")
        }
        if writer.isClosed { throw StoreError(.usage, "the store \(address) is closed: open it again") }
    }

    /// How many entries a server removes in one transaction: others who write wait for no longer than that.
    package static let removedAtATime = 5_000

    /// Removes what the policy no longer keeps; from a server a part at a time, each of it whole.
    func applyRetention(_ writer: inout WriterState, exactly: Bool) throws(StoreError) {
        guard !options.retention.keepsEverything else { return }
        let bound = StoreState.lastBelievedTime(at: options.clock())
        let pinned = pinned.withLock { $0 }
        guard case .mirror = role else {
            _ = try retire(&writer, bound: bound, pinned: pinned, exactly: exactly, limit: .max)
            return
        }
        // A look here costs less than a transaction there.
        let due = core.state.withReading { state in
            expiredRows(state, bound: bound, pinned: pinned, exactly: exactly).count
        }
        var left = due
        while left > 0 {
            let limit = min(left, Self.removedAtATime)
            // Once some are gone the slack that a policy has is gone as well.
            let count = try retire(&writer, bound: bound, pinned: pinned, exactly: true, limit: limit)
            guard count > 0 else { return }
            left -= count
        }
    }

    /// Removes some of what is due, as one change; answers how many.
    private func retire(
        _ writer: inout WriterState, bound: Timestamp, pinned: Set<EntryIdentity>, exactly: Bool, limit: Int
    ) throws(StoreError) -> Int {
        var expired: [Int] = []
        try keepChange(&writer) {
            var identities: [EntryIdentity] = []
            var newest: Timestamp?
            core.state.withReading { state in
                expired = Array(
                    expiredRows(state, bound: bound, pinned: pinned, exactly: exactly).prefix(limit))
                for row in expired {
                    identities.append(state.identity(of: row))
                    newest =
                        newest.map { max($0, state.columns.time(at: row)) } ?? state.columns.time(at: row)
                }
            }
            return expired.isEmpty ? nil : .retirements(identities, newest: newest)
        }
        if expired.isEmpty { return 0 }
        core.retire(rows: expired)
        announceChange()
        return expired.count
    }

    private func expiredRows(
        _ state: borrowing StoreState, bound: Timestamp, pinned: Set<EntryIdentity>, exactly: Bool
    ) -> [Int] {
        state.expiredRows(
            under: options.retention, newest: state.newestTime(upTo: bound), pinned: pinned, exactly: exactly)
    }
}
