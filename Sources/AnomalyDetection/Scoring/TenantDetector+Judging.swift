import Decisions
import VectorStores

extension TenantDetector {
    /// What is found of a decision that was counted, or is only asked about, once lessons are minded.
    ///
    /// A taught shape is judged as if it had been seen a hundred times: ten of them at no distance. Of what lessons
    /// withhold neither the counts nor the vectors are known.
    mutating func judgement(
        of decision: Decision, prior: PriorCounts, _ counted: Reading, novelty: Novelty?,
        lessons: TenantLessons?, configuration: DetectorConfiguration, isCounted: Bool = true
    ) -> Judgement {
        var judgement = Judgement(prior: prior, reading: counted, isAnomalous: false, isCounted: isCounted)
        var lesson: String?
        if let lessons {
            if !lessons.withheld.isEmpty {
                lessons.withheld.leave(&judgement.prior, of: decision)
                judgement.reading = reading(of: judgement.prior, novelty: novelty)
            }
            lesson = lessons.lesson(of: decision)
        }
        let isStrange = isStrange(judgement.reading, configuration)
        guard let lesson else {
            judgement.isAnomalous = isStrange
            if judgement.reading.mayBeAnomalous(configuration) {
                judgement.tail = window.tail(of: judgement.reading.score)
            }
            return judgement
        }
        if isStrange { judgement.hushedBy = lesson }
        judgement.prior.countAsFamiliar()
        judgement.reading = reading(of: judgement.prior, novelty: Self.taughtNovelty)
        return judgement
    }

    /// How what was seen a hundred times compares with that.
    private static let taughtNovelty = Novelty(
        meanSimilarity: 1, nearestSimilarity: 1, nearestID: nil, identicalRows: Int(PriorCounts.taughtTimes))

    private mutating func isStrange(_ reading: Reading, _ configuration: DetectorConfiguration) -> Bool {
        reading.mayBeAnomalous(configuration) && window.exceeds(reading.score, alpha: configuration.alpha)
    }
}
