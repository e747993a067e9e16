public import Decisions

/// A story that is searched for, whoever it is told of.
public struct HuntQuestion: Sendable, Hashable {
    /// The decision whose shape is searched for; its principal is left out.
    public var decision: Decision
    /// The tenant to search in; `nil` for all.
    public var tenant: String?

    /// Creates a question.
    public init(decision: Decision, tenant: String? = nil) {
        self.decision = decision
        self.tenant = tenant
    }
}

/// Who else did the same, and when.
public struct HuntReport: Sendable, Hashable {
    /// The other principals, those whose decisions are nearest first.
    public var finds: [Find] = []
    /// Whether more principals did so than ``maximumFinds``.
    public var isCut = false
    /// Whether everything was compared before it was said that nobody else did.
    public var isExact = false
    /// How many searches that took.
    public var searches = 0
    /// Vectors compared, and rows looked at.
    public var scanned = 0
    /// Time spent in the store, in microseconds.
    public var elapsedMicroseconds = 0.0

    /// The most principals that are told.
    public static let maximumFinds = 16
    /// The most decisions that are counted of them all.
    public static let maximumRows = 2_000

    /// A principal that did the same.
    public struct Find: Sendable, Hashable {
        /// The tenant.
        public var tenant: String
        /// Who.
        public var principal: String
        /// The decision that is most like the one that is searched for.
        public var nearest: Decision
        /// The cosine of both without who and where.
        public var similarity: Double
        /// How many decisions are the same story, at least.
        public var count: Int
        /// The oldest and the newest of them.
        public var first: Timestamp
        /// The newest of them.
        public var last: Timestamp
        /// Whether older ones were not counted.
        public var isCut = false

        /// Creates a find of one decision.
        public init(nearest: Decision, similarity: Double) {
            tenant = nearest.tenant
            principal = nearest.principal.id
            self.nearest = nearest
            self.similarity = similarity
            count = 1
            first = nearest.time
            last = nearest.time
        }
    }

    /// Creates an empty report.
    public init() {}
}
