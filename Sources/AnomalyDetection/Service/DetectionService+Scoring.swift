import Decisions
import VectorStores

extension DetectionService {
    /// Scores accepted and conflicting entries in order and files the anomalies.
    func score(_ entries: [Entry], _ outcomes: [InsertOutcome]) async -> Observation {
        var observation = Observation()
        observation.scored.reserveCapacity(entries.count)
        var noted: [(index: Int, assessment: Assessment)] = []
        for (index, outcome) in outcomes.enumerated() {
            guard outcome.disposition == .accepted || outcome.disposition == .conflict else {
                observation.scored.append(nil)
                continue
            }
            let decision = entries[index].decision
            let withoutWithheld = await noveltyWithoutWithheld(entries[index], outcome.novelty) {
                Self.identities(of: entries[index...], outcomes[index...])
            }
            let assessment = detector.ingest(
                decision, storedID: outcome.storedID, novelty: outcome.novelty,
                withoutWithheld: withoutWithheld)
            remember(decision, assessment)
            observation.scored.append(assessment.scored)
            changedTenants.insert(ByteKey(decision.tenant))
            if assessment.scored.anomalous { changedAnomalies.insert(ByteKey(decision.tenant)) }
            decisionsSinceCheckpoint += 1
            if assessment.scored.state == .learning { unjudged.note(decision) }
            scored.append(decision, storedID: outcome.storedID)
            noteBeyond(EntryIdentity(tenant: decision.tenant, id: outcome.storedID))
            hunt(decision, storedID: outcome.storedID)
            let isNoted = assessment.scored.anomalous || assessment.isUnfamiliar
            if isNoted || outcome.disposition == .conflict {
                noted.append((index: index, assessment: assessment))
            }
        }
        for (index, assessment) in noted {
            let isConflict = outcomes[index].disposition == .conflict
            guard assessment.scored.anomalous || isConflict else {
                if let change = proceed(entries[index].decision, assessment) {
                    observation.changes.append(change)
                }
                continue
            }
            // Built only for what gets evidence: the set of what is stored but not yet past.
            let notYetPast = { Set(outcomes[index...].map(\.storedID)) }
            let (entry, novelty) = (entries[index], outcomes[index].novelty)
            var change: IncidentBook.Change?
            if isConflict {
                change = await fileConflict(entry, assessment, novelty: novelty, notYetPast: notYetPast)
            } else {
                change = await file(entry, assessment, novelty: novelty, notYetPast: notYetPast)
            }
            if let change { observation.changes.append(change) }
        }
        if fileHunts(), observation.changes.isEmpty { published() }
        filed = scored
        return observation
    }

    /// Outcomes with how new their entries are, where that was not measured as they were stored: this process came to
    /// score while they were.
    func measured(_ entries: [Entry], _ outcomes: [InsertOutcome]) async -> [InsertOutcome] {
        var outcomes = outcomes
        for (index, entry) in entries.enumerated() where outcomes[index].disposition.isNew {
            let notYetPast = Self.identities(of: entries[index...], outcomes[index...])
            outcomes[index].novelty = try? await novelty(
                of: entry.embedding, tenant: entry.decision.tenant, leavingOut: notYetPast)
        }
        return outcomes
    }

    /// The names of what was stored of some entries.
    private static func identities(
        of entries: ArraySlice<Entry>, _ outcomes: ArraySlice<InsertOutcome>
    ) -> Set<EntryIdentity> {
        Set(zip(entries, outcomes).map { EntryIdentity(tenant: $0.decision.tenant, id: $1.storedID) })
    }

    /// Adds a decision that was not flagged to the story it goes on with, if there is one.
    func proceed(_ decision: Decision, _ assessment: Assessment) -> IncidentBook.Change? {
        guard taught.rule(hiding: decision, at: clock()) == nil,
            let change = book.continueStory(of: decision, assessment.scored)
        else { return nil }
        changedIncidents.insert(change.incident.id)
        return change
    }

    /// Adds one anomaly to its incident, with evidence where it is wanted; as bad as the scale says, or as is said.
    ///
    /// One that a rule hides is counted and opens nothing; what is said to be bad is a signal, which no rule hides.
    func file(
        _ entry: Entry, _ assessment: Assessment, severity: Incident.Severity? = nil, novelty: Novelty?,
        notYetPast: () -> Set<String>
    ) async -> IncidentBook.Change? {
        if severity == nil, isHidden(entry.decision, assessment) { return nil }
        let anomaly = Anomaly(
            decision: entry.decision, scored: assessment.scored,
            severity: severity ?? self.severity(of: entry.decision, assessment))
        var evidence: Evidence?
        if book.placement(of: anomaly).wantsEvidence {
            evidence = await gather(entry, assessment, novelty: novelty, notYetPast: notYetPast())
        }
        guard let change = book.add(anomaly, evidence: evidence) else {
            note(problem: "no name is free for an incident of \(Reasons.short(entry.decision.principal.id))")
            return nil
        }
        if severity == nil {
            remember(entry.decision, assessment, incident: change.incident.id, rule: nil)
        }
        changedIncidents.insert(change.incident.id)
        for id in change.removed {
            changedIncidents.remove(id)
            removedIncidents.insert(id)
        }
        return change
    }

    /// The evidence; without neighbours when the store cannot search, which loses no anomaly.
    private func gather(
        _ entry: Entry, _ assessment: Assessment, novelty: Novelty?, notYetPast: Set<String>
    ) async -> Evidence {
        do {
            return try await EvidenceBuilder(store: store).evidence(
                for: entry, assessment: assessment, novelty: novelty, notYetPast: notYetPast)
        } catch {
            note(problem: "evidence of \(Reasons.short(entry.decision.id)) has no neighbours: \(error)")
            var evidence = Evidence(decision: entry.decision, channels: assessment.scored.channels)
            evidence.counters = assessment.past?.counters ?? []
            evidence.principalHours = assessment.past?.principalHours ?? evidence.principalHours
            evidence.principalPast = assessment.past?.principalPast ?? 0
            return evidence
        }
    }
}
