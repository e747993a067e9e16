import Decisions
import VectorStores

/// What was flagged or nearly was, kept for rehearsals, and what rules and lessons did about it.
extension DetectionService {
    /// Keeps a decision that another alpha would have flagged, and counts what a lesson made ordinary.
    func remember(_ decision: Decision, _ assessment: Assessment) {
        if let lesson = assessment.hushedBy {
            taught.hit(lesson, at: decision.time, isCritical: severity(of: decision, assessment) == .critical)
            outdated()
        }
        guard !assessment.scored.anomalous, let tail = assessment.tail, tail <= HistoryItem.maximumTail else {
            return
        }
        remember(decision, assessment, incident: nil, rule: nil)
    }

    /// Keeps a decision that was flagged: in which incident, or hidden by which rule.
    func remember(
        _ decision: Decision, _ assessment: Assessment, incident: String?, rule: String?
    ) {
        let scored = assessment.scored
        history.add(
            HistoryItem(
                id: DecisionFacts.kept(scored.id), time: scored.time, facts: DecisionFacts(decision),
                score: scored.score, tail: assessment.tail ?? 0, severity: severity(of: decision, assessment),
                isFlagged: scored.anomalous, incident: incident, rule: rule),
            now: clock())
    }

    /// Whether a rule hides a flagged decision; then it is counted and kept, and opens nothing.
    func isHidden(_ decision: Decision, _ assessment: Assessment) -> Bool {
        guard let rule = taught.rule(hiding: decision, at: clock()) else { return false }
        let isCritical = severity(of: decision, assessment) == .critical
        taught.hit(rule.id, at: decision.time, isCritical: isCritical)
        remember(decision, assessment, incident: nil, rule: rule.id)
        outdated()
        return true
    }

    /// Whether a rule hides a decision or a lesson makes it ordinary; counts nothing.
    func isHushed(_ decision: Decision) -> Bool {
        taught.rule(hiding: decision, at: clock()) != nil
            || detector.lessons.lessons(of: decision.tenant)?.lesson(of: decision) != nil
    }

    /// How bad a decision is, were it flagged.
    func severity(of decision: Decision, _ assessment: Assessment) -> Incident.Severity {
        configuration.severity.severity(
            of: decision, score: assessment.scored.score,
            isNewPrincipal: assessment.isOfNewPrincipal(configuration.detector))
    }

    /// Reads the history, to go on with it.
    func loadHistory() async throws {
        let records = try await store.records(in: DetectionHistory.collection)
        let restored = DetectionHistory.restored(from: records, now: clock())
        history = restored.history
        if restored.unreadable > 0 {
            note(problem: "\(restored.unreadable) pieces of the detection history are damaged and left out")
        }
    }

    /// The writes of what rules, lessons and the history count, for the write that says up to where that goes.
    var countedChanges: [RecordChange] { history.changes + taught.hitChanges }

    /// Whether something of that is not saved.
    var hasUnsavedCounts: Bool { history.isChanged || !taught.changedHits.isEmpty }

    /// Takes note that it is saved.
    func savedCounts() {
        history.saved()
        taught.savedHits()
    }

    /// What tuning is rehearsed on: of this process where it detects, else as it was saved last.
    public func tuningHistory() async throws -> TuningHistory {
        await takeTurn()
        defer { turns.pass() }
        return try await currentHistory()
    }

    func currentHistory() async throws -> TuningHistory {
        let incidents = Array(book.incidents.values)
        guard role == .detecting else {
            return try await TuningHistory.read(
                from: store, incidents: incidents, alpha: configuration.detector.alpha,
                configuration: configuration.incidents, now: clock())
        }
        return TuningHistory(
            items: history.items, incidents: incidents, alpha: configuration.detector.alpha,
            configuration: configuration.incidents)
    }
}
