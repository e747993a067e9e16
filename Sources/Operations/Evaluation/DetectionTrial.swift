public import AnomalyDetection
import Decisions
import VectorStores

/// Runs the detector over a log of which the attacks are known, and tells how well it found them.
///
/// Neighbours come from a store in memory, as they do in use; nothing is read from or written to any other.
public struct DetectionTrial: Sendable {
    /// What an event is judged by.
    public enum Procedure: String, Sendable, Hashable, CaseIterable {
        /// All events before it, attacks among them: what the detector does with a log as it comes.
        ///
        /// The first share of the events is past only.
        case past
        /// What is benign in the other five sixths of the log, ``CrossFit``.
        case crossfit
    }

    /// What an event is judged by.
    public var procedure: Procedure
    /// The share of the events, by count, that is not judged; of no meaning to crossfit, which judges all.
    public var warmUpShare = 0.2
    /// How the detector scores and flags.
    public var configuration = DetectorConfiguration()

    /// Creates a trial.
    public init(_ procedure: Procedure) {
        self.procedure = procedure
    }

    /// Scores events, which stand in order, and sums up what was found.
    ///
    /// `check` is called again and again; what it throws ends the trial.
    public func run(
        _ events: [EvaluationEvent], check: () throws -> Void = {}
    ) async throws -> DetectionEvaluation {
        switch procedure {
        case .past: try await judgedByPast(events, check)
        case .crossfit: try await judgedByOthers(events, check)
        }
    }

    private func judgedByPast(
        _ events: [EvaluationEvent], _ check: () throws -> Void
    ) async throws -> DetectionEvaluation {
        var judgements: [DetectionEvaluation.Judgement] = []
        let warmUp = DetectionEvaluation.warmUp(of: events.count, share: warmUpShare)
        var past = try TrialPast(configuration)
        for start in stride(from: 0, to: events.count, by: Self.batchSize) {
            try check()
            let end = min(start + Self.batchSize, events.count)
            let scored = try await past.add(events[start..<end])
            for (event, scored) in zip(events[start..<end], scored).dropFirst(max(0, warmUp - start)) {
                judgements.append(DetectionEvaluation.Judgement(scored, of: event))
            }
        }
        await past.close()
        return DetectionEvaluation(judgements)
    }

    private func judgedByOthers(
        _ events: [EvaluationEvent], _ check: () throws -> Void
    ) async throws -> DetectionEvaluation {
        var judgements: [DetectionEvaluation.Judgement] = []
        for part in CrossFit(events).parts {
            var past = try TrialPast(configuration)
            for start in stride(from: 0, to: part.past.count, by: Self.batchSize) {
                try check()
                _ = try await past.add(part.past[start..<min(start + Self.batchSize, part.past.count)])
            }
            for event in part.judged {
                try check()
                let scored = try await past.preview(event)
                judgements.append(DetectionEvaluation.Judgement(scored, of: event))
            }
            await past.close()
        }
        return DetectionEvaluation(judgements)
    }

    private static let batchSize = 512
}

/// What events are judged by: a store for neighbours, a detector for all else.
private struct TrialPast {
    private static let neighbours = 10

    private let store: MemoryStore
    private let embedder = DecisionEmbedder()
    private var detector: Detector

    init(_ configuration: DetectorConfiguration) throws {
        store = try MemoryStore(options: StoreOptions(clock: { Timestamp(seconds: 0) }))
        detector = Detector(configuration: configuration)
    }

    /// Scores events, each by those before it, and makes them part of the past.
    mutating func add(_ events: ArraySlice<EvaluationEvent>) async throws -> [ScoredDecision] {
        let report = try await store.insert(
            events.map { Entry(decision: $0.decision, embedding: embedder.embed($0.decision)) })
        return zip(events, report.outcomes).map { event, outcome in
            detector.ingest(event.decision, novelty: outcome.novelty).scored
        }
    }

    /// Scores an event and leaves the past as it is.
    func preview(_ event: EvaluationEvent) async throws -> ScoredDecision {
        let tenant = Query.Comparison(
            field: "tenant", operation: .equals, operands: [event.decision.tenant])
        let answer = try await store.search(
            SearchRequest(
                target: .embedding(embedder.embed(event.decision)), query: .comparison(tenant),
                limit: Self.neighbours, exact: true))
        let nearest = answer.results.map { $0.similarity ?? 0 }
        let novelty = Novelty(
            meanSimilarity: nearest.reduce(0, +) / Float(Self.neighbours),
            nearestSimilarity: nearest.first ?? 0, nearestID: answer.results.first?.stored.storedID,
            identicalRows: 0)
        return detector.preview(event.decision, novelty: novelty).scored
    }

    func close() async { await store.close() }
}
