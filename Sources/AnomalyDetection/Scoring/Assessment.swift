/// A scored decision and, when it is anomalous, what the past knew of its parts.
public struct Assessment: Sendable, Hashable {
    /// The score.
    public var scored: ScoredDecision
    /// The past of an anomalous decision; `nil` for any other.
    public var past: PastContext?
    /// Whether the principal had few past decisions on the kind.
    public var isUnfamiliar: Bool
    /// The share of the tenant's newest scores that are at least as high: the alpha from which on it is flagged.
    ///
    /// `nil` where it is not flagged whatever the alpha: while the tenant learns, below the least score, and where a
    /// lesson makes it ordinary.
    public var tail: Double?
    /// The incident whose resolution made it ordinary, where it would have been flagged without.
    public var hushedBy: String?

    /// Creates an assessment.
    public init(
        scored: ScoredDecision, past: PastContext?, isUnfamiliar: Bool = false, tail: Double? = nil,
        hushedBy: String? = nil
    ) {
        self.scored = scored
        self.past = past
        self.isUnfamiliar = isUnfamiliar
        self.tail = tail
        self.hushedBy = hushedBy
    }
}

extension Assessment {
    /// Whether an anomalous decision's principal had too short a past to have habits.
    func isOfNewPrincipal(_ configuration: DetectorConfiguration) -> Bool {
        past.map { $0.principalPast < configuration.newPrincipalDecisions } ?? false
    }
}

/// What was known of a decision's parts before it.
public struct PastContext: Sendable, Hashable {
    /// Counters in words, the strongest first.
    public var counters: [String]
    /// How many past decisions the principal made in each hour of the day (UTC); 24 numbers.
    public var principalHours: [Int]
    /// How many past decisions the principal had.
    public var principalPast: Int

    /// Creates a context.
    public init(counters: [String], principalHours: [Int], principalPast: Int) {
        self.counters = counters
        self.principalHours = principalHours
        self.principalPast = principalPast
    }
}
