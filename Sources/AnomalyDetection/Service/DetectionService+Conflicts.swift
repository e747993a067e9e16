import Decisions
import VectorStores

/// An identifier that was used for two different events: a client may choose it, so that is a signal.
extension DetectionService {
    /// Opens an incident of a decision that is kept beside another of its identifier, or adds it to the one of its
    /// story, whatever its score and also while its tenant is learning.
    func fileConflict(
        _ entry: Entry, _ assessment: Assessment, novelty: Novelty?, notYetPast: () -> Set<String>
    ) async -> IncidentBook.Change? {
        let severity = configuration.severity.severity(
            of: entry.decision, score: assessment.scored.score,
            isNewPrincipal: assessment.isOfNewPrincipal(configuration.detector))
        var certain = assessment
        certain.scored.score = Signal.score
        let told = max(severity, Signal.Kind.conflictingID.severity)
        let anomaly = Anomaly(decision: entry.decision, scored: certain.scored, severity: told)
        // Looked up only where it is kept: of a flood the first of each story has the words.
        if book.placement(of: anomaly).wantsEvidence {
            certain.scored.why = await words(ofConflict: entry.decision) + assessment.scored.why
        }
        let filed = await file(entry, certain, severity: told, novelty: novelty, notYetPast: notYetPast)
        guard var change = filed else { return nil }
        let marked = book.mark(change.incident.id, as: .conflictingID, at: entry.decision.time)
        change.incident = marked ?? change.incident
        return change
    }

    /// What is said of it: the identifier, and in what the event that had it before differs.
    private func words(ofConflict decision: Decision) async -> [String] {
        let isAudit = ["kubernetes", "gke"].contains(decision.source.format)
        let sentence =
            "\(isAudit ? "audit id" : "id") \(Reasons.short(decision.id)) was used for two different events"
        // What cannot be looked up now is left out: the signal is told all the same.
        let stored = try? await store.entries(id: decision.id, tenant: decision.tenant)
        guard let first = stored?.first(where: { ByteKey($0.storedID) == ByteKey(decision.id) })?.decision
        else { return [sentence] }
        let fields = EvidenceBuilder.differences(decision, first)
        let differ = fields.isEmpty ? "time or metadata" : fields.joined(separator: ", ")
        let actions = Reasons.short(first.actions.joined(separator: ","))
        return [
            "\(sentence): they differ in \(differ)",
            "before, it was \(Reasons.short(first.principal.id)): \(actions) "
                + "\(Reasons.short(Incident.resourceName(of: first))), \(first.effect.rawValue), \(first.time)",
        ]
    }
}

extension StoredDecision {
    /// Whether it is kept beside another entry that had its identifier first.
    var isKeptBeside: Bool {
        storedID.utf8.count != decision.id.utf8.count && IdentityResolver.isDerived(storedID, for: decision)
    }
}
