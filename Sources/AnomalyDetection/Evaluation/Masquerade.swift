public import Decisions

/// Gives real decisions to another existing principal, one that never did the same action on the
/// same kind: what a stolen identity looks like.
public struct Masquerade: Sendable, Hashable {
    /// Decides everything that is random.
    public var seed: UInt64
    /// How many decisions change hands.
    public var count = 260
    /// The share of the log, by count, that is left alone at its start.
    public var quietShare = 0.2

    /// Creates a masquerade.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// The log with some decisions given to others, in order; each counts as an attack of its own.
    public func events(in log: [Decision]) -> [EvaluationEvent] {
        var events = EvaluationEvent.ordered(log.map { EvaluationEvent(decision: $0) })
        let catalog = BehaviourCatalog(log)
        var random = SplitMix64(seed: seed)
        let candidates = (Int(Double(events.count) * quietShare)..<events.count).shuffled(using: &random)
        var changed = 0
        for index in candidates where changed < count {
            let decision = events[index].decision
            guard let action = decision.actions.first else { continue }
            let deed = BehaviourCatalog.Deed(action: action, kind: decision.resource.kind)
            let others = catalog.principals.filter {
                catalog.deedsOfPrincipal[$0]?.contains(deed) != true
            }
            guard let other = others.randomElement(using: &random), let who = catalog.principalOfName[other]
            else { continue }
            events[index].decision.principal = who
            events[index].incident = "masquerade-\(changed)"
            changed += 1
        }
        return events
    }
}
