internal import Decisions

extension PolicySet {
    /// The policy named when no rule spoke about a request.
    public static let defaultDeny = "default-deny"

    /// Answers a request: every action has to be allowed.
    ///
    /// For each action the most specific scope with a rule that holds decides; within a scope a
    /// denying rule overrides every allowing one; without any rule the answer is deny.
    /// O(rules of the resource's kind).
    public func evaluate(_ request: AccessRequest) -> Answer {
        let shelves = shelves[request.resource.kind] ?? common
        var answer = Answer(effect: .allow, policies: [])
        for action in request.actions {
            let (verdict, policy) = evaluate(action, of: request, on: shelves)
            if verdict == .deny, answer.effect == .allow {
                answer = Answer(effect: .deny, policies: [policy])
            } else if verdict == (answer.effect == .allow ? .allow : .deny),
                !answer.policies.contains(policy)
            {
                answer.policies.append(policy)
            }
        }
        guard !request.actions.isEmpty else {
            return Answer(effect: .deny, policies: [Self.defaultDeny])
        }
        return answer
    }

    private func evaluate(
        _ action: String, of request: AccessRequest, on shelves: [Shelf]
    ) -> (Rule.Verdict, policy: String) {
        for shelf in shelves where Self.scope(shelf.scope, holds: request.resource.scope) {
            var allowing: String?
            for rule in shelf.rules {
                if rule.effect == .allow, allowing != nil { continue }
                guard rule.speaks(of: action, to: request) else { continue }
                if rule.effect == .deny { return (.deny, rule.policy) }
                allowing = rule.policy
            }
            if let allowing { return (.allow, allowing) }
        }
        return (.deny, Self.defaultDeny)
    }

    /// Whether a policy's scope holds for a resource's: it is the same, or above it.
    static func scope(_ outer: String, holds inner: String?) -> Bool {
        if outer.isEmpty { return true }
        guard let inner else { return false }
        let outerBytes = outer.utf8
        let innerBytes = inner.utf8
        guard innerBytes.count >= outerBytes.count, innerBytes.starts(with: outerBytes) else { return false }
        return innerBytes.count == outerBytes.count
            || innerBytes[innerBytes.index(innerBytes.startIndex, offsetBy: outerBytes.count)]
                == UInt8(ascii: ".")
    }
}

extension PolicySet.PreparedRule {
    func speaks(of action: String, to request: AccessRequest) -> Bool {
        guard everyAction || actions.contains(action), concerns(request) else { return false }
        return condition?.holds(for: request) ?? true
    }

    private func concerns(_ request: AccessRequest) -> Bool {
        if everyone { return true }
        for role in request.principal.roles where roles.contains(role) { return true }
        for derived in derivedRoles where derived.isHeld(in: request) { return true }
        return false
    }
}

extension DerivedRole {
    /// Whether the principal of a request has this role towards its resource.
    public func isHeld(in request: AccessRequest) -> Bool {
        let hasParent = parents.contains("*") || request.principal.roles.contains { parents.contains($0) }
        return hasParent && condition.holds(for: request)
    }
}
