/// How well scores rank attacks above the benign; ties count half.
public struct RankingMetrics: Sendable, Hashable {
    /// The chance that a random attack scores higher than a random benign event (area under the
    /// receiver operating characteristic).
    public var areaUnderCurve: Double
    /// The mean, over attacks, of the precision at their score (average precision); tied events are
    /// taken in together.
    public var averagePrecision: Double

    /// Ranks scores; with no attack or no benign event both figures are 0.
    public init(_ events: [(score: Double, isAttack: Bool)]) {
        areaUnderCurve = 0
        averagePrecision = 0
        let positives = events.count { $0.isAttack }
        let negatives = events.count - positives
        guard positives > 0, negatives > 0 else { return }
        let sorted = events.sorted { $0.score > $1.score }
        var truePositives = 0
        var falsePositives = 0
        var area = 0.0
        var precision = 0.0
        var start = 0
        while start < sorted.count {
            var end = start
            var attacks = 0
            while end < sorted.count, sorted[end].score == sorted[start].score {
                if sorted[end].isAttack { attacks += 1 }
                end += 1
            }
            let benign = end - start - attacks
            area += Double(benign) * (Double(truePositives) + Double(attacks) / 2)
            truePositives += attacks
            falsePositives += benign
            precision +=
                Double(attacks) / Double(positives) * Double(truePositives)
                / Double(truePositives + falsePositives)
            start = end
        }
        areaUnderCurve = area / (Double(positives) * Double(negatives))
        averagePrecision = precision
    }
}
