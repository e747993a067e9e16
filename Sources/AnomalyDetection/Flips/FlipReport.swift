public import Decisions

/// How strange a decision would be, as its incident's own decisions had never come.
public struct FlipScore: Sendable, Hashable {
    /// 0 to 1; higher is stranger.
    public var score: Double
    /// The parts of the score.
    public var channels: ScoredDecision.Channels
    /// Whether it would be flagged.
    public var isFlagged: Bool
    /// Whether its tenant has enough past to judge; nothing is flagged before.
    public var isLearning: Bool

    /// Creates a score.
    public init(
        score: Double, channels: ScoredDecision.Channels, isFlagged: Bool, isLearning: Bool = false
    ) {
        self.score = score
        self.channels = channels
        self.isFlagged = isFlagged
        self.isLearning = isLearning
    }

    /// The score of a preview.
    init(_ preview: DecisionPreview) {
        let scored = preview.assessment.scored
        self.init(
            score: scored.score, channels: scored.channels, isFlagged: scored.anomalous,
            isLearning: scored.state == .learning)
    }
}

/// A change of one or two fields, and what it does to the score.
public struct Flip: Sendable, Hashable {
    /// What is changed.
    public var changes: [FlipChange]
    /// How strange the decision then is.
    public var score: FlipScore
    /// How much of the decision's vector changes: one minus the cosine, 0 to 2.
    public var size: Double
    /// Hours by which it is moved.
    public var hoursMoved: Int

    /// Creates a flip.
    public init(changes: [FlipChange], score: FlipScore, size: Double, hoursMoved: Int = 0) {
        self.changes = changes
        self.score = score
        self.size = size
        self.hoursMoved = hoursMoved
    }

    /// Whether it is a smaller change than another: fewer fields, then less of the vector, then fewer hours; of two
    /// that are as small the one that leaves less strange.
    func isSmaller(than other: Flip) -> Bool {
        // Sums of floats in another order are no difference.
        func rounded(_ size: Double) -> Int { Int((size * 1e6).rounded()) }
        let left = (changes.count, rounded(size), hoursMoved, score.score)
        let right = (other.changes.count, rounded(other.size), other.hoursMoved, other.score.score)
        return left < right
    }
}

/// Which changes of a flagged decision would have been ordinary, and what the score does with each that was tried.
public struct FlipReport: Sendable, Hashable {
    /// The decision as it came.
    public var decision: Decision
    /// How strange it is without the others of its incident.
    public var score: FlipScore
    /// Changes that make it ordinary, the smallest first: for each field, or two, the smallest one; none of them does
    /// so with less of itself.
    public var offers: [Flip]
    /// Every single change that was tried, by field, the smallest first.
    public var singles: [Flip]
    /// Where nothing makes it ordinary: what comes closest, the least strange first.
    public var closest: [Flip]
    /// How many changes were scored.
    public var tried: Int
    /// Whether the past is that of this process; otherwise the one that was saved last by the process that detects.
    public var isLive: Bool

    /// Creates a report.
    public init(
        decision: Decision, score: FlipScore, offers: [Flip] = [], singles: [Flip] = [],
        closest: [Flip] = [], tried: Int = 0, isLive: Bool = true
    ) {
        self.decision = decision
        self.score = score
        self.offers = offers
        self.singles = singles
        self.closest = closest
        self.tried = tried
        self.isLive = isLive
    }

    /// The values that were tried in a field, the smallest change first.
    public func values(of field: FlipChange.Field) -> [FlipChange] {
        singles.compactMap { $0.changes.first }.filter { $0.field == field }
    }
}
