public import AnomalyDetection
public import Decisions
public import VectorStores

/// Judges requests before they are decided, against what a store holds; stores and counts nothing.
public struct RiskAssessor: Sendable {
    /// How many similar requests are asked for.
    public static let neighbours = 25
    /// Below this cosine a request is not similar.
    static let leastSimilarity: Float = 0.5

    private let store: any DecisionStore
    private let detection: DetectionService
    private let severity: SeverityScale
    private let warmUpDecisions: Int

    /// Creates an assessor; a detection that is not started is asked read-only.
    public init(
        store: any DecisionStore, detection: DetectionService,
        configuration: DetectionConfiguration = DetectionConfiguration()
    ) {
        self.store = store
        self.detection = detection
        severity = configuration.severity
        warmUpDecisions = configuration.detector.warmUpDecisions
    }

    /// Judges a request, whose effect is the answer that is asked about.
    ///
    /// Costs two searches. Where it is stored already it is no neighbour of itself.
    public func assess(_ request: Decision) async throws -> RequestRisk {
        let own = EntryIdentity(tenant: request.tenant, id: request.id)
        return RequestRisk(
            request: request, answers: try await answers(to: request, leavingOut: own),
            preview: try await detection.preview(request, leavingOut: [own]),
            privilege: RequestRisk.Privilege(
                sensitive: severity.sensitiveNames(of: request), isChange: request.changesSomething),
            warmUpDecisions: warmUpDecisions)
    }

    /// What was answered to the requests most like it, compared without what only an answer has.
    private func answers(
        to request: Decision, leavingOut own: EntryIdentity
    ) async throws -> RequestRisk.PastAnswers {
        let embedding = DecisionEmbedder().embed(request, leavingOut: TokenKind.ofTheAnswer)
        let tenant = Query.comparison(
            Query.Comparison(field: "tenant", operation: .equals, operands: [request.tenant]))
        let answer = try await store.search(
            SearchRequest(target: .embedding(embedding), query: tenant, limit: Self.neighbours + 1))
        let similar = answer.results.filter { result in
            result.stored.identity.isInTenant(request.tenant) && result.stored.identity != own
                && result.similarity ?? 0 >= Self.leastSimilarity
        }.prefix(Self.neighbours)
        return RequestRisk.PastAnswers(
            requests: similar.count, denied: similar.count { $0.stored.decision.effect == .deny },
            conditional: similar.count { $0.stored.decision.effect == .conditional },
            nearestID: similar.first?.stored.storedID)
    }
}
