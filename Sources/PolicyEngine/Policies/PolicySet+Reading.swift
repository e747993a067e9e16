extension PolicySet {
    /// Reads policies from a tree.
    ///
    /// The tree is a mapping of `policies` and, if there are any, `derived_roles`; throws a
    /// ``PolicyError`` with the line of the first thing that is wrong.
    public init(from tree: PolicyTree) throws(PolicyError) {
        let document = try Fields(
            of: tree, called: "the policy document", known: ["version", "derived_roles", "policies"])
        if let version = document["version"], try text(version, called: "version") != "1" {
            throw PolicyError(line: version.line, problem: "only version 1 is known; write `version: 1`")
        }
        var derivedRoles: [DerivedRole] = []
        for item in try items(
            document["derived_roles"], called: "derived_roles", limit: PolicyLimits.policiesMax)
        {
            let role = try Self.derivedRole(from: item)
            guard !derivedRoles.contains(where: { $0.name == role.name }) else {
                throw PolicyError(
                    line: item.line, problem: "the derived role \(role.name) is there twice; rename one")
            }
            derivedRoles.append(role)
        }
        var policies: [Policy] = []
        var names: Set<String> = []
        let tree = try document.required("policies")
        for item in try items(tree, called: "policies", limit: PolicyLimits.policiesMax) {
            let policy = try Self.policy(from: item)
            guard names.insert(policy.name).inserted else {
                throw PolicyError(
                    line: item.line, problem: "the policy \(policy.name) is there twice; rename one")
            }
            policies.append(policy)
        }
        self.init(policies: policies, derivedRoles: derivedRoles)
    }

    private static func derivedRole(from tree: PolicyTree) throws(PolicyError) -> DerivedRole {
        let fields = try Fields(of: tree, called: "a derived role", known: ["name", "parents", "when"])
        let condition = try fields.required("when")
        return DerivedRole(
            name: try text(fields.required("name"), called: "name"),
            parents: try names(fields.required("parents"), called: "parents"),
            condition: try Condition(
                parsing: text(condition, called: "when"), line: condition.line))
    }

    private static func policy(from tree: PolicyTree) throws(PolicyError) -> Policy {
        let fields = try Fields(of: tree, called: "a policy", known: ["name", "kinds", "scope", "rules"])
        var rules: [Rule] = []
        for item in try items(fields.required("rules"), called: "rules", limit: PolicyLimits.rulesMax) {
            rules.append(try rule(from: item))
        }
        var scope = ""
        if let tree = fields["scope"] { scope = try self.scope(from: tree) }
        return Policy(
            name: try text(fields.required("name"), called: "name"),
            kinds: try names(fields.required("kinds"), called: "kinds"),
            scope: scope,
            rules: rules)
    }

    private static func scope(from tree: PolicyTree) throws(PolicyError) -> String {
        let scope = try text(tree, called: "scope", mayBeEmpty: true)
        let labels = scope.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard scope.isEmpty || labels.allSatisfy({ !$0.isEmpty }) else {
            throw PolicyError(
                line: tree.line, problem: "the scope has an empty label; write labels joined by single dots")
        }
        guard labels.count <= PolicyLimits.scopeLabelsMax else {
            throw PolicyError(
                line: tree.line, problem: "the scope has more than \(PolicyLimits.scopeLabelsMax) labels")
        }
        return scope
    }

    private static func rule(from tree: PolicyTree) throws(PolicyError) -> Rule {
        let fields = try Fields(of: tree, called: "a rule", known: ["allow", "deny", "roles", "when"])
        let effect: Rule.Verdict
        let actions: PolicyTree
        switch (fields["allow"], fields["deny"]) {
        case (.some(let tree), .none): (effect, actions) = (.allow, tree)
        case (.none, .some(let tree)): (effect, actions) = (.deny, tree)
        default:
            throw PolicyError(
                line: tree.line,
                problem: "a rule has either `allow` or `deny` with its actions; write one of them")
        }
        var condition: Condition?
        if let tree = fields["when"] {
            condition = try Condition(parsing: text(tree, called: "when"), line: tree.line)
        }
        return Rule(
            effect: effect,
            actions: try names(actions, called: effect.rawValue),
            roles: try names(fields.required("roles"), called: "roles"),
            condition: condition)
    }
}

/// The members of a mapping, checked against the keys that are known there.
private struct Fields {
    private let members: [PolicyTree.Member]
    private let line: Int
    private let name: String

    init(of tree: PolicyTree, called name: String, known: [String]) throws(PolicyError) {
        guard case .mapping(let members, let line) = tree else {
            throw PolicyError(
                line: tree.line, problem: "\(name) is a mapping of \(known.joined(separator: ", "))")
        }
        for (place, member) in members.enumerated() {
            guard known.contains(member.key) else {
                throw PolicyError(
                    line: member.line,
                    problem: "\(name) has no `\(member.key)`; known are \(known.joined(separator: ", "))")
            }
            guard !members[..<place].contains(where: { $0.key == member.key }) else {
                throw PolicyError(line: member.line, problem: "`\(member.key)` is there twice; remove one")
            }
        }
        self.members = members
        self.line = line
        self.name = name
    }

    subscript(key: String) -> PolicyTree? { members.first { $0.key == key }?.value }

    func required(_ key: String) throws(PolicyError) -> PolicyTree {
        guard let tree = self[key] else {
            throw PolicyError(line: line, problem: "\(name) needs `\(key)`; add it")
        }
        return tree
    }
}

private func text(
    _ tree: PolicyTree, called name: String, mayBeEmpty: Bool = false
) throws(PolicyError) -> String {
    guard case .scalar(let text, _) = tree, mayBeEmpty || !text.isEmpty else {
        throw PolicyError(line: tree.line, problem: "`\(name)` is one text; write it on the same line")
    }
    return text
}

private func items(
    _ tree: PolicyTree?, called name: String, limit: Int
) throws(PolicyError) -> [PolicyTree] {
    guard let tree else { return [] }
    guard case .sequence(let items, let line) = tree else {
        throw PolicyError(line: tree.line, problem: "`\(name)` is a list; start each item with `-`")
    }
    guard items.count <= limit else {
        throw PolicyError(
            line: line, problem: "`\(name)` has \(items.count) items, \(limit) are allowed; split the list")
    }
    return items
}

/// A list of names, or one name standing for a list of one.
private func names(_ tree: PolicyTree, called name: String) throws(PolicyError) -> [String] {
    if case .scalar = tree { return [try text(tree, called: name)] }
    var names: [String] = []
    for item in try items(tree, called: name, limit: PolicyLimits.namesMax) {
        names.append(try text(item, called: name))
    }
    guard !names.isEmpty else {
        throw PolicyError(line: tree.line, problem: "`\(name)` is empty; name at least one")
    }
    return names
}
