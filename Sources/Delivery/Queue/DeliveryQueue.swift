public import AnomalyDetection
public import Decisions
public import VectorStores

/// Which receiver is to be told what of which incident: pure, bounded, and the same in whichever process asks.
///
/// It compares what each receiver was told, which is kept in the store, with what the incidents now say. So
/// nothing is queued where decisions are scored, nothing is told twice, and what an ended process left open is
/// found by the next. It has at most one delivery for each incident and receiver.
public struct DeliveryQueue: Sendable {
    /// The collection that deliveries and receivers are kept in.
    public static let collection = "alerts"

    /// Who is told.
    public let receivers: [Receiver]
    let context: AlertContext
    var deliveries: [DeliveryKey: Delivery] = [:]
    var states: [String: ReceiverState] = [:]

    /// A queue that knows nothing of what was told.
    public init(receivers: [Receiver], context: AlertContext) {
        self.receivers = receivers
        self.context = context
        for receiver in receivers { states[receiver.name] = ReceiverState(rate: receiver.rate) }
    }

    /// Takes what the store keeps; the incidents are looked at afterwards.
    ///
    /// How long receivers rest after failures, and what they still may get, stays as it is.
    public mutating func restore(_ records: [Record]) {
        deliveries = [:]
        for receiver in receivers { states[receiver.name]?.revision = nil }
        let known = Set(receivers.map(\.name))
        for record in records where record.collection == Self.collection {
            if let name = record.value?.object?["receiver"]?.text, known.contains(name),
                record.key == ReceiverState.recordKey(name)
            {
                states[name]?.take(record.value, revision: record.revision)
            } else if let name = record.value?.object?["receiver"]?.text, known.contains(name),
                record.key == ReceiverState.beforeKey(name)
            {
                states[name]?.takeBefore(record.value)
            } else if let delivery = Delivery(json: record.value, revision: record.revision),
                known.contains(delivery.key.receiver), delivery.key.recordKey == record.key
            {
                deliveries[delivery.key] = delivery
            }
        }
    }

    /// The writes that introduce receivers of which the store keeps nothing: what is there already is not told,
    /// unless it comes back.
    public mutating func introduction(_ incidents: [Incident]) -> [RecordChange] {
        var changes: [RecordChange] = []
        for receiver in receivers {
            guard var state = states[receiver.name], state.revision == nil else { continue }
            state.before = Set(incidents.map(\.id))
            states[receiver.name] = state
            changes.append(
                RecordChange(
                    collection: Self.collection, key: ReceiverState.recordKey(receiver.name),
                    value: state.json(receiver.name), expected: 0))
            changes.append(
                RecordChange(
                    collection: Self.collection, key: ReceiverState.beforeKey(receiver.name),
                    value: state.beforeJSON(receiver.name)))
        }
        return changes
    }

    /// What the incidents ask for now.
    public mutating func reconcile(_ incidents: [Incident]) {
        for receiver in receivers {
            var asked: [DeliveryKey: Incident] = [:]
            let before = states[receiver.name]?.before ?? []
            for incident in incidents where receiver.wants(incident) {
                let key = DeliveryKey(
                    identity: receiver.identity(of: incident), receiver: receiver.name)
                let isKnown = deliveries[key]?.told != nil
                if !isKnown, before.contains(incident.id), incident.state != .reopened { continue }
                if let other = asked[key], Self.precedes(other, incident) { continue }
                asked[key] = incident
            }
            for (key, incident) in asked {
                let status = AlertStatus(incident)
                if deliveries[key] == nil {
                    guard status == .firing else { continue }
                    deliveries[key] = Delivery(key, of: incident, wanted: status)
                }
                deliveries[key]?.wanted = status
                deliveries[key]?.subject = incident
            }
            for key in deliveries.keys where key.receiver == receiver.name && asked[key] == nil {
                deliveries[key]?.wanted = .resolved
                deliveries[key]?.subject = nil
            }
        }
    }

    /// Whether an incident speaks for the alert that it shares with another: what asks most, then the newest.
    private static func precedes(_ one: Incident, _ other: Incident) -> Bool {
        let ranks = (AlertStatus(one).rank, AlertStatus(other).rank)
        if ranks.0 != ranks.1 { return ranks.0 > ranks.1 }
        return (one.last, one.id) > (other.last, other.id)
    }

    /// The deletions of what need not be remembered any more.
    public mutating func forgetting(at now: Timestamp) -> [RecordChange] {
        var changes: [RecordChange] = []
        for receiver in receivers {
            for (key, delivery) in deliveries
            where key.receiver == receiver.name && delivery.claimed == nil
                && delivery.need(receiver.kind, at: now) == .forgetting
            {
                guard changes.count < Self.maximumForgotten else { return changes }
                deliveries[key] = nil
                guard delivery.revision > 0 else { continue }
                changes.append(
                    RecordChange(collection: Self.collection, key: key.recordKey, value: nil))
            }
        }
        return changes
    }

    /// The most records that are deleted at once.
    static let maximumForgotten = 500

    /// How many alerts wait for a receiver that can be told.
    func waiting(for receiver: Receiver, at now: Timestamp) -> Int {
        deliveries.values.count {
            $0.key.receiver == receiver.name && $0.need(receiver.kind, at: now) == .telling
        }
    }

    /// States what always holds: each delivery is of a known receiver and filed under its own key.
    package func checkInvariants() {
        for (key, delivery) in deliveries {
            precondition(key == delivery.key, "a delivery is filed under its own key")
            precondition(states[key.receiver] != nil, "a delivery is of a known receiver")
            precondition(
                delivery.told != nil || delivery.toldAt == nil, "what was told has a time and a status")
            precondition(delivery.silence == nil || delivery.silenceEnds != nil, "a silence has an end")
        }
    }
}
