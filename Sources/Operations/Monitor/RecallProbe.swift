public import Decisions
public import VectorStores

/// Measures the recall that people get: the graph's answers against exact ones, a few at a time.
///
/// Each probe asks the same question twice, so its cost is one graph walk and one scan; the caller
/// decides how often. Ties count as found when they are as near as the tenth true neighbour.
public actor RecallProbe {
    /// Neighbours compared per probe.
    public static let neighbours = 10
    /// Probes that the figure is over.
    public static let window = 512
    /// Cosines this close count as equal.
    public static let tieTolerance: Float = 1e-6

    private struct Sample {
        var recall: Double
        var time: Timestamp
    }

    private var samples: [Sample] = []
    private var next = 0
    private let clock: @Sendable () -> Timestamp

    /// Creates a probe without samples.
    public init(clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
    }

    /// Asks one question twice and remembers how the answers compare.
    public func probe(_ embedding: Embedding, in store: any VectorStore) async throws {
        let target = SearchRequest.Target.embedding(embedding)
        let walked = try await store.search(
            SearchRequest(target: target, limit: Self.neighbours, forcesGraph: true))
        let scanned = try await store.search(
            SearchRequest(target: target, limit: Self.neighbours, exact: true))
        guard let recall = Self.recall(of: walked, against: scanned) else { return }
        let sample = Sample(recall: recall, time: clock())
        if samples.count < Self.window {
            samples.append(sample)
        } else {
            samples[next] = sample
            next = (next + 1) % Self.window
        }
    }

    /// The recall so far; `nil` before the first probe.
    public func summary() -> RecallSummary? {
        guard let newest = samples.map(\.time).max() else { return nil }
        let mean = samples.reduce(0) { $0 + $1.recall } / Double(samples.count)
        return RecallSummary(
            recall: mean, samples: samples.count,
            ageSeconds: max(0, clock().secondsSince1970 - newest.secondsSince1970))
    }

    /// The share of the true nearest that an answer found; `nil` when there are none.
    public static func recall(of answer: SearchAnswer, against truth: SearchAnswer) -> Double? {
        let wanted = min(neighbours, truth.results.count)
        guard wanted > 0, let worst = truth.results[wanted - 1].similarity else { return nil }
        let found = answer.results.prefix(neighbours).count { result in
            result.similarity.map { $0 >= worst - tieTolerance } ?? false
        }
        return Double(min(found, wanted)) / Double(wanted)
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
