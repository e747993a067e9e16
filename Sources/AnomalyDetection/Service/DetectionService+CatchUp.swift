import Decisions
import VectorStores

extension DetectionService {
    /// Up to where what is saved goes.
    struct SavedPositions: Sendable {
        /// Up to where the state of most tenants goes.
        var scored = ScoringTrail()
        /// Up to where incidents went when they were last saved; that may be further.
        var filed: ScoringTrail?
        /// Up to where the state of the tenants goes that a save had written when it was cut short.
        var saving: ScoringTrail?
        /// Those tenants.
        var ahead: Set<ByteKey> = []
        /// The same positions as a store that others write too tells them.
        var scoredPosition: JSONValue?
        var filedPosition: JSONValue?
        var savingPosition: JSONValue?
        /// What was scored beyond these.
        var scoredBeyond: Set<EntryIdentity> = []
        var filedBeyond: Set<EntryIdentity> = []
        var savingBeyond: Set<EntryIdentity> = []
        /// How many were scored beyond as well, and could not be told.
        var leftBeyond = 0
    }

    /// An entry that the state does not know yet.
    struct Missed {
        var stored: StoredDecision
        /// Whether the incidents know it.
        var isFiled: Bool

        var identity: EntryIdentity { stored.identity }
    }

    private static func identifiers(in entries: Set<EntryIdentity>, of tenant: String) -> Set<String> {
        Set(entries.lazy.filter { $0.isInTenant(tenant) }.map(\.id))
    }

    /// Where the entries that stream by stand.
    private struct Cursors {
        var scored: ScoringTrail.Cursor
        var filed: ScoringTrail.Cursor?
        var saving: ScoringTrail.Cursor?
        let ahead: Set<ByteKey>

        /// The entry, if the state does not know it yet.
        mutating func missed(_ stored: StoredDecision) -> Missed? {
            let decision = stored.decision
            // Each cursor must see every entry.
            let isScored = !scored.isNew(decision, storedID: stored.storedID)
            let isFiled = filed.map { _ in !(filed?.isNew(decision, storedID: stored.storedID) ?? true) }
            let isSaved = saving.map { _ in !(saving?.isNew(decision, storedID: stored.storedID) ?? true) }
            if isScored || isSaved == true && ahead.contains(ByteKey(decision.tenant)) { return nil }
            return Missed(stored: stored, isFiled: isFiled ?? false)
        }
    }

    /// Scores what was inserted after the state was last saved, as after a crash.
    ///
    /// The store streams its entries in the order they were inserted; those past the saved trail are new.
    /// Incidents were saved more often than the state: what they know is counted and not filed again.
    func catchUp(from saved: SavedPositions, _ tell: (Int) -> Void) async throws {
        scored = saved.scored
        filed = saved.filed ?? saved.scored
        let (recent, isKnown) = try await missedElsewhere(since: saved)
        if isKnown { return try await score(missed: recent, tell) }
        var isBehind = wasCutShort
        for tenant in try await store.tenants() where !isBehind {
            isBehind = tenant.vectors > detector.decisions(ofTenant: tenant.tenant)
        }
        guard isBehind else { return }
        let missed = try await missedEntries(since: saved)
        if isWatching { caughtUp = Set(missed.map(\.identity)) }
        try await score(missed: missed, tell)
    }

    /// Scores entries that were stored without being scored, in their order.
    func score(missed recent: [Missed], _ tell: (Int) -> Void) async throws {
        if recent.isEmpty { return }
        var notYetPast = Set(recent.map(\.identity))
        defer { unscored = 0 }
        for (done, missed) in recent.enumerated() {
            unscored = recent.count - done
            outdated()
            tell(unscored)
            try Task.checkCancellation()
            let novelty = try await novelty(of: missed.stored, notYetPast: notYetPast)
            notYetPast.remove(missed.identity)
            _ = await assess(missed, novelty: novelty, notYetPast: notYetPast)
        }
        filed = scored
    }

    /// Makes an entry part of the past and of the incident it belongs to.
    func assess(
        _ missed: Missed, novelty: Novelty?, notYetPast: Set<EntryIdentity>
    ) async -> IncidentBook.Change? {
        let stored = missed.stored
        let entry = Entry(decision: stored.decision, embedding: stored.embedding)
        let withoutWithheld = await noveltyWithoutWithheld(entry, novelty) {
            notYetPast.union([missed.identity])
        }
        let assessment = count(missed, novelty: novelty, withoutWithheld: withoutWithheld)
        if missed.isFiled { return nil }
        remember(stored.decision, assessment)
        // A later stage of an event that others wrote looks like one that was never scored.
        if isWatching, book.lists(stored.storedID, ofTenant: stored.decision.tenant) { return nil }
        hunt(stored.decision, storedID: stored.storedID)
        defer { fileHunts() }
        let future = { Self.identifiers(in: notYetPast, of: stored.decision.tenant) }
        if stored.isKeptBeside {
            return await fileConflict(entry, assessment, novelty: novelty, notYetPast: future)
        }
        if assessment.scored.anomalous {
            return await file(entry, assessment, novelty: novelty, notYetPast: future)
        }
        return assessment.isUnfamiliar ? proceed(stored.decision, assessment) : nil
    }

    /// Makes an entry part of the past.
    @discardableResult
    func count(_ missed: Missed, novelty: Novelty?, withoutWithheld: Novelty? = nil) -> Assessment {
        let stored = missed.stored
        scored.append(stored.decision, storedID: stored.storedID)
        changedTenants.insert(ByteKey(stored.decision.tenant))
        decisionsSinceCheckpoint += 1
        let assessment = detector.ingest(
            stored.decision, storedID: stored.storedID, novelty: novelty, withoutWithheld: withoutWithheld)
        if novelty == nil || assessment.scored.state == .learning { unjudged.note(stored.decision) }
        return assessment
    }

    /// The entries that the state does not know, in the order they were inserted; all of them when nothing
    /// was ever scored.
    ///
    /// Of more than are caught up, the oldest are only counted as they stream by.
    private func missedEntries(since saved: SavedPositions) async throws -> [Missed] {
        var cursors = Cursors(
            scored: try await cursor(saved.scored), filed: nil, saving: nil, ahead: saved.ahead)
        if let filed = saved.filed { cursors.filed = try await cursor(filed) }
        if let saving = saved.saving { cursors.saving = try await cursor(saving) }
        var missed: [Missed] = []
        var unfiled = 0
        // All that can have come since the state was last saved is scored, however large the state.
        let limit = mostScored
        for try await batch in try await store.export(matching: nil) {
            for stored in batch {
                if let entry = cursors.missed(stored) { missed.append(entry) }
            }
            // Dropped in large strokes, so that moving the rest costs little.
            if missed.count >= 2 * limit { unfiled += countOldest(of: &missed, keeping: limit) }
        }
        unfiled += countOldest(of: &missed, keeping: limit)
        tellUnscored(unfiled)
        let doubtful = max(cursors.scored.doubtful, cursors.filed?.doubtful ?? 0)
        if doubtful > 0 {
            note(
                problem: "the decisions scored last were removed: \(doubtful) that are not newer may have "
                    + "come unwatched and are taken as scored")
        }
        return missed
    }

    func tellUnscored(_ unfiled: Int) {
        guard unfiled > 0 else { return }
        let counted = PrintedNumber.counted(unfiled, "decision")
        note(problem: "\(counted) came unwatched or before a crash: counted, not scored")
    }

    /// How many missed entries are scored at most.
    var mostScored: Int { max(1, configuration.maximumCatchUp, 2 * checkpointDecisions) }

    private func cursor(_ trail: ScoringTrail) async throws -> ScoringTrail.Cursor {
        try await trail.cursor { entry in
            try await store.entries(id: entry.id, tenant: entry.tenant).contains { $0.identity == entry }
        }
    }

    func countOldest(of missed: inout [Missed], keeping limit: Int) -> Int {
        let oldest = missed.dropLast(limit)
        for entry in oldest { count(entry, novelty: nil) }
        let unfiled = oldest.count { !$0.isFiled }
        missed.removeFirst(oldest.count)
        return unfiled
    }

    /// How an entry compares with what came before it, from a search among all.
    func novelty(of stored: StoredDecision, notYetPast: Set<EntryIdentity>) async throws -> Novelty {
        try await novelty(of: stored.embedding, tenant: stored.decision.tenant, leavingOut: notYetPast)
    }
}
