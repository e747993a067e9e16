import Decisions
import VectorStores

extension DetectionService {
    /// Scores what was inserted after the state was last saved, as after a crash.
    ///
    /// The store streams its entries oldest row first; those after the last scored one are new. When
    /// that one is gone (deleted), nothing tells old from new and nothing is scored twice.
    func catchUp() async throws {
        var isBehind = wasCutShort
        for tenant in try await store.tenants() where !isBehind {
            isBehind = tenant.vectors > detector.decisions(ofTenant: tenant.tenant)
        }
        guard isBehind else { return }
        let recent = try await missedEntries()
        guard let newest = recent.last else { return }
        var notYetPast = Set(recent.map(\.storedID))
        for stored in recent {
            let novelty = try await novelty(of: stored, notYetPast: notYetPast)
            notYetPast.remove(stored.storedID)
            let assessment = detector.ingest(
                stored.decision, storedID: stored.storedID, novelty: novelty)
            changedTenants.insert(ByteKey(stored.decision.tenant))
            guard assessment.scored.anomalous || assessment.isUnfamiliar, !isMember(stored) else { continue }
            guard assessment.scored.anomalous else {
                _ = proceed(stored.decision, assessment)
                continue
            }
            _ = await file(
                Entry(decision: stored.decision, embedding: stored.embedding), assessment,
                novelty: novelty, notYetPast: { notYetPast })
        }
        lastScored = newest.identity
        try await saveIncidents()
        try await saveState()
    }

    /// The entries after the last scored one, in the order they were inserted; all of them when
    /// nothing was ever scored.
    ///
    /// Of more than are caught up, the oldest are only counted as they stream by.
    private func missedEntries() async throws -> [StoredDecision] {
        var last: EntryIdentity?
        if let value = try await store.record(in: Detector.collection, key: Self.progressKey)?.value {
            let fields = try JSONFields(value, name: "progress")
            last = EntryIdentity(tenant: try fields.text("tenant"), id: try fields.text("id"))
        }
        var isPastLast = last == nil
        var missed: [StoredDecision] = []
        var counted = 0
        let limit = max(1, configuration.maximumCatchUp)
        for try await batch in try await store.export(matching: nil) {
            for stored in batch {
                if isPastLast {
                    missed.append(stored)
                } else if stored.identity == last {
                    isPastLast = true
                }
            }
            // Dropped in large strokes, so that moving the rest costs little.
            if missed.count >= 2 * limit { counted += countOldest(of: &missed, keeping: limit) }
        }
        counted += countOldest(of: &missed, keeping: limit)
        if counted > 0 {
            note(problem: "\(counted) decisions came unwatched or before a crash: counted, not scored")
        }
        return missed
    }

    private func countOldest(of missed: inout [StoredDecision], keeping limit: Int) -> Int {
        let oldest = missed.dropLast(limit)
        for stored in oldest {
            _ = detector.ingest(stored.decision, storedID: stored.storedID, novelty: nil)
            changedTenants.insert(ByteKey(stored.decision.tenant))
        }
        missed.removeFirst(oldest.count)
        return oldest.count
    }

    /// How an entry compares with what came before it, from a search among all.
    private func novelty(of stored: StoredDecision, notYetPast: Set<String>) async throws -> Novelty {
        let tenant = Query.comparison(
            Query.Comparison(
                field: "tenant", operation: .equals, operands: [stored.decision.tenant]))
        let answer = try await store.search(
            SearchRequest(
                target: .embedding(stored.embedding), query: tenant,
                limit: EvidenceBuilder.searchLimit))
        let past = answer.results.filter {
            !notYetPast.contains($0.stored.storedID) && $0.stored.identity.isInTenant(stored.decision.tenant)
        }
        let similarities = past.prefix(EvidenceBuilder.neighbours).map { $0.similarity ?? 0 }
        return Novelty(
            meanSimilarity: similarities.reduce(0, +) / Float(EvidenceBuilder.neighbours),
            nearestSimilarity: similarities.first ?? 0, nearestID: past.first?.stored.storedID,
            identicalRows: 0)
    }

    /// Whether an entry already belongs to an incident that was saved before the crash.
    private func isMember(_ stored: StoredDecision) -> Bool {
        book.contains(member: stored.storedID, tenant: stored.decision.tenant)
    }
}
