import Decisions
import VectorStores

/// What is known of one tenant's past: counters, sketches of each channel, newest scores.
struct TenantDetector: Sendable, Hashable {
    /// The tenant's name.
    let tenant: String
    /// Decisions ingested.
    var decisions: UInt32 = 0
    /// Decisions flagged.
    var anomalies: UInt32 = 0
    /// How many decisions there were when the counters last aged.
    var decisionsWhenAged: UInt32 = 0
    /// How many things were left when the counters last aged.
    var footprintWhenAged = 0

    var principals = NameTable()
    var actions = NameTable()
    var kinds = NameTable()
    var scopes = NameTable()
    var addresses = NameTable()
    /// By kind number: how many principals were seen on it.
    var kindPrincipals: [UInt32] = [0]
    /// By kind number: when a principal was new on it for the last time, in seconds since 1970.
    var kindNewestPrincipal: [Int64] = [0]
    var counters = CounterTable()

    var distance = PercentileSketch(scale: TenantDetector.distanceScale)
    var rarity = PercentileSketch(scale: TenantDetector.rarityScale)
    var firstSeen = PercentileSketch(scale: TenantDetector.firstSeenScale)
    var window: ThresholdWindow

    /// Distances: one minus a mean of cosines of which almost none is negative.
    static let distanceScale = PercentileSketch.Scale.linear(upper: 1.1)
    /// Rarity: six surprises of at most about fifteen nats, seldom more than 40 together.
    static let rarityScale = PercentileSketch.Scale.linear(upper: 64)
    /// First-seen: five shares from one in millions to one.
    static let firstSeenScale = PercentileSketch.Scale.logarithmic(lower: 1e-6, upper: 5)
    /// Actions looked at per decision; the embedding looks at as many.
    static let maximumActions = 16

    /// A tenant without a past.
    init(tenant: String, configuration: DetectorConfiguration) {
        self.tenant = tenant
        window = ThresholdWindow(capacity: configuration.thresholdWindow)
    }

    /// How many things are kept, for memory limits.
    var footprint: Int {
        counters.count + principals.distinct + kinds.distinct + actions.distinct + scopes.distinct
            + addresses.distinct
    }

    /// Whether aging again is worth its cost, which is in proportion to what is kept.
    var hasGrownSinceAging: Bool {
        let kept = footprint
        return kept - footprintWhenAged >= max(16, footprintWhenAged / 4)
            || decisions - decisionsWhenAged >= UInt32(clamping: kept)
    }

    /// Whether a sort of names has as many as are allowed.
    func isFull(limit: Int) -> Bool {
        principals.distinct >= min(limit, CounterKey.maximumPrincipals)
            || kinds.distinct >= min(limit, CounterKey.maximumKinds)
            || scopes.distinct >= min(limit, CounterKey.maximumKinds)
            || addresses.distinct >= min(limit, CounterKey.maximumKinds)
            || actions.distinct >= min(limit, CounterKey.maximumActions)
    }

    /// Scores a decision against the past and then makes it part of the past.
    ///
    /// What becomes part of the past is the same with lessons and without.
    mutating func ingest(
        _ decision: Decision, storedID: String, novelty: Novelty?, withoutWithheld: Novelty? = nil,
        lessons: TenantLessons? = nil, configuration: DetectorConfiguration
    ) -> Assessment {
        let prior = count(decision, configuration: configuration)
        let counted = reading(of: prior, novelty: novelty)
        let judged = withoutWithheld ?? novelty
        let judgement = judgement(
            of: decision, prior: prior, counted, novelty: judged, lessons: lessons,
            configuration: configuration)
        rarity.add(bin: counted.rarityBin)
        firstSeen.add(bin: counted.firstSeenBin)
        if let bin = counted.distanceBin { distance.add(bin: bin) }
        window.add(counted.score)
        if judgement.isAnomalous, anomalies < .max { anomalies += 1 }
        return assessment(
            of: decision, storedID: storedID, judgement, novelty: judged,
            configuration: configuration)
    }

    /// Where a decision stands in each channel's past, of which it is no part yet.
    struct Reading {
        /// How many decisions there were before it.
        var past: UInt32
        var rarityBin: Int
        var firstSeenBin: Int
        /// `nil` when the distance was not measured.
        var distanceBin: Int?
        var channels: ScoredDecision.Channels
        var score: Double

        func isLearning(_ configuration: DetectorConfiguration) -> Bool {
            past < configuration.warmUpDecisions
        }

        /// Whether only the newest scores can still say that it is ordinary.
        func mayBeAnomalous(_ configuration: DetectorConfiguration) -> Bool {
            !isLearning(configuration) && score >= configuration.minimumScore
        }
    }

    /// What was found of a decision.
    struct Judgement {
        var prior: PriorCounts
        var reading: Reading
        var isAnomalous: Bool
        /// Whether the decision is part of the past by now.
        var isCounted: Bool
        /// The share of the newest scores that are as high at least; `nil` when it may not be flagged.
        var tail: Double?
        /// The lesson without which it would have been flagged.
        var hushedBy: String?
    }

    /// Compares what was counted with the past of each channel.
    func reading(of prior: PriorCounts, novelty: Novelty?) -> Reading {
        let rarityBin = rarity.bin(of: prior.rarity)
        let firstSeenBin = firstSeen.bin(of: prior.novelty)
        var channels = ScoredDecision.Channels(
            distance: 0, rarity: rarity.percentile(ofBin: rarityBin),
            firstSeen: firstSeen.percentile(ofBin: firstSeenBin))
        var reading = Reading(
            past: prior.decisions, rarityBin: rarityBin, firstSeenBin: firstSeenBin, distanceBin: nil,
            channels: channels, score: (channels.rarity + channels.firstSeen) / 2)
        if let novelty {
            let bin = distance.bin(of: 1 - Double(novelty.meanSimilarity))
            channels.distance = distance.percentile(ofBin: bin)
            reading.distanceBin = bin
            reading.channels = channels
            reading.score = (channels.distance + channels.rarity + channels.firstSeen) / 3
        }
        return reading
    }

    /// Puts what was found into words.
    func assessment(
        of decision: Decision, storedID: String, _ judgement: Judgement, novelty: Novelty?,
        configuration: DetectorConfiguration
    ) -> Assessment {
        let (prior, reading) = (judgement.prior, judgement.reading)
        var scored = ScoredDecision(
            id: storedID, time: decision.time, tenant: tenant, score: reading.score,
            state: reading.isLearning(configuration) ? .learning : .scored,
            anomalous: judgement.isAnomalous, why: [], channels: reading.channels)
        let isUnfamiliar = prior.principalKind < UInt32(clamping: configuration.familiarDecisions)
        guard judgement.isAnomalous else {
            return Assessment(
                scored: scored, past: nil, isUnfamiliar: isUnfamiliar, tail: judgement.tail,
                hushedBy: judgement.hushedBy)
        }
        let reasons = Reasons(
            decision: decision, prior: prior, channels: reading.channels, novelty: novelty,
            configuration: configuration)
        scored.why = reasons.words
        return Assessment(
            scored: scored, past: context(of: decision, reasons: reasons, judgement),
            isUnfamiliar: isUnfamiliar, tail: judgement.tail)
    }

    private func context(
        of decision: Decision, reasons: Reasons, _ judgement: Judgement
    ) -> PastContext {
        var hours = hours(ofPrincipal: decision.principal.id)
        let hour = Self.hour(of: decision.time)
        if judgement.isCounted, hours[hour] > 0 { hours[hour] -= 1 }
        return PastContext(
            counters: reasons.counters, principalHours: hours,
            principalPast: Int(judgement.prior.principal))
    }

    /// How many decisions a principal had in each hour of the day.
    func hours(ofPrincipal name: String) -> [Int] {
        let principal = principals.number(of: name)
        return (0..<24).map { hour in
            Int(counters[CounterKey.pair(.principalHour, principal, UInt32(hour) + 1)])
        }
    }

    /// The hour of the day of an instant, in UTC.
    static func hour(of time: Timestamp) -> Int {
        let second = time.seconds % 86_400
        return Int((second < 0 ? second + 86_400 : second) / 3_600)
    }
}
