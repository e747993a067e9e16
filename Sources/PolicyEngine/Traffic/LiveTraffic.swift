public import Decisions

/// Traffic that goes on and on: decisions as they would arrive between 14 and 60 a second.
///
/// What comes out depends on the seed and the start alone, not on when or how often it is asked.
public struct LiveTraffic: Sendable {
    /// The most decisions one call answers with; the rest come with the next.
    public static let batchMax = 50_000

    private let world: World
    private let policies: PolicySet
    private let start: Timestamp
    private var random: SeededRandom
    private var identifier: DecisionIdentifier
    private var upcoming: Timestamp
    private var shares: WeightedChoice
    private var sharesHour: Int64
    private var cues: [Cue]

    /// Creates traffic that starts at a time in the world of a seed.
    public init(seed: UInt64, tenants: Int, start: Timestamp, policies: PolicySet) {
        self.init(seed: seed, world: World(seed: seed, tenants: tenants), start: start, policies: policies)
    }

    init(seed: UInt64, world: World, start: Timestamp, policies: PolicySet) {
        self.world = world
        self.policies = policies
        self.start = start
        let seed = SeededRandom.mix(seed ^ 0x6C69_7665)
        random = SeededRandom(seed: seed)
        identifier = DecisionIdentifier(seed: seed)
        upcoming = start
        shares = world.shares(at: start)
        sharesHour = start.seconds / 3_600
        cues = []
    }

    /// Adds a story that begins at a time; it must not have begun when decisions past it were taken.
    mutating func tell(_ scene: Scene, at time: Timestamp) {
        cues += Cue.cues(of: scene, from: time)
        cues.sort { $0.time > $1.time }
    }

    /// The decisions made after the last call and up to a time, in order of time.
    public mutating func decisions(until end: Timestamp) -> [GeneratedDecision] {
        var decisions: [GeneratedDecision] = []
        while decisions.count < Self.batchMax {
            if let cue = cues.last, cue.time <= min(upcoming, end) {
                cues.removeLast()
                let arrival = world.arrival(cue, id: identifier.next(at: cue.time), random: &random)
                decisions.append(
                    GeneratedDecision(decision: arrival.decision(by: policies), incident: cue.scene.incident))
            } else if upcoming <= end {
                decisions.append(ordinary())
            } else {
                break
            }
        }
        return decisions
    }

    private mutating func ordinary() -> GeneratedDecision {
        if upcoming.seconds / 3_600 != sharesHour {
            sharesHour = upcoming.seconds / 3_600
            shares = world.shares(at: upcoming)
        }
        let arrival = world.arrival(
            id: identifier.next(at: upcoming), at: upcoming, activity: shares, random: &random)
        let gap = Int64(random.below(2_000_000)) * 1_000 / Int64(rate(at: upcoming))
        let nanoseconds = Int64(upcoming.nanoseconds) + gap / 1_000 * 1_000
        upcoming = Timestamp(
            seconds: upcoming.seconds + nanoseconds / 1_000_000_000,
            nanoseconds: Int32(nanoseconds % 1_000_000_000))
        return GeneratedDecision(decision: arrival.decision(by: policies), incident: nil)
    }

    /// How many decisions a second arrive at a time: a slow swell, and short bursts on top.
    func rate(at time: Timestamp) -> Int {
        let elapsed = Int(time.seconds - start.seconds)
        let swell = abs(elapsed % 420 - 210)
        let burst = SeededRandom.mix(UInt64(bitPattern: Int64(elapsed / 9))) % 7 == 0 ? 22 : 0
        let jitter = Int(SeededRandom.mix(UInt64(bitPattern: time.seconds)) % 7)
        return 14 + swell / 14 + burst + jitter
    }
}
