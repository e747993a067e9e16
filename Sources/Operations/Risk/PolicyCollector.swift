public import Decisions

/// Goes through decisions and adds up what each policy decided.
public struct PolicyCollector: Sendable {
    /// The most policies kept; decisions of more are counted, so that it can be told.
    public static let maximumPolicies = 1_000
    /// The most policies looked at per decision.
    static let maximumPerDecision = 16

    /// Decisions looked at.
    public private(set) var decisions = 0
    /// Decisions that name no policy.
    public private(set) var withoutPolicy = 0
    /// Decisions of policies for which there was no room.
    public private(set) var leftOut = 0
    private var profiles: [[String]: PolicyProfile] = [:]
    private let embedder = DecisionEmbedder()

    /// A collector that has seen nothing.
    public init() {}

    /// Takes in a decision.
    public mutating func add(_ decision: Decision) {
        decisions += 1
        var seen: Set<String> = []
        let names = decision.policies.prefix(Self.maximumPerDecision).filter {
            !$0.isEmpty && seen.insert($0).inserted
        }
        if names.isEmpty {
            withoutPolicy += 1
            return
        }
        let embedding = embedder.embed(decision, leavingOut: TokenKind.ofTheOccasion)
        var isLeftOut = false
        for name in names {
            let id = [decision.tenant, name]
            guard profiles[id] != nil || profiles.count < Self.maximumPolicies else {
                isLeftOut = true
                continue
            }
            profiles[id, default: PolicyProfile(tenant: decision.tenant, policy: name)]
                .add(decision, embedding, beside: names.lazy.filter { $0 != name })
        }
        if isLeftOut { leftOut += 1 }
    }

    /// What was found, with at most so many pairs of policies that decide alike.
    public func report(pairs limit: Int = PolicyReport.usualPairs) -> PolicyReport {
        let sorted = profiles.values.sorted {
            ($1.decisions, $0.tenant, $0.policy) < ($0.decisions, $1.tenant, $1.policy)
        }
        return PolicyReport(
            decisions: decisions, withoutPolicy: withoutPolicy, leftOut: leftOut, policies: sorted,
            pairs: PolicyPair.alike(among: sorted, limit: limit))
    }
}

/// The policies of a store, and which of them decide alike.
public struct PolicyReport: Sendable, Hashable {
    /// Decisions looked at.
    public var decisions: Int
    /// Decisions that name no policy.
    public var withoutPolicy: Int
    /// Decisions of policies for which there was no room.
    public var leftOut: Int
    /// The policies, those that decided most first.
    public var policies: [PolicyProfile]
    /// Those that decide alike, the most alike first.
    public var pairs: [PolicyPair]

    /// How many pairs are told unless asked for others.
    public static let usualPairs = 50

    /// Creates a report.
    public init(
        decisions: Int = 0, withoutPolicy: Int = 0, leftOut: Int = 0, policies: [PolicyProfile] = [],
        pairs: [PolicyPair] = []
    ) {
        self.decisions = decisions
        self.withoutPolicy = withoutPolicy
        self.leftOut = leftOut
        self.policies = policies
        self.pairs = pairs
    }
}
