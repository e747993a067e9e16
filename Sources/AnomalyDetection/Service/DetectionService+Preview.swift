public import Decisions
public import VectorStores

/// A score that leaves no trace.
public struct DecisionPreview: Sendable, Hashable {
    /// What scoring the decision now would have given.
    public var assessment: Assessment
    /// How it compares with what its tenant has stored.
    public var novelty: Novelty
    /// How bad it would be, were it flagged.
    public var severity: Incident.Severity
    /// Decisions of its tenant that it was scored against.
    public var past: Int
    /// Whether this process scores the store; otherwise the past is the one that the process which does saved last.
    public var isLive: Bool

    /// Creates a preview.
    public init(
        assessment: Assessment, novelty: Novelty, severity: Incident.Severity, past: Int, isLive: Bool
    ) {
        self.assessment = assessment
        self.novelty = novelty
        self.severity = severity
        self.past = past
        self.isLive = isLive
    }
}

/// The detector as another process saved it, and which of its saves that is.
struct RestoredDetector: Sendable {
    var detector: Detector
    /// The revision of the record that says up to where the state was saved; 0 when there is none.
    var revision: UInt64
}

extension DetectionService {
    /// What scoring a decision now would give; nothing is counted, stored or filed.
    ///
    /// In the process that scores it costs one search. In another one, or before a start, the saved state is read
    /// first, and again when it was saved anew. Entries of `leavingOut` are no neighbours: of a stored decision with
    /// a field changed the decision itself. What is forgotten is counted nowhere.
    public func preview(
        _ decision: Decision, leavingOut: Set<EntryIdentity> = [], forgetting others: [Decision] = []
    ) async throws -> DecisionPreview {
        let (past, isLive) = try await pastForReading()
        let embedding = DecisionEmbedder().embed(decision)
        let novelty = try await novelty(
            of: embedding, tenant: decision.tenant,
            leavingOut: leavingOut.union(detector.lessons.withheld(of: decision.tenant)))
        let assessment = past.preview(decision, novelty: novelty, forgetting: others)
        return DecisionPreview(
            assessment: assessment, novelty: novelty,
            severity: configuration.severity.severity(
                of: decision, score: assessment.scored.score,
                isNewPrincipal: assessment.isOfNewPrincipal(configuration.detector)),
            past: past.decisions(ofTenant: decision.tenant), isLive: isLive)
    }

    /// How a vector compares with what a tenant has stored, from a search among all of it.
    ///
    /// What is left out may crowd out the rest: then more is asked for.
    public func novelty(
        of embedding: Embedding, tenant: String, leavingOut: Set<EntryIdentity> = []
    ) async throws -> Novelty {
        let query = Query.comparison(
            Query.Comparison(field: "tenant", operation: .equals, operands: [tenant]))
        var past: [SearchResult] = []
        for limit in [EvidenceBuilder.searchLimit, 1_024, SearchRequest.maximumLimit] {
            let answer = try await store.search(
                SearchRequest(target: .embedding(embedding), query: query, limit: limit))
            past = answer.results.filter {
                $0.stored.identity.isInTenant(tenant) && !leavingOut.contains($0.stored.identity)
            }
            if past.count >= EvidenceBuilder.neighbours || answer.results.count < limit { break }
        }
        let similarities = past.prefix(EvidenceBuilder.neighbours).map { $0.similarity ?? 0 }
        return Novelty(
            meanSimilarity: similarities.reduce(0, +) / Float(EvidenceBuilder.neighbours),
            nearestSimilarity: similarities.first ?? 0, nearestID: past.first?.stored.storedID,
            identicalRows: 0)
    }

    /// The detector to ask, and whether it is the one that scores.
    func pastForReading() async throws -> (detector: Detector, isLive: Bool) {
        if role == .detecting {
            restored = nil
            return (detector, true)
        }
        return (try await restoredDetector(), false)
    }

    /// The detector that the process which scores saved last, for reading alone.
    private func restoredDetector() async throws -> Detector {
        let progress = try await store.record(in: Detector.collection, key: Self.progressKey)
        let revision = progress?.revision ?? 0
        if let restored, restored.revision == revision { return restored.detector }
        var saved = Detector(configuration: configuration.detector)
        let restoration = saved.restore(from: try await store.records(in: Detector.collection))
        for problem in restoration.problems { note(problem: problem) }
        // Who never followed has read no lessons yet.
        if role == .idle { try await loadTaught() }
        saved.lessons = detector.lessons
        restored = RestoredDetector(detector: saved, revision: revision)
        return saved
    }
}
