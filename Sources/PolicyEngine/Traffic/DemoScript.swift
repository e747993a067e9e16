public import Decisions

/// The demonstration: days of history that end now, then live traffic in which a story unfolds.
///
/// The first incident begins 20 seconds after the start, the next ones a minute or two apart, and
/// when all four are told, someone else strays every few minutes.
public struct DemoScript: Sendable {
    /// How many tenants the demonstration has.
    public static let tenants = 9
    /// How many decisions of the days before the history holds.
    static let pastDecisions = 12_000
    /// How many days the history spans.
    static let pastDays = 7
    /// How long before the start traffic already runs at its live pace, in seconds.
    static let recentSeconds: Int64 = 480

    private let seed: UInt64
    private let world: World
    private let policies: PolicySet
    private let start: Timestamp
    private var traffic: LiveTraffic
    private var random: SeededRandom
    private var nextScene: Timestamp
    private var scenes = 0

    /// Creates the demonstration that starts at a time.
    public init(seed: UInt64, start: Timestamp, policies: PolicySet) {
        self.seed = seed
        self.policies = policies
        self.start = start
        world = World(seed: seed, tenants: Self.tenants)
        traffic = LiveTraffic(
            seed: seed, world: world, start: start.advanced(bySeconds: -Self.recentSeconds),
            policies: policies)
        random = SeededRandom(seed: SeededRandom.mix(seed ^ 0x7363_656E_65))
        nextScene = start.advanced(bySeconds: 20)
    }

    /// What happened before the start, in order of time: ingest it before the live traffic.
    ///
    /// The live traffic continues it; take the history once.
    public mutating func history() -> [GeneratedDecision] {
        let past = DecisionGenerator(
            seed: seed, decisions: Self.pastDecisions, world: world, days: Self.pastDays,
            end: start.advanced(bySeconds: -Self.recentSeconds), policies: policies, story: .none)
        return Array(past) + traffic.decisions(until: start)
    }

    /// What happened after the last call and up to a time, in order of time.
    public mutating func decisions(until end: Timestamp) -> [GeneratedDecision] {
        while nextScene <= end {
            traffic.tell(scene(scenes), at: nextScene)
            nextScene = nextScene.advanced(
                bySeconds: Int64(scenes < 4 ? 55 + random.below(20) : 150 + random.below(90)))
            scenes += 1
        }
        return traffic.decisions(until: end)
    }

    private mutating func scene(_ number: Int) -> Scene {
        switch number {
        case 0: Story.leakedDeployKey(random: &random)
        case 1: Story.payrollDenyBurst(random: &random)
        case 2: Story.insider(random: &random, pace: 7_000)
        case 3: Story.borrowedAccount(random: &random)
        default: Story.stray(in: world, random: &random)
        }
    }
}
