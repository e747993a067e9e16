import Decisions

/// How a tenant's searches are asked while its recall is, or is not, below the floor.
public enum RecallStep: String, Sendable, Hashable, CaseIterable, Comparable {
    /// As they come.
    case usual
    /// With a wider walk.
    case widened
    /// Compared with everything.
    case exact

    /// Whether the left costs less than the right.
    public static func < (lhs: RecallStep, rhs: RecallStep) -> Bool {
        (allCases.firstIndex(of: lhs) ?? 0) < (allCases.firstIndex(of: rhs) ?? 0)
    }

    /// What is done, in words.
    public var sentence: String {
        switch self {
        case .usual: "searches walk as wide as usual"
        case .widened: "searches walk \(RecallGuard.widening)x as wide"
        case .exact: "searches compare everything"
        }
    }
}

/// A tenant's recall over the last hour, or since it was first sampled in it, and what is done about it.
public struct TenantRecallSummary: Sendable, Hashable {
    /// Share of the true nearest that walks found, 0 to 1.
    public var recall: Double
    /// Searches sampled.
    public var samples: Int
    /// How its searches are asked.
    public var step: RecallStep
    /// Since how many minutes it was sampled: 60 for all of the hour.
    public var minutes: Int

    /// Creates a summary.
    public init(recall: Double, samples: Int, step: RecallStep = .usual, minutes: Int = 60) {
        self.recall = recall
        self.samples = samples
        self.step = step
        self.minutes = minutes
    }

    /// Whether there are enough samples to say more than chance would.
    public var isJudged: Bool { samples >= RecallGuard.leastSamples }
}

/// How one sampled search came out.
struct RecallSample: Sendable {
    /// How wide the walk was.
    enum Breadth: Sendable {
        /// As wide as the store's own choice.
        case usual
        /// As wide as searches are asked while they are widened.
        case wide
    }

    /// Share of the true nearest that the walk found.
    var recall: Double
    /// How wide the walk was.
    var breadth = Breadth.usual
    /// Whether the store answers this question exactly by itself, so that nobody gets what a walk misses.
    var isAnsweredExactly = false
    /// When it was taken.
    var time: Timestamp
}

/// The samples of one tenant, and the step that follows from the newest of them.
///
/// Samples of the usual breadth lead into trouble and out of it; those of the wide one say whether
/// widening is enough.
struct TenantRecall: Sendable {
    private(set) var step = RecallStep.usual
    /// Since when the step is not the usual one.
    private(set) var since: Timestamp?
    private var usual: [RecallSample] = []
    private var wide: [RecallSample] = []
    /// All of the usual breadth, not only the newest.
    private var hour = RecallHour()
    /// Samples of the usual breadth since the step is not the usual one.
    private var usualSinceThen = 0

    /// Whether there are enough samples to say more than chance would, of those since a time if one is given.
    func isJudged(since: Timestamp?) -> Bool {
        let count = since.map { since in usual.count { $0.time >= since } } ?? usual.count
        return count >= RecallGuard.leastSamples
    }

    /// Forgets what was sampled before a time, while all is well.
    mutating func forget(before time: Timestamp) {
        if step == .usual { usual.removeAll { $0.time < time } }
    }

    /// Takes up a sample and decides on the step.
    mutating func note(_ sample: RecallSample) {
        // In trouble the newest ones count however old they are: a tenant that is seldom asked would else be
        // judged by too few, and found well without being so.
        if step == .usual {
            usual = Array(counting(at: sample.time, leaving: sample.breadth == .usual ? 1 : 0))
        }
        switch sample.breadth {
        case .usual:
            hour.note(sample.recall, at: sample.time)
            Self.append(sample, to: &usual, limit: RecallGuard.samplesKept)
        case .wide: Self.append(sample, to: &wide, limit: RecallGuard.leastSamples)
        }
        if step != .usual, sample.breadth == .usual { usualSinceThen += 1 }
        decide(after: sample)
    }

    private mutating func decide(after sample: RecallSample) {
        let isExact = sample.breadth == .usual && sample.isAnsweredExactly
        switch step {
        case .usual:
            if !isExact, Self.isBelowFloor(usual) { begin(at: sample.time) }
        case .widened, .exact:
            let newest = usual.suffix(RecallGuard.leastSamples)
            let isWell = usualSinceThen >= RecallGuard.leastSamples && !Self.isBelowFloor(newest)
            if isExact || isWell {
                // What was measured before says nothing of how it is now.
                if isWell { forget(allBut: newest) }
                step = .usual
                since = nil
            } else if step == .widened, Self.isBelowFloor(wide) {
                step = .exact
            }
        }
    }

    private mutating func forget(allBut newest: ArraySlice<RecallSample>) {
        usual = Array(newest)
        hour = RecallHour()
        for sample in usual { hour.note(sample.recall, at: sample.time) }
    }

    private mutating func begin(at time: Timestamp) {
        step = .widened
        since = time
        wide = []
        usualSinceThen = 0
    }

    /// The recall at the usual breadth over the last hour; `nil` when nothing was sampled in it.
    func summary(at now: Timestamp) -> TenantRecallSummary? { hour.summary(at: now, step: step) }

    /// What the step follows from: the recall and the number of the newest samples, so many as are judged by; `nil`
    /// when there are none.
    func judged(at now: Timestamp) -> (recall: Double, samples: Int)? {
        let recent = counting(at: now)
        return recent.isEmpty ? nil : (Self.mean(recent), recent.count)
    }

    /// The samples that count: those of the last hour, and as many older ones as a judgement lacks.
    ///
    /// Where many tenants take turns none has so many samples in an hour: it would never be judged. With `leaving` so
    /// many are still to come.
    private func counting(at now: Timestamp, leaving coming: Int = 0) -> ArraySlice<RecallSample> {
        let recent = now.advanced(bySeconds: -RecallGuard.windowSeconds)
        let oldest = now.advanced(bySeconds: -RecallGuard.seldomSeconds)
        let lacking = RecallGuard.leastSamples - coming
        let count = max(usual.count { $0.time >= recent }, min(lacking, usual.count { $0.time >= oldest }))
        return usual.suffix(count)
    }

    private static func append(_ sample: RecallSample, to samples: inout [RecallSample], limit: Int) {
        samples.append(sample)
        if samples.count > limit { samples.removeFirst(samples.count - limit) }
    }

    private static func mean(_ samples: some Collection<RecallSample>) -> Double {
        samples.reduce(0) { $0 + $1.recall } / Double(samples.count)
    }

    /// Sums of tenths are a little off, which must not decide.
    private static func isBelowFloor(_ samples: some Collection<RecallSample>) -> Bool {
        samples.count >= RecallGuard.leastSamples && mean(samples) < RecallGuard.floor - 1e-9
    }
}
