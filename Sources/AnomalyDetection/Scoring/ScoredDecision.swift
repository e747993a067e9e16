public import Decisions

/// A decision's strangeness against the past of its tenant.
public struct ScoredDecision: Sendable, Hashable {
    /// The decision's identifier as stored.
    public var id: String
    /// The decision's time.
    public var time: Timestamp
    /// The tenant.
    public var tenant: String
    /// 0 to 1; higher is stranger.
    public var score: Double
    /// Whether the tenant had enough past to judge.
    public var state: State
    /// Whether the score passed the threshold; never while learning.
    public var anomalous: Bool
    /// Why, in words, the strongest reason first; empty when not anomalous.
    public var why: [String]
    /// What the score is made of.
    public var channels: Channels

    /// Whether a tenant has enough past.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Fewer than the warm-up number of decisions were inserted before.
        case learning
        /// The score was compared with the threshold.
        case scored
    }

    /// The score's parts, each the share of the tenant's past that was less strange, 0 to 1.
    public struct Channels: Sendable, Hashable {
        /// Distance to the nearest past decisions.
        public var distance: Double
        /// How rare the combination is, given its parts.
        public var rarity: Double
        /// How much of it was never seen.
        public var firstSeen: Double

        /// Creates channels.
        public init(distance: Double, rarity: Double, firstSeen: Double) {
            self.distance = distance
            self.rarity = rarity
            self.firstSeen = firstSeen
        }
    }

    /// Creates a scored decision.
    public init(
        id: String, time: Timestamp, tenant: String, score: Double, state: State, anomalous: Bool,
        why: [String], channels: Channels
    ) {
        self.id = id
        self.time = time
        self.tenant = tenant
        self.score = score
        self.state = state
        self.anomalous = anomalous
        self.why = why
        self.channels = channels
    }
}
