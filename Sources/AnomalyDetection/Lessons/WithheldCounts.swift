import Decisions

/// How often each part of what lessons withhold was counted, in all of them together.
///
/// A decision is looked up in a dozen places, however many lessons a tenant has.
struct WithheldCounts: Sendable, Hashable {
    /// What decisions are counted by, as ``PriorCounts`` has it.
    private enum Part: Sendable, Hashable {
        case principal(ByteKey)
        case kind(ByteKey)
        case principalKind(ByteKey, ByteKey)
        case principalEffect(ByteKey, Effect)
        case principalScope(ByteKey, ByteKey)
        case address(ByteKey)
        case principalAddress(ByteKey, ByteKey)
        case action(ByteKey)
        case principalAction(ByteKey, ByteKey)
        case kindAction(ByteKey, ByteKey)
        case actionEffect(ByteKey, Effect)
        case whole(ByteKey, ByteKey, ByteKey, Effect)
    }

    private var counts: [Part: UInt32] = [:]

    /// Whether nothing is withheld.
    var isEmpty: Bool { counts.isEmpty }

    /// Withholds the decisions of a shape.
    mutating func add(_ shape: Lesson.Shape) {
        let times = UInt32(clamping: shape.count)
        func more(_ part: Part) {
            counts[part] = CounterTable.saturated(counts[part] ?? 0, plus: times)
        }
        let (principal, kind) = (ByteKey(shape.principal), ByteKey(shape.kind))
        more(.principal(principal))
        more(.kind(kind))
        more(.principalKind(principal, kind))
        more(.principalEffect(principal, shape.effect))
        more(.principalScope(principal, ByteKey(shape.scope ?? "")))
        if let address = shape.address.map({ ByteKey($0) }) {
            more(.address(address))
            more(.principalAddress(principal, address))
        }
        for action in Set(shape.actions.map { ByteKey($0) }) {
            more(.action(action))
            more(.principalAction(principal, action))
            more(.kindAction(kind, action))
            more(.actionEffect(action, shape.effect))
            more(.whole(principal, kind, action, shape.effect))
        }
    }

    /// Takes them out of what is known of a decision's parts; nothing falls below 0, also where counts were halved
    /// since.
    func leave(_ prior: inout PriorCounts, of decision: Decision) {
        let facts = DecisionFacts(decision)
        func less(_ count: inout UInt32, _ part: Part) {
            count -= min(count, counts[part] ?? 0)
        }
        let (principal, kind) = (ByteKey(facts.principal), ByteKey(facts.kind))
        less(&prior.principal, .principal(principal))
        less(&prior.kind, .kind(kind))
        less(&prior.principalKind, .principalKind(principal, kind))
        less(&prior.principalEffect, .principalEffect(principal, facts.effect))
        less(&prior.principalScope, .principalScope(principal, ByteKey(facts.scope ?? "")))
        if let address = facts.address.map({ ByteKey($0) }) {
            less(&prior.address, .address(address))
            less(&prior.principalAddress, .principalAddress(principal, address))
        }
        guard decision.actions.indices.contains(prior.action.index) else { return }
        let action = ByteKey(DecisionFacts.kept(decision.actions[prior.action.index]))
        less(&prior.action.action, .action(action))
        less(&prior.action.principalAction, .principalAction(principal, action))
        less(&prior.action.kindAction, .kindAction(kind, action))
        less(&prior.action.actionEffect, .actionEffect(action, facts.effect))
        less(&prior.action.whole, .whole(principal, kind, action, facts.effect))
    }
}
