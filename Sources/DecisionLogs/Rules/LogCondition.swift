internal import Decisions

/// What a rule demands of one field of a decision.
struct LogCondition: Sendable, Hashable {
    /// The field.
    let field: DecisionField
    /// What it may be: one of them is enough.
    let patterns: [TextPattern]
    /// Whether it must be none of them instead.
    var isNegated = false

    /// Whether a decision meets it.
    ///
    /// A decision may be about several actions. Of a rule that leaves decisions out all of them must be meant, and of
    /// one that keeps decisions it is enough that one is: so nothing goes because it came beside something else.
    func holds(for decision: Decision, ofEveryAction: Bool) -> Bool {
        let meets =
            if field == .action, ofEveryAction != isNegated {
                decision.actions.allSatisfy(fits)
            } else {
                isMet(by: decision)
            }
        return meets != isNegated
    }

    private func isMet(by decision: Decision) -> Bool {
        switch field {
        case .id: fits(decision.id)
        case .tenant: fits(decision.tenant)
        case .principal: fits(decision.principal.id)
        case .role: decision.principal.roles.contains(where: fits)
        case .kind: fits(decision.resource.kind)
        case .resource: decision.resource.id.map(fits) ?? false
        case .scope: decision.resource.scope.map(fits) ?? false
        case .action: decision.actions.contains(where: fits)
        case .effect: fits(decision.effect.rawValue)
        case .policy: decision.policies.contains(where: fits)
        case .ip: decision.source.ip.map(fits) ?? false
        case .agent: decision.source.agent.map(fits) ?? false
        case .time, .durationMicroseconds, .cacheHit, .metadata:
            decision.values(of: field).contains(where: fits)
        }
    }

    private func fits(_ text: String) -> Bool {
        for pattern in patterns where pattern.fits(text) { return true }
        return false
    }

    /// A number is what it is worth: `200` fits what was logged as `200.0`.
    private func fits(_ value: FieldValue) -> Bool {
        switch value {
        case .text(let text): fits(text)
        case .number(let number):
            patterns.contains { if case .whole(let text) = $0 { Double(text) == number } else { false } }
        case .time(let time): fits(time.description)
        }
    }
}
