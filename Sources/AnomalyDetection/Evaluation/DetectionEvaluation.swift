public import Decisions
public import VectorStores

/// How well a detector finds known attacks in a log that it sees for the first time, in order.
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
        let warmUp = Int(Double(events.count) * warmUpShare)
        var scores: [(score: Double, isAttack: Bool)] = []
        scores.reserveCapacity(events.count - warmUp)
        var flaggedBenign = 0
        var flaggedAttacks = 0
        var incidents: Set<String> = []
        var opened: Set<String> = []
        for (index, event) in events.enumerated() {
            let assessment = detector.ingest(event.decision, novelty: try novelty(event.decision))
            guard index >= warmUp else { continue }
            scores.append((score: assessment.scored.score, isAttack: event.incident != nil))
            if let incident = event.incident {
                incidents.insert(incident)
                if assessment.scored.anomalous {
                    flaggedAttacks += 1
                    opened.insert(incident)
                }
            } else if assessment.scored.anomalous {
                flaggedBenign += 1
            }
        }
        ranking = RankingMetrics(scores)
        attacks = scores.count { $0.isAttack }
        benign = scores.count - attacks
        falsePositiveRate = benign == 0 ? 0 : Double(flaggedBenign) / Double(benign)
        recall = attacks == 0 ? 0 : Double(flaggedAttacks) / Double(attacks)
        incidentsOpened = incidents.isEmpty ? 0 : Double(opened.count) / Double(incidents.count)
    }
}
