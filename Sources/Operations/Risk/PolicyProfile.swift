public import Decisions

/// What one policy of a tenant decided, in numbers.
public struct PolicyProfile: Sendable, Hashable, Identifiable {
    /// The tenant.
    public var tenant: String
    /// The policy's name.
    public var policy: String
    /// Decisions that name it.
    public var decisions = 0
    /// Those that were denied.
    public var denied = 0
    /// Those that were left open.
    public var conditional = 0
    /// How much of its decisions each pattern is, in decisions; what was too much is left out.
    public private(set) var patterns: [Pattern: Double] = [:]
    /// The sum of its decisions' embeddings, without what tells single requests apart.
    private(set) var sum = [Float](repeating: 0, count: Embedding.dimension)
    /// Decisions of other policies of the tenant that it took part in, by their names.
    private(set) var together: [String: Int] = [:]

    /// Tenant and name.
    public var id: [String] { [tenant, policy] }

    /// The most patterns kept.
    public static let maximumPatterns = 4_096
    /// The most other policies kept that decided with it.
    static let maximumTogether = 1_024

    /// What a decision is a case of: who, by role, did what to which kind, and what was answered.
    public struct Pattern: Sendable, Hashable {
        /// The kind of resource.
        public var kind: String
        /// The action.
        public var action: String
        /// The effect.
        public var effect: Effect
        /// The role; `""` where the principal had none.
        public var role: String

        /// Creates a pattern.
        public init(kind: String, action: String, effect: Effect, role: String) {
            self.kind = kind
            self.action = action
            self.effect = effect
            self.role = role
        }

        /// The same with the answer left out.
        var question: [String] { [kind, action, role] }
    }

    /// A policy that decided nothing yet.
    public init(tenant: String, policy: String) {
        self.tenant = tenant
        self.policy = policy
    }

    /// Takes in a decision that names the policy, with its embedding.
    mutating func add(_ decision: Decision, _ embedding: Embedding, beside others: some Sequence<String>) {
        decisions += 1
        if decision.effect == .deny { denied += 1 }
        if decision.effect == .conditional { conditional += 1 }
        for index in sum.indices where embedding.counts[index] != 0 {
            sum[index] += Float(embedding.counts[index]) * embedding.scale
        }
        let found = Self.patterns(of: decision)
        let share = 1 / Double(max(1, found.count))
        for pattern in found where patterns.count < Self.maximumPatterns || patterns[pattern] != nil {
            patterns[pattern, default: 0] += share
        }
        for other in others where together.count < Self.maximumTogether || together[other] != nil {
            together[other, default: 0] += 1
        }
    }

    /// The patterns of a decision: one for each of its actions and roles.
    static func patterns(of decision: Decision) -> Set<Pattern> {
        let roles = decision.principal.roles.isEmpty ? [""] : Array(decision.principal.roles.prefix(16))
        var found: Set<Pattern> = []
        for action in decision.actions.prefix(16) {
            for role in roles {
                found.insert(
                    Pattern(
                        kind: decision.resource.kind, action: action, effect: decision.effect, role: role))
            }
        }
        return found
    }

    /// The share of its decisions that a pattern is, 0 to 1.
    public func share(of pattern: Pattern) -> Double {
        decisions == 0 ? 0 : (patterns[pattern] ?? 0) / Double(decisions)
    }

    /// What it mostly answers.
    public var usualEffect: Effect {
        let allowed = decisions - denied - conditional
        return allowed >= denied && allowed >= conditional
            ? .allow : denied >= conditional ? .deny : .conditional
    }

    /// Names are compared by their bytes in patterns; profiles are told apart by tenant and name.
    public static func == (lhs: PolicyProfile, rhs: PolicyProfile) -> Bool {
        lhs.id == rhs.id && lhs.decisions == rhs.decisions && lhs.denied == rhs.denied
            && lhs.conditional == rhs.conditional && lhs.patterns == rhs.patterns
    }

    /// Feeds what tells profiles apart to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(decisions)
    }
}
