public import Decisions

/// What is done with decisions of a log that are like something: `drop discovery`, `sample 10 % action:watch`,
/// `keep effect:deny`.
public struct LogRule: Sendable, Hashable, CustomStringConvertible {
    /// What is done.
    enum Act: Sendable, Hashable {
        /// They are taken in, whatever rules after this one say.
        case keep
        /// They are left out.
        case drop
        /// A share of them is taken in.
        case sample(SampleShare)
    }

    /// What is done.
    let act: Act
    /// What a decision must meet, all of it; without any every decision is meant.
    let conditions: [LogCondition]
    /// The rule as it was written.
    public let description: String

    /// Creates a rule from what its text was read as.
    init(_ act: Act, _ conditions: [LogCondition], text: String) {
        self.act = act
        self.conditions = conditions
        description = text
    }

    /// Whether a decision is one of those that are meant.
    func fits(_ decision: Decision) -> Bool {
        for condition in conditions
        where !condition.holds(for: decision, ofEveryAction: act != .keep) { return false }
        return true
    }

    /// Why a decision that is meant is left out; nil when it is not.
    func reasonToLeaveOut(_ decision: Decision) -> SkipReason? {
        switch act {
        case .keep: nil
        case .drop: .dropped
        case .sample(let share): share.holds(decision.id) ? nil : .sampledOut
        }
    }
}

/// The rules of a log; of several that mean a decision the first counts.
public struct LogRules: Sendable, Hashable {
    /// How many rules there may be.
    public static let limit = 100

    /// The rules in order.
    public let rules: [LogRule]

    /// Creates rules; without any everything is taken in.
    public init(_ rules: [LogRule] = []) {
        self.rules = rules
    }

    /// Whether there are none.
    public var isEmpty: Bool { rules.isEmpty }

    /// The place of the rule that decides about a decision; nil when none means it.
    func place(of decision: Decision) -> Int? {
        for (place, rule) in rules.enumerated() where rule.fits(decision) { return place }
        return nil
    }

    /// Why a decision is left out; nil when it is taken in.
    public func reasonToLeaveOut(_ decision: Decision) -> SkipReason? {
        place(of: decision).flatMap { rules[$0].reasonToLeaveOut(decision) }
    }
}
