public import Decisions
import VectorStores

/// The decisions of a log in the order they are scored, each once, with what is known of them.
public struct LabelledLog: Sendable {
    /// The events, by time, then by identifier.
    public let events: [EvaluationEvent]
    /// Decisions that were there before, or later stages of one that was: scored once.
    public let repeated: Int
    /// Events that the table does not name; they count as benign.
    public let unlabelled: Int
    /// Labels of which there is no event.
    public let unused: Int

    /// Joins decisions with their labels by identifier.
    public init(_ decisions: [Decision], labels: LabelTable) {
        var used: Set<ByteKey> = []
        var unlabelled = 0
        let events = Self.distinct(EvaluationEvent.ordered(decisions.map { EvaluationEvent(decision: $0) }))
            .map { event in
                var event = event
                guard let (id, label) = labels.match(event.decision) else {
                    unlabelled += 1
                    return event
                }
                used.insert(ByteKey(id))
                if case .attack(let incident) = label { event.incident = incident }
                return event
            }
        self.events = events
        self.unlabelled = unlabelled
        repeated = decisions.count - events.count
        unused = labels.count - used.count
    }

    /// How many events are part of an attack.
    public var attacks: Int { events.count { $0.incident != nil } }

    /// Whether no label fits: the table is of another log.
    public var isOfAnotherLog: Bool { unlabelled == events.count }

    /// Events without those that a store would know already; what only shares another's identifier stays.
    private static func distinct(_ events: [EvaluationEvent]) -> [EvaluationEvent] {
        var first: [EntryIdentity: Decision] = [:]
        var beside: Set<ByteKey> = []
        return events.filter { event in
            let decision = event.decision
            let identity = EntryIdentity(tenant: decision.tenant, id: decision.id)
            guard let known = first[identity] else {
                first[identity] = decision
                return true
            }
            guard decision.relation(toStored: known) == .conflict else { return false }
            return beside.insert(ByteKey(decision.event.nativeLine(canonical: true))).inserted
        }
    }
}
