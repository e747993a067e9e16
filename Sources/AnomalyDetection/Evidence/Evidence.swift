public import Decisions

/// Why a decision was flagged, with everything needed to judge it without another query.
///
/// Its decisions are abridged: texts to 512 characters, lists to 32 elements, and metadata longer than 16 KiB
/// is left out.
public struct Evidence: Sendable, Hashable {
    /// The flagged decision.
    public var decision: Decision
    /// The parts of its score.
    public var channels: ScoredDecision.Channels
    /// Counters in words: `svc-deploy: 214 past decisions, none on secrets`.
    public var counters: [String]
    /// The most similar past decision.
    public var nearest: Neighbour?
    /// The most similar past decision of the same principal.
    public var nearestOwn: Neighbour?
    /// Which tokens no neighbour shares, and their share of the vector's weight, strongest first.
    public var novelTokens: [TokenShare]
    /// How many past decisions the principal made in each hour of the day (UTC); 24 numbers.
    public var principalHours: [Int]
    /// How many past decisions the principal had.
    public var principalPast: Int

    /// A past decision, how similar it is, and in what it differs.
    public struct Neighbour: Sendable, Hashable {
        /// The past decision.
        public var decision: Decision
        /// Cosine with the flagged one.
        public var similarity: Double
        /// The fields that differ, in the order of the native line: `principal`, `source`.
        public var differs: [String]

        /// Creates a neighbour.
        public init(decision: Decision, similarity: Double, differs: [String]) {
            self.decision = decision.abridged
            self.similarity = similarity
            self.differs = differs
        }
    }

    /// One token and its share of the vector's squared weight.
    public struct TokenShare: Sendable, Hashable {
        /// The token in words: `principal × kind = svc-deploy × secrets`.
        public var token: String
        /// Its share, 0 to 1.
        public var share: Double

        /// Creates a share.
        public init(token: String, share: Double) {
            self.token = token
            self.share = share
        }
    }

    /// Creates evidence; everything but the decision and its channels starts empty.
    public init(decision: Decision, channels: ScoredDecision.Channels) {
        self.decision = decision.abridged
        self.channels = channels
        counters = []
        nearest = nil
        nearestOwn = nil
        novelTokens = []
        principalHours = Array(repeating: 0, count: 24)
        principalPast = 0
    }
}
