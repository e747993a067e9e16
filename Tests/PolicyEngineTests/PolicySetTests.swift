import Decisions
import PolicyEngine
import Testing

@Suite struct PolicySetTests {
    private static let policies = """
        version: 1
        derived_roles:
          - name: owner
            parents: [employee]
            when: resource.attr.owner == principal.id
        policies:
          - name: base
            kinds: invoice
            rules:
              - allow: [read, delete]
                roles: [employee]
              - deny: delete
                roles: [intern]
          - name: finance
            kinds: invoice
            scope: eu.finance
            rules:
              - deny: read
                roles: [contractor]
              - allow: approve
                roles: owner
          - name: everything
            kinds: "*"
            scope: eu
            rules:
              - allow: "*"
                roles: admin
        """

    private static func answer(
        roles: [String], kind: String = "invoice", scope: String? = nil, actions: [String],
        owner: String? = nil
    ) throws -> Answer {
        var request = AccessRequest(
            id: "d-1", time: Timestamp(seconds: 0), principal: Principal(id: "alice", roles: roles),
            resource: Resource(kind: kind, id: "1", scope: scope), actions: actions)
        if let owner { request.resourceAttributes = ["owner": .text(owner)] }
        return try policySet(policies).evaluate(request)
    }

    @Test func `without a rule the answer is deny`() throws {
        let unknown = Answer(effect: .deny, policies: [PolicySet.defaultDeny])
        #expect(try Self.answer(roles: ["employee"], actions: ["print"]) == unknown)
        #expect(try Self.answer(roles: [], actions: ["read"]) == unknown)
        #expect(try Self.answer(roles: ["employee"], kind: "tank", actions: ["read"]) == unknown)
        #expect(try Self.answer(roles: ["employee"], actions: []) == unknown)
    }

    @Test func `a deny overrides an allow of the same scope`() throws {
        #expect(try Self.answer(roles: ["employee"], actions: ["delete"]).effect == .allow)
        let denied = try Self.answer(roles: ["employee", "intern"], actions: ["delete"])
        #expect(denied == Answer(effect: .deny, policies: ["base"]))
    }

    @Test func `the most specific scope that speaks decides`() throws {
        let roles = ["employee", "contractor"]
        #expect(try Self.answer(roles: roles, scope: "us", actions: ["read"]).policies == ["base"])
        #expect(
            try Self.answer(roles: roles, scope: "eu.finance", actions: ["read"])
                == Answer(effect: .deny, policies: ["finance"]))
        #expect(
            try Self.answer(roles: roles, scope: "eu.finance.audit", actions: ["read"]).effect == .deny)
        #expect(try Self.answer(roles: roles, scope: "eu.finances", actions: ["read"]).effect == .allow)
    }

    @Test func `a policy of every kind holds for known and unknown kinds`() throws {
        for kind in ["invoice", "tank"] {
            let answer = try Self.answer(roles: ["admin"], kind: kind, scope: "eu", actions: ["fire"])
            #expect(answer == Answer(effect: .allow, policies: ["everything"]))
        }
        #expect(
            try Self.answer(roles: ["admin"], kind: "tank", scope: "us", actions: ["fire"]).effect == .deny)
    }

    @Test func `a derived role is held only where its condition holds`() throws {
        let scope = "eu.finance"
        #expect(
            try Self.answer(roles: ["employee"], scope: scope, actions: ["approve"], owner: "alice").effect
                == .allow)
        #expect(
            try Self.answer(roles: ["employee"], scope: scope, actions: ["approve"], owner: "bob").effect
                == .deny)
        #expect(
            try Self.answer(roles: ["guest"], scope: scope, actions: ["approve"], owner: "alice").effect
                == .deny)
    }

    @Test func `several actions are allowed only together and name every policy once`() throws {
        let both = try Self.answer(
            roles: ["employee", "admin"], scope: "eu", actions: ["read", "delete", "fire"])
        #expect(both.effect == .allow)
        #expect(both.policies == ["everything"])
        let mixed = try Self.answer(roles: ["employee"], actions: ["read", "print", "delete"])
        #expect(mixed == Answer(effect: .deny, policies: [PolicySet.defaultDeny]))
        let denials = try Self.answer(roles: ["employee", "intern"], actions: ["print", "delete"])
        #expect(denials.policies == [PolicySet.defaultDeny, "base"])
    }

    @Test(arguments: [
        ("text", 1, "is a mapping"),
        ("version: 2\npolicies: []", 1, "version 1"),
        ("version: 1", 1, "needs `policies`"),
        ("policies: 3", 1, "is a list"),
        ("policies:\n  - name: a\n    kinds: x\n    rules: []\n    rule: []", 5, "no `rule`"),
        ("policies:\n  - name: a\n    name: b", 3, "twice"),
        ("policies:\n  - kinds: x\n    rules: []", 2, "needs `name`"),
        ("policies:\n  - name: a\n    kinds: []\n    rules: []", 3, "is empty"),
        ("policies:\n  - name: a\n    kinds: [[x]]\n    rules: []", 3, "one text"),
        ("policies:\n  - name: a\n    kinds: x\n    scope: a..b\n    rules: []", 4, "empty label"),
        ("policies:\n  - name: a\n    kinds: x\n    rules:\n      - roles: y", 5, "either `allow` or `deny`"),
        (
            "policies:\n  - name: a\n    kinds: x\n    rules:\n      - allow: z\n        roles: y\n        when: hour >",
            7, "the end"
        ),
        (
            "policies:\n  - {name: a, kinds: x, rules: []}\n  - {name: a, kinds: x, rules: []}", 3,
            "the policy a is there twice"
        ),
        (
            "derived_roles:\n  - {name: o, parents: p, when: true}\n  - {name: o, parents: p, when: true}\npolicies: []",
            3, "the derived role o is there twice"
        ),
    ])
    func `broken policies are refused with the line and what to do`(yaml: String, line: Int, problem: String)
        throws
    {
        // Yams itself refuses a repeated key, so that tree is made by hand.
        let tree =
            problem == "twice"
            ? PolicyTree.mapping(
                [
                    .init(key: "policies", line: 1, value: .sequence([], line: 1)),
                    .init(key: "policies", line: 3, value: .sequence([], line: 3)),
                ], line: 1) : try policyTree(yaml)
        let error = #expect(throws: PolicyError.self) { try PolicySet(from: tree) }
        #expect(try #require(error).line == line)
        #expect(try #require(error).problem.contains(problem), "\(error?.problem ?? "")")
    }

    @Test func `lists and scopes past the limits are refused`() {
        let names = PolicyTree.sequence(
            Array(repeating: .scalar("x", line: 2), count: PolicyLimits.namesMax + 1), line: 2)
        func document(kinds: PolicyTree, scope: String) -> PolicyTree {
            let policy = PolicyTree.mapping(
                [
                    .init(key: "name", line: 1, value: .scalar("a", line: 1)),
                    .init(key: "kinds", line: 2, value: kinds),
                    .init(key: "scope", line: 3, value: .scalar(scope, line: 3)),
                    .init(key: "rules", line: 4, value: .sequence([], line: 4)),
                ], line: 1)
            return .mapping([.init(key: "policies", line: 1, value: .sequence([policy], line: 1))], line: 1)
        }
        let deep = Array(repeating: "a", count: PolicyLimits.scopeLabelsMax + 1).joined(separator: ".")
        #expect(throws: PolicyError.self) { try PolicySet(from: document(kinds: names, scope: "")) }
        #expect(throws: PolicyError.self) {
            try PolicySet(from: document(kinds: .scalar("x", line: 2), scope: deep))
        }
        #expect(throws: Never.self) {
            try PolicySet(from: document(kinds: .scalar("x", line: 2), scope: ""))
        }
    }

    /// Random policies against the rule book read literally.
    @Test func `answers agree with a plain reading of the rules`() {
        var random = SeededRandom(seed: 11)
        func some(_ names: [String]) -> [String] {
            let chosen = names.filter { _ in random.next() % 2 == 0 }
            return chosen.isEmpty ? [names[0]] : chosen
        }
        let kinds = ["a", "b", "*"], actions = ["r", "w", "*"], roles = ["x", "y", "z"]
        let scopes = ["", "e", "e.f", "g"]
        for _ in 0..<200 {
            let policies = (0..<4).map { place in
                Policy(
                    name: "p\(place)", kinds: some(kinds), scope: scopes[Int(random.next() % 4)],
                    rules: (0..<3).map { _ in
                        Rule(
                            effect: random.next() % 3 == 0 ? .deny : .allow, actions: some(actions),
                            roles: some(roles))
                    })
            }
            let set = PolicySet(policies: policies)
            for _ in 0..<20 {
                let request = AccessRequest(
                    id: "", time: Timestamp(seconds: 0), principal: Principal(id: "p", roles: some(roles)),
                    resource: Resource(
                        kind: ["a", "b", "c"][Int(random.next() % 3)],
                        scope: ["e.f.h", "e", "g", "e.ff"].randomElement(using: &random)),
                    actions: [["r", "w", "q"][Int(random.next() % 3)]])
                #expect(set.evaluate(request).effect == plainAnswer(policies, request))
            }
        }
    }

    private func plainAnswer(_ policies: [Policy], _ request: AccessRequest) -> Effect {
        var labels = request.resource.scope.map { $0.split(separator: ".").map(String.init) } ?? []
        while true {
            let scope = labels.joined(separator: ".")
            let speaking = policies.filter { policy in
                policy.scope == scope
                    && (policy.kinds.contains("*") || policy.kinds.contains(request.resource.kind))
            }.flatMap(\.rules).filter { rule in
                (rule.actions.contains("*") || rule.actions.contains(request.actions[0]))
                    && !Set(rule.roles).isDisjoint(with: request.principal.roles)
            }
            if !speaking.isEmpty { return speaking.contains { $0.effect == .deny } ? .deny : .allow }
            if labels.isEmpty { return .deny }
            labels.removeLast()
        }
    }
}
