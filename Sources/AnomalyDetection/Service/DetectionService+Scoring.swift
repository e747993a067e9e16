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
            let assessment = detector.ingest(
                decision, storedID: outcome.storedID, novelty: outcome.novelty)
            observation.scored.append(assessment.scored)
            changedTenants.insert(ByteKey(decision.tenant))
            if assessment.scored.anomalous { changedAnomalies.insert(ByteKey(decision.tenant)) }
            decisionsSinceCheckpoint += 1
            scored.append(decision, storedID: outcome.storedID)
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
        filed = scored
        return observation
    }

    /// Adds a decision that was not flagged to the story it goes on with, if there is one.
    func proceed(_ decision: Decision, _ assessment: Assessment) -> IncidentBook.Change? {
        guard let change = book.continueStory(of: decision, assessment.scored) else { return nil }
        changedIncidents.insert(change.incident.id)
        return change
    }

    /// Adds one anomaly to its incident, with evidence where it is wanted; as bad as the scale says, or as is said.
    func file(
        _ entry: Entry, _ assessment: Assessment, severity: Incident.Severity? = nil, novelty: Novelty?,
        notYetPast: () -> Set<String>
    ) async -> IncidentBook.Change? {
        let anomaly = Anomaly(
            decision: entry.decision, scored: assessment.scored,
            severity: severity
                ?? configuration.severity.severity(
                    of: entry.decision, score: assessment.scored.score,
                    isNewPrincipal: assessment.isOfNewPrincipal(configuration.detector)))
        var evidence: Evidence?
        if book.placement(of: anomaly).wantsEvidence {
            evidence = await gather(entry, assessment, novelty: novelty, notYetPast: notYetPast())
        }
        guard let change = book.add(anomaly, evidence: evidence) else {
            note(problem: "no name is free for an incident of \(Reasons.short(entry.decision.principal.id))")
            return nil
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
