import Decisions

extension TenantDetector {
    /// Counts a decision's parts and returns what the counts were before.
    mutating func count(_ decision: Decision, configuration: DetectorConfiguration) -> PriorCounts {
        var prior = PriorCounts()
        prior.decisions = decisions
        prior.distinctActions = actions.distinct
        prior.distinctKinds = kinds.distinct
        prior.distinctScopes = scopes.distinct

        let names = configuration.maximumNames
        let principal = principals.intern(
            decision.principal.id, limit: min(names, CounterKey.maximumPrincipals))
        let kind = kinds.intern(decision.resource.kind, limit: min(names, CounterKey.maximumKinds))
        let scope = scopes.intern(
            decision.resource.scope ?? "", limit: min(names, CounterKey.maximumKinds))
        let effect = Self.number(of: decision.effect)

        prior.principal = principals.increment(principal)
        prior.kind = kinds.increment(kind)
        _ = scopes.increment(scope)
        prior.principalKind = counters.increment(CounterKey.pair(.principalKind, principal, kind))
        prior.principalEffect = counters.increment(CounterKey.pair(.principalEffect, principal, effect + 1))
        prior.principalScope = counters.increment(CounterKey.pair(.principalScope, principal, scope))
        prior.principalHour = counters.increment(
            CounterKey.pair(.principalHour, principal, UInt32(Self.hour(of: decision.time)) + 1))
        countKindPrincipals(kind, decision: decision, prior: &prior)
        if let ip = decision.source.ip {
            let address = addresses.intern(ip, limit: min(names, CounterKey.maximumKinds))
            prior.address = addresses.increment(address)
            prior.principalAddress = counters.increment(
                CounterKey.pair(.principalAddress, principal, address))
        }
        countActions(decision, principal: principal, kind: kind, effect: effect, prior: &prior, limit: names)

        decisions = decisions == .max ? decisions : decisions + 1
        return prior
    }

    /// Counts each action; ``StrangestAction`` chooses the one that stands for the decision.
    private mutating func countActions(
        _ decision: Decision, principal: UInt32, kind: UInt32, effect: UInt32, prior: inout PriorCounts,
        limit: Int
    ) {
        var strangest = StrangestAction(among: decision.actions.count)
        for (index, name) in decision.actions.prefix(Self.maximumActions).enumerated() {
            let action = actions.intern(name, limit: min(limit, CounterKey.maximumActions))
            var counts = PriorCounts.ActionCounts()
            counts.index = index
            counts.action = actions.increment(action)
            counts.principalAction = counters.increment(
                CounterKey.pair(.principalAction, principal, action))
            counts.kindAction = counters.increment(CounterKey.pair(.kindAction, kind, action))
            counts.actionEffect = counters.increment(CounterKey.pair(.actionEffect, action, effect + 1))
            counts.whole = counters.increment(
                CounterKey.whole(principal: principal, action: action, kind: kind, effect: effect))
            strangest.take(counts, in: &prior)
        }
    }

    private mutating func countKindPrincipals(
        _ kind: UInt32, decision: Decision, prior: inout PriorCounts
    ) {
        guard kind != 0 else { return }
        let place = Int(kind)
        while kindPrincipals.count <= place {
            kindPrincipals.append(0)
            kindNewestPrincipal.append(0)
        }
        prior.kindPrincipals = kindPrincipals[place]
        prior.kindNewestPrincipal = kindNewestPrincipal[place]
        if prior.principalKind == 0 {
            if kindPrincipals[place] < .max { kindPrincipals[place] += 1 }
            kindNewestPrincipal[place] = decision.time.seconds
        }
    }

    /// The number of an effect in counter keys.
    static func number(of effect: Effect) -> UInt32 {
        switch effect {
        case .allow: 0
        case .deny: 1
        case .conditional: 2
        }
    }
}
