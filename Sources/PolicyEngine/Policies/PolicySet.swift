/// Policies ready to be asked: rules by kind, and within a kind by scope, the most specific first.
public struct PolicySet: Sendable {
    /// The policies as they were given.
    public let policies: [Policy]
    /// The derived roles as they were given.
    public let derivedRoles: [DerivedRole]

    /// What holds for each kind that some policy names.
    let shelves: [String: [Shelf]]
    /// What holds for every other kind.
    let common: [Shelf]

    /// The rules of one scope.
    struct Shelf: Sendable {
        let scope: String
        var rules: [PreparedRule]
    }

    /// A rule with its roles told apart, so that a question does not have to.
    struct PreparedRule: Sendable {
        let policy: String
        let effect: Rule.Verdict
        let actions: [String]
        let everyAction: Bool
        let roles: [String]
        let everyone: Bool
        let derivedRoles: [DerivedRole]
        let condition: Condition?
    }

    /// Prepares policies to be asked.
    public init(policies: [Policy], derivedRoles: [DerivedRole] = []) {
        self.policies = policies
        self.derivedRoles = derivedRoles
        let derived = Dictionary(derivedRoles.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let kinds = Set(policies.flatMap(\.kinds)).subtracting(["*"])
        var shelves: [String: [Shelf]] = [:]
        for kind in kinds {
            shelves[kind] = Self.shelves(of: policies, derived: derived) {
                $0.kinds.contains(kind) || $0.kinds.contains("*")
            }
        }
        self.shelves = shelves
        common = Self.shelves(of: policies, derived: derived) { $0.kinds.contains("*") }
    }

    private static func shelves(
        of policies: [Policy], derived: [String: DerivedRole], where holds: (Policy) -> Bool
    ) -> [Shelf] {
        var shelves: [Shelf] = []
        for policy in policies where holds(policy) {
            let rules = policy.rules.map { prepare($0, of: policy, derived: derived) }
            if let place = shelves.firstIndex(where: { $0.scope == policy.scope }) {
                shelves[place].rules += rules
            } else {
                shelves.append(Shelf(scope: policy.scope, rules: rules))
            }
        }
        // Two scopes of equal length that both hold for one resource are the same scope, so the
        // order among equals does not matter; the name settles it to keep the set reproducible.
        return shelves.sorted { ($1.scope.utf8.count, $0.scope) < ($0.scope.utf8.count, $1.scope) }
    }

    private static func prepare(
        _ rule: Rule, of policy: Policy, derived: [String: DerivedRole]
    ) -> PreparedRule {
        PreparedRule(
            policy: policy.name,
            effect: rule.effect,
            actions: rule.actions,
            everyAction: rule.actions.contains("*"),
            roles: rule.roles.filter { derived[$0] == nil },
            everyone: rule.roles.contains("*"),
            derivedRoles: rule.roles.compactMap { derived[$0] },
            condition: rule.condition)
    }
}
