/// What the periodic pass looks at, and what it takes for drift.
public struct PassConfiguration: Sendable, Hashable {
    /// Seconds of event time before the newest decision that count as recent.
    public var windowSeconds: Int64 = 3_600
    /// The most recent decisions looked at, the newest ones.
    public var maximumDecisions = 10_000
    /// Decisions that a principal must have among the recent ones, so that its mix is more than chance.
    public var minimumRecent = 100
    /// Decisions that it must have had before those.
    public var minimumPast = 200
    /// The divergence from its own past, 0 to 1, above which a principal has drifted.
    public var driftThreshold = 0.35
    /// Seconds of event time before the newest decision in which what was never judged is still scored again.
    public var unjudgedSeconds: Int64 = 86_400
    /// The most decisions scored again in one run; the rest waits for the next.
    public var maximumRescored = 2_000
    /// The most incidents that one run opens.
    public var maximumFindings = 20
    /// The most decisions listed in an incident of drift: too few to make it one level worse by their number.
    public var maximumMembers = 9
    /// Decisions or principals looked at before others have their turn.
    public var sliceSize = 64

    /// Creates the default configuration.
    public init() {}
}
