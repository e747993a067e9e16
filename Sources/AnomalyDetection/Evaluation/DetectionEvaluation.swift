public import Decisions
public import VectorStores

/// How well a detector finds known attacks in a log.
public struct DetectionEvaluation: Sendable, Hashable {
    /// How the scores rank attacks above the benign.
    public var ranking: RankingMetrics
    /// The share of benign events that was flagged.
    public var falsePositiveRate: Double
    /// The share of attack events that was flagged.
    public var recall: Double
    /// The share of attacks of which at least one event was flagged.
    public var incidentsOpened: Double
    /// Benign events that were judged.
    public var benign: Int
    /// Attack events that were judged.
    public var attacks: Int
    /// Attacks of which at least one event was judged.
    public var incidents: Int
    /// Events that were judged while their tenant's past was too short to flag anything.
    public var learning: Int

    /// What a detector said of one event, and what is true of it.
    public struct Judgement: Sendable, Hashable {
        /// The score.
        public var score: Double
        /// Whether it was flagged.
        public var isFlagged: Bool
        /// Whether the past was too short to flag anything.
        public var isLearning: Bool
        /// The attack it belongs to; `nil` when it is benign.
        public var incident: String?

        /// Creates a judgement.
        public init(score: Double, isFlagged: Bool, isLearning: Bool = false, incident: String?) {
            self.score = score
            self.isFlagged = isFlagged
            self.isLearning = isLearning
            self.incident = incident
        }

        /// What an assessment says of an event.
        public init(_ scored: ScoredDecision, of event: EvaluationEvent) {
            self.init(
                score: scored.score, isFlagged: scored.anomalous, isLearning: scored.state == .learning,
                incident: event.incident)
        }
    }

    /// Sums up judgements.
    public init(_ judgements: [Judgement]) {
        var flaggedBenign = 0
        var flaggedAttacks = 0
        var found: Set<String> = []
        var opened: Set<String> = []
        for judgement in judgements {
            if let incident = judgement.incident {
                found.insert(incident)
                if judgement.isFlagged {
                    flaggedAttacks += 1
                    opened.insert(incident)
                }
            } else if judgement.isFlagged {
                flaggedBenign += 1
            }
        }
        ranking = RankingMetrics(judgements.map { (score: $0.score, isAttack: $0.incident != nil) })
        attacks = judgements.count { $0.incident != nil }
        benign = judgements.count - attacks
        incidents = found.count
        learning = judgements.count { $0.isLearning }
        falsePositiveRate = benign == 0 ? 0 : Double(flaggedBenign) / Double(benign)
        recall = attacks == 0 ? 0 : Double(flaggedAttacks) / Double(attacks)
        incidentsOpened = found.isEmpty ? 0 : Double(opened.count) / Double(found.count)
    }

    /// Scores events in order, each against those before it, and judges all but the first.
    ///
    /// `warmUpShare` of the events, by count, are ingested but not judged. `novelty` measures an event
    /// against those before it and then makes it part of them.
    public init(
        _ events: [EvaluationEvent], warmUpShare: Double = 0.2,
        configuration: DetectorConfiguration = DetectorConfiguration(),
        novelty: (Decision) throws -> Novelty?
    ) rethrows {
        var detector = Detector(configuration: configuration)
        let warmUp = Self.warmUp(of: events.count, share: warmUpShare)
        var judgements: [Judgement] = []
        judgements.reserveCapacity(events.count - warmUp)
        for (index, event) in events.enumerated() {
            let assessment = detector.ingest(event.decision, novelty: try novelty(event.decision))
            if index >= warmUp { judgements.append(Judgement(assessment.scored, of: event)) }
        }
        self.init(judgements)
    }

    /// How many events come before the first that is judged.
    public static func warmUp(of count: Int, share: Double) -> Int {
        min(count, max(0, Int(Double(count) * share)))
    }
}
