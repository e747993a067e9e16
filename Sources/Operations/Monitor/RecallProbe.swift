public import Decisions
public import VectorStores

/// Measures the recall that people get: the graph's answers against exact ones, a few at a time.
///
/// Each probe asks the same question of one tenant twice, so its cost is one graph walk and one scan;
/// the caller decides how often. Ties count as found: see ``AnswerComparison``.
public struct RecallProbe: Sendable {
    /// Neighbours compared per probe.
    public static let neighbours = 10
    /// Probes that the figure over all tenants is over.
    public static let window = 512
    /// How many of a tenant's newest decisions its probes go around among.
    public static let newest = 16

    private let recallGuard: RecallGuard

    /// Creates a probe that tells a guard what it finds.
    public init(_ recallGuard: RecallGuard) { self.recallGuard = recallGuard }

    /// Probes the tenant whose turn it is; returns the tenant and its step when that is another now.
    public func probeNext(in store: any VectorStore) async throws -> (tenant: String, step: RecallStep)? {
        guard let turn = recallGuard.nextTurn() else { return nil }
        let own = try await store.search(
            SearchRequest(query: .tenant(turn.tenant), limit: Self.newest)
        ).results
        guard !own.isEmpty else {
            recallGuard.forget(turn.tenant)
            return nil
        }
        let embedding = own[turn.number % own.count].stored.embedding
        guard let sample = try await sample(embedding, turn, in: store) else { return nil }
        return recallGuard.note(sample, of: turn.tenant).map { (turn.tenant, $0) }
    }

    /// Asks one question exactly and by a walk; `nil` when there is nothing to be found.
    ///
    /// The exact answer comes first: what is stored between both can then only be found, never missed.
    private func sample(
        _ embedding: Embedding, _ turn: RecallTurn, in store: any VectorStore
    ) async throws -> RecallSample? {
        var request = SearchRequest(
            target: .embedding(embedding), query: .tenant(turn.tenant), limit: Self.neighbours, exact: true)
        let truth = try await store.search(request)
        request.exact = false
        if turn.breadth == .wide { request.breadth = recallGuard.wideBreadth(of: request) }
        var answer = try await store.search(request)
        let isAnsweredExactly = answer.exact
        if isAnsweredExactly, turn.breadth == .usual {
            // The store compares everything by itself: how its graph does is worth knowing all the same.
            request.forcesGraph = true
            answer = try await store.search(request)
        }
        guard let recall = Self.recall(of: answer, against: truth) else { return nil }
        return RecallSample(
            recall: recall, breadth: turn.breadth, isAnsweredExactly: isAnsweredExactly,
            time: recallGuard.now)
    }

    /// The share of the true nearest that an answer found; `nil` when there are none.
    public static func recall(of answer: SearchAnswer, against truth: SearchAnswer) -> Double? {
        AnswerComparison(
            of: Array(answer.results.prefix(neighbours)), with: Array(truth.results.prefix(neighbours))
        ).recall
    }

    /// Recall and median time at each breadth, over the same sample of stored vectors.
    public static func curve(
        of store: any VectorStore, sample: [Embedding], breadths: [Int]
    ) async throws -> [RecallPoint] {
        var truths: [SearchAnswer] = []
        for embedding in sample {
            try Task.checkCancellation()
            truths.append(
                try await store.search(
                    SearchRequest(target: .embedding(embedding), limit: neighbours, exact: true)))
        }
        var points: [RecallPoint] = []
        for breadth in breadths {
            var latency = LatencyHistogram()
            var total = 0.0
            var counted = 0
            for (embedding, truth) in zip(sample, truths) {
                try Task.checkCancellation()
                let answer = try await store.search(
                    SearchRequest(
                        target: .embedding(embedding), limit: neighbours, breadth: breadth,
                        forcesGraph: true))
                latency.record(microseconds: answer.elapsedMicroseconds)
                if let recall = recall(of: answer, against: truth) {
                    total += recall
                    counted += 1
                }
            }
            guard counted > 0, let median = latency.quantile(0.5) else { continue }
            points.append(
                RecallPoint(
                    breadth: breadth, recall: total / Double(counted), p50Microseconds: median))
        }
        return points
    }
}
