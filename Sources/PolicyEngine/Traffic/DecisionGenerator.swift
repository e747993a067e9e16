public import Decisions

/// A generated decision and, when a story made it, the incident it belongs to.
public struct GeneratedDecision: Sendable, Equatable {
    /// The decision.
    public var decision: Decision
    /// The name of the incident; `nil` for ordinary traffic.
    public var incident: String?

    /// The header of the table of labels.
    public static let labelsHeader = "id,label,incident"

    /// The line of the table of labels: 1 for a decision of an incident, 0 for an ordinary one.
    public var labelsLine: String { "\(decision.id),\(incident == nil ? 0 : 1),\(incident ?? "")" }
}

/// Generates a log of decisions: the same numbers give the same log, in order of time.
///
/// Requests follow a daily and weekly rhythm, the policies answer them, and incidents are hidden
/// among them. Constant memory beyond the busiest hour.
public struct DecisionGenerator: Sequence, IteratorProtocol, Sendable {
    /// The most days a log can span.
    public static let daysMax = 3_650
    /// The most decisions a log can hold.
    public static let decisionsMax = 1_000_000_000
    /// When a log ends unless said otherwise: 2026-01-31T00:00:00Z.
    public static let standardEnd = Timestamp(seconds: 1_769_817_600)
    /// A log with fewer decisions than this tells no story: it would be all story.
    static let storyDecisionsMin = 2_000

    private let world: World
    private let policies: PolicySet
    private let start: Timestamp
    private let hours: Int
    /// How many ordinary decisions come before each hour.
    private let before: [Int]
    private var cues: [Cue]
    private var random: SeededRandom
    private var identifier: DecisionIdentifier
    private var hour = -1
    private var shares: WeightedChoice
    /// The times of this hour's ordinary decisions in microseconds, the latest first.
    private var pending: [Int] = []

    /// Creates a generator of `decisions` decisions that end just before `end`.
    public init(
        seed: UInt64, decisions: Int, tenants: Int, days: Int, end: Timestamp = standardEnd,
        policies: PolicySet
    ) {
        self.init(
            seed: seed, decisions: decisions, world: World(seed: seed, tenants: tenants), days: days,
            end: end,
            policies: policies, story: .full)
    }

    /// Which incidents are told.
    enum Told: Sendable {
        /// All of them.
        case full
        /// None: what happened before the story.
        case none
    }

    init(
        seed: UInt64, decisions: Int, world: World, days: Int, end: Timestamp, policies: PolicySet,
        story: Told
    ) {
        precondition((0...Self.decisionsMax).contains(decisions), "too many decisions")
        precondition((1...Self.daysMax).contains(days), "a log spans 1 to \(Self.daysMax) days")
        self.world = world
        self.policies = policies
        let start = end.advanced(bySeconds: -Int64(days) * 86_400)
        self.start = start
        hours = days * 24
        random = SeededRandom(seed: SeededRandom.mix(seed))
        identifier = DecisionIdentifier(seed: seed)
        shares = WeightedChoice(weights: [1])
        let tells = story == .full && decisions >= Self.storyDecisionsMin
        cues = tells ? Self.cues(from: start, seconds: Int64(days) * 86_400, random: &random) : []
        let ordinary = decisions - cues.count
        var total = 0
        let sums = (0..<hours).map { hour in
            let middle = start.advanced(bySeconds: Int64(hour) * 3_600 + 1_800)
            total += world.activity(at: middle).reduce(0) { $0 + $1.people + $1.services } / 100
            return total
        }
        before =
            [0]
            + sums.map { sum in
                // In full width: a billion decisions times the weight of ten years does not fit in 64 bits.
                let product = sum.multipliedFullWidth(by: ordinary)
                return total.dividingFullWidth(product).quotient
            }
    }

    /// The stories spread over the second half of the log, the latest first.
    private static func cues(from start: Timestamp, seconds: Int64, random: inout SeededRandom) -> [Cue] {
        func at(_ perMille: Int64) -> Timestamp { start.advanced(bySeconds: seconds * perMille / 1_000) }
        // The insider takes a third of the log, one step after the other.
        let pace = Int(seconds * 1_000 / 3 / 24)
        var cues = Cue.cues(of: Story.insider(random: &random, pace: pace), from: at(600))
        cues += Cue.cues(of: Story.payrollDenyBurst(random: &random), from: at(820))
        cues += Cue.cues(of: Story.borrowedAccount(random: &random), from: at(890))
        cues += Cue.cues(of: Story.leakedDeployKey(random: &random), from: at(940))
        return cues.sorted { $0.time > $1.time }
    }

    /// The next decision in order of time; `nil` after the last.
    public mutating func next() -> GeneratedDecision? {
        while pending.isEmpty, hour < hours {
            hour += 1
            if hour < hours { beginHour() }
        }
        let time = pending.last.map { microseconds in
            Timestamp(
                seconds: start.seconds + Int64(hour) * 3_600 + Int64(microseconds / 1_000_000),
                nanoseconds: Int32(microseconds % 1_000_000) * 1_000)
        }
        if let cue = cues.last, time.map({ cue.time <= $0 }) ?? true {
            cues.removeLast()
            let arrival = world.arrival(cue, id: identifier.next(at: cue.time), random: &random)
            return GeneratedDecision(decision: arrival.decision(by: policies), incident: cue.scene.incident)
        }
        guard let time else { return nil }
        pending.removeLast()
        let arrival = world.arrival(
            id: identifier.next(at: time), at: time, activity: shares, random: &random)
        return GeneratedDecision(decision: arrival.decision(by: policies), incident: nil)
    }

    private mutating func beginHour() {
        shares = world.shares(at: start.advanced(bySeconds: Int64(hour) * 3_600 + 1_800))
        let count = before[hour + 1] - before[hour]
        pending = (0..<count).map { _ in random.below(3_600_000_000) }
        pending.sort(by: >)
    }
}
