public import AnomalyDetection
public import Decisions
import VectorStores

/// Scores decisions in the order given, each against the ones before it, starting from nothing.
///
/// A decision that was there before, or a later stage of one, is no new past: it is told with the
/// score that its first appearance got.
public actor PastScorer {
    private let store: MemoryStore
    private let embedder = DecisionEmbedder()
    private var detector = Detector()
    private var told: [EntryIdentity: ScoredDecision] = [:]

    /// Creates a scorer with an empty past; throws when memory for the index cannot be had.
    public init() throws {
        store = try MemoryStore(options: StoreOptions(clock: { Timestamp(seconds: 0) }))
    }

    /// Scores a batch; one result per decision, in its order.
    public func score(_ decisions: [Decision]) async throws -> [ScoredDecision] {
        let entries = decisions.map { Entry(decision: $0, embedding: embedder.embed($0)) }
        let report = try await store.insert(entries)
        return zip(decisions, report.outcomes).map { decision, outcome in
            let identity = EntryIdentity(tenant: decision.tenant, id: decision.id)
            if outcome.disposition == .duplicate || outcome.disposition == .merged, let first = told[identity]
            {
                return first
            }
            let scored = detector.ingest(decision, novelty: outcome.novelty).scored
            told[identity] = scored
            return scored
        }
    }
}
