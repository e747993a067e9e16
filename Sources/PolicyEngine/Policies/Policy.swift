/// A named group of rules for some kinds of resource in one scope.
public struct Policy: Sendable, Equatable {
    /// The name that decisions carry when this policy decided.
    public var name: String
    /// The kinds of resource it speaks about; `*` means every kind.
    public var kinds: [String]
    /// The scope it holds in and below: `eu.finance`; `""` holds everywhere.
    public var scope: String
    /// Its rules.
    public var rules: [Rule]

    /// Creates a policy.
    public init(name: String, kinds: [String], scope: String = "", rules: [Rule]) {
        self.name = name
        self.kinds = kinds
        self.scope = scope
        self.rules = rules
    }
}

/// One statement of a policy: these actions are allowed or denied to these roles under a condition.
public struct Rule: Sendable, Equatable {
    /// What the rule answers.
    public var effect: Verdict
    /// The actions it speaks about; `*` means every action.
    public var actions: [String]
    /// The roles and derived roles it speaks about; `*` means every principal.
    public var roles: [String]
    /// When it holds; `nil` means always.
    public var condition: Condition?

    /// Creates a rule.
    public init(effect: Verdict, actions: [String], roles: [String], condition: Condition? = nil) {
        self.effect = effect
        self.actions = actions
        self.roles = roles
        self.condition = condition
    }

    /// What a rule can answer.
    public enum Verdict: String, Sendable, Equatable, CaseIterable {
        /// The actions may be done.
        case allow
        /// The actions may not be done, whatever else allows them in the same scope.
        case deny
    }
}

/// A role that a principal has only towards some resources: an owner, a colleague of the same region.
public struct DerivedRole: Sendable, Equatable {
    /// The role's name, used in rules like any other.
    public var name: String
    /// The roles of which the principal must have one; `*` means any principal.
    public var parents: [String]
    /// When the principal has the role.
    public var condition: Condition

    /// Creates a derived role.
    public init(name: String, parents: [String], condition: Condition) {
        self.name = name
        self.parents = parents
        self.condition = condition
    }
}
