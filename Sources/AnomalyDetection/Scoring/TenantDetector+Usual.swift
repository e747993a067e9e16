import Decisions

/// What a tenant usually does in the place of one field of a decision.
extension TenantDetector {
    /// The most names of a sort that are looked at; of more, those that came first.
    static let maximumLooked = 65_536
    /// Of the values that are told, how many are usual in the whole tenant and not beside the other fields.
    private static let usualEverywhere = 2

    /// Principals that do most often what the decision does, then those that do most of all.
    func usualPrincipals(for decision: Decision, limit: Int) -> [String] {
        let action = actions.number(of: decision.actions.first ?? "")
        let kind = kinds.number(of: decision.resource.kind)
        let effect = Self.number(of: decision.effect)
        return usual(principals, besides: decision.principal.id, limit: limit) { principal in
            counters[
                CounterKey.whole(principal: principal, action: action, kind: kind, effect: effect)]
        }
    }

    /// Actions that the principal does most often on the kind, then those that are most usual of all.
    func usualActions(for decision: Decision, limit: Int) -> [String] {
        let principal = principals.number(of: decision.principal.id)
        let kind = kinds.number(of: decision.resource.kind)
        let effect = Self.number(of: decision.effect)
        return usual(actions, besides: decision.actions.first ?? "", limit: limit) { action in
            counters[
                CounterKey.whole(principal: principal, action: action, kind: kind, effect: effect)]
        }
    }

    /// Kinds on which the principal does most often what it did here, then those that are most usual of all.
    func usualKinds(for decision: Decision, limit: Int) -> [String] {
        let principal = principals.number(of: decision.principal.id)
        let action = actions.number(of: decision.actions.first ?? "")
        let effect = Self.number(of: decision.effect)
        return usual(kinds, besides: decision.resource.kind, limit: limit) { kind in
            counters[
                CounterKey.whole(principal: principal, action: action, kind: kind, effect: effect)]
        }
    }

    /// The names with the highest counts beside what else a decision has, then those with the highest of all; each
    /// once, the name that it has itself left out.
    private func usual(
        _ table: NameTable, besides own: String, limit: Int, _ count: (UInt32) -> UInt32
    ) -> [String] {
        let ownNumber = table.number(of: own)
        let numbers = (0..<UInt32(min(table.distinct, Self.maximumLooked))).map { $0 + 1 }
            .filter { $0 != ownNumber }
        // Without a sort of all: what is to be scored waits for this.
        let beside = numbers.map { (number: $0, count: count($0)) }.filter { $0.count > 0 }
            .first(max(0, limit - Self.usualEverywhere)) {
                ($1.count, table.count($1.number), $0.number) < ($0.count, table.count($0.number), $1.number)
            }
            .map(\.number)
        let overall = numbers.first(limit) { (table.count($1), $0) < (table.count($0), $1) }
        let rest = overall.filter { !beside.contains($0) }.prefix(limit - beside.count)
        // Of a name that was too long to be kept whole only its beginning is known.
        return (beside + rest).map { table.name(of: $0) }.filter {
            $0.utf8.count <= NameTable.maximumNameBytes && !$0.isEmpty
        }
    }
}
