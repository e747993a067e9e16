import Decisions
import VectorStores

extension TenantDetector {
    /// Scores a decision against the past exactly as ``ingest(_:storedID:novelty:configuration:)`` would, and
    /// leaves the past as it is.
    ///
    /// Forgotten decisions are counted nowhere, as if they had never come; the percentiles keep their share.
    func preview(
        _ decision: Decision, storedID: String, novelty: Novelty?, lessons: TenantLessons?,
        configuration: DetectorConfiguration, forgetting others: [Decision] = []
    ) -> Assessment {
        let prior = prior(
            of: decision, configuration: configuration,
            forgetting: others.isEmpty ? nil : ForgottenDecisions(others, of: decision))
        let counted = reading(of: prior, novelty: novelty)
        // Asking may make the window's histogram, which is no part of the past: in a copy.
        var past = self
        let judgement = past.judgement(
            of: decision, prior: prior, counted, novelty: novelty, lessons: lessons,
            configuration: configuration, isCounted: false)
        return assessment(
            of: decision, storedID: storedID, judgement, novelty: novelty, configuration: configuration)
    }

    /// What the counts of a decision's parts are, as ``count(_:configuration:)`` would return them.
    func prior(
        of decision: Decision, configuration: DetectorConfiguration,
        forgetting forgotten: ForgottenDecisions? = nil
    ) -> PriorCounts {
        var prior = PriorCounts()
        prior.decisions = decisions
        prior.distinctActions = actions.distinct
        prior.distinctKinds = kinds.distinct
        prior.distinctScopes = scopes.distinct

        let names = configuration.maximumNames
        let principal = principals.prospectiveNumber(
            of: decision.principal.id, limit: min(names, CounterKey.maximumPrincipals))
        let kind = kinds.prospectiveNumber(
            of: decision.resource.kind, limit: min(names, CounterKey.maximumKinds))
        let scope = scopes.prospectiveNumber(
            of: decision.resource.scope ?? "", limit: min(names, CounterKey.maximumKinds))
        let effect = Self.number(of: decision.effect)

        prior.principal = principals.prospectiveCount(principal)
        prior.kind = kinds.prospectiveCount(kind)
        prior.principalKind = counters[CounterKey.pair(.principalKind, principal, kind)]
        prior.principalEffect = counters[CounterKey.pair(.principalEffect, principal, effect + 1)]
        prior.principalScope = counters[CounterKey.pair(.principalScope, principal, scope)]
        prior.principalHour =
            counters[CounterKey.pair(.principalHour, principal, UInt32(Self.hour(of: decision.time)) + 1)]
        if kind != 0, kindPrincipals.indices.contains(Int(kind)) {
            prior.kindPrincipals = kindPrincipals[Int(kind)]
            prior.kindNewestPrincipal = kindNewestPrincipal[Int(kind)]
        }
        if let ip = decision.source.ip {
            let address = addresses.prospectiveNumber(of: ip, limit: min(names, CounterKey.maximumKinds))
            prior.address = addresses.prospectiveCount(address)
            prior.principalAddress = counters[CounterKey.pair(.principalAddress, principal, address)]
        }
        // Before the actions: which of them stands for the decision depends on the other counts.
        forgotten?.leave(&prior)
        readActions(
            decision, principal: principal, kind: kind, effect: effect, prior: &prior, limit: names,
            forgetting: forgotten)
        return prior
    }

    /// Reads each action's counts; ``StrangestAction`` chooses the one that stands for the decision.
    ///
    /// Counting goes through the actions one by one, so that one which is named twice is seen once more each time,
    /// and a name that is new takes a number from those that follow.
    private func readActions(
        _ decision: Decision, principal: UInt32, kind: UInt32, effect: UInt32, prior: inout PriorCounts,
        limit: Int, forgetting forgotten: ForgottenDecisions?
    ) {
        var strangest = StrangestAction(among: decision.actions.count)
        var numbers = ProspectiveNumbers(
            table: actions, limit: min(limit, CounterKey.maximumActions))
        for (index, name) in decision.actions.prefix(Self.maximumActions).enumerated() {
            let (action, earlier) = numbers.next(name)
            func count(_ key: UInt64) -> UInt32 {
                key == 0 ? 0 : CounterTable.saturated(counters[key], plus: earlier)
            }
            var counts = PriorCounts.ActionCounts()
            counts.index = index
            counts.action =
                action == 0 ? 0 : CounterTable.saturated(actions.prospectiveCount(action), plus: earlier)
            counts.principalAction = count(CounterKey.pair(.principalAction, principal, action))
            counts.kindAction = count(CounterKey.pair(.kindAction, kind, action))
            counts.actionEffect = count(CounterKey.pair(.actionEffect, action, effect + 1))
            counts.whole = count(
                CounterKey.whole(principal: principal, action: action, kind: kind, effect: effect))
            forgotten?.leave(&counts, ofAction: name)
            strangest.take(counts, in: &prior)
        }
    }
}

/// The numbers that the names of one decision have or would be given, one after the other.
private struct ProspectiveNumbers {
    let table: NameTable
    let limit: Int
    private var fresh: [ByteKey] = []
    private var seen: [UInt32] = []

    init(table: NameTable, limit: Int) {
        self.table = table
        self.limit = limit
    }

    /// The number of a name, and how often it came before in the same decision.
    mutating func next(_ name: String) -> (number: UInt32, earlier: UInt32) {
        let number = number(of: name)
        let earlier = UInt32(seen.count { $0 == number })
        seen.append(number)
        return (number: number, earlier: earlier)
    }

    private mutating func number(of name: String) -> UInt32 {
        let known = table.number(of: name)
        if known != 0 { return known }
        let key = NameTable.key(of: name)
        if let place = fresh.firstIndex(of: key) { return UInt32(table.distinct + place + 1) }
        guard table.distinct + fresh.count < limit else { return 0 }
        fresh.append(key)
        return UInt32(table.distinct + fresh.count)
    }
}

extension NameTable {
    /// The number that a name has, or would be given if there is room; 0 otherwise.
    func prospectiveNumber(of name: String, limit: Int) -> UInt32 {
        let known = number(of: name)
        if known != 0 { return known }
        return distinct < limit ? UInt32(distinct + 1) : 0
    }

    /// How often a number was seen; one that would only be given was not.
    func prospectiveCount(_ number: UInt32) -> UInt32 {
        number <= UInt32(distinct) ? count(number) : 0
    }
}

extension CounterTable {
    /// A count after some more, as counting one by one leaves it.
    static func saturated(_ count: UInt32, plus more: UInt32) -> UInt32 {
        let (sum, isTooMuch) = count.addingReportingOverflow(more)
        return isTooMuch ? .max : sum
    }
}
