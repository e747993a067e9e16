import AnomalyDetection
public import Decisions
public import VectorStores

extension DeliveryQueue {
    /// The first pause after a failure, and the longest, in seconds.
    static let firstPauseSeconds = 2.0
    static let longestPauseSeconds = 900.0
    /// The longest that a receiver can ask to be left alone, in seconds.
    static let longestWishSeconds: Int64 = 3_600

    /// What can be sent at a time: at most one thing for each receiver that is not busy.
    ///
    /// New alerts go first, the worst of them before others; then what was taken or is over; what only has to
    /// be said again last, and uncounted.
    public mutating func next(at now: Timestamp, busy: Set<String> = []) -> [Shipment] {
        var shipments: [Shipment] = []
        for receiver in receivers where !busy.contains(receiver.name) {
            guard let state = states[receiver.name], state.retry.map({ $0 <= now }) ?? true else { continue }
            let due = deliveries.values.filter {
                $0.key.receiver == receiver.name && $0.isDue(at: now)
            }
            let told = Self.first(of: due, in: .telling, for: receiver, at: now)
            if let told, states[receiver.name]?.bucket.take(at: now) == true {
                shipments.append(shipment(told, to: receiver, isRenewal: false, at: now))
            } else if let renewed = Self.first(of: due, in: .renewing, for: receiver, at: now) {
                shipments.append(shipment(renewed, to: receiver, isRenewal: true, at: now))
            }
        }
        return shipments
    }

    private static func first(
        of due: [Delivery], in need: Delivery.Need, for receiver: Receiver, at now: Timestamp
    ) -> Delivery? {
        due.filter { $0.need(receiver.kind, at: now) == need }.min { Order($0) < Order($1) }
    }

    /// What goes first.
    private struct Order: Comparable {
        private let parts: (Int, Int, Timestamp, DeliveryKey)

        init(_ delivery: Delivery) {
            let severity = (delivery.subject?.severity ?? delivery.severity).urgency
            parts = (
                delivery.wanted == .firing ? 0 : 1, severity, delivery.toldAt ?? delivery.starts, delivery.key
            )
        }

        static func < (lhs: Order, rhs: Order) -> Bool { lhs.parts < rhs.parts }
        static func == (lhs: Order, rhs: Order) -> Bool { lhs.parts == rhs.parts }
    }

    private func shipment(
        _ delivery: Delivery, to receiver: Receiver, isRenewal: Bool, at now: Timestamp
    ) -> Shipment {
        let status = isRenewal ? delivery.told ?? delivery.wanted : delivery.wanted
        let began = delivery.told == nil || delivery.told == .resolved ? delivery.subject?.first : nil
        let starts = min(began ?? delivery.starts, now)
        let ends = status == .resolved ? delivery.ends ?? now : nil
        let alert: Alert
        if let subject = delivery.subject {
            alert = Alert(
                subject, status, redaction: Redaction(allowed: receiver.attributes), context: context,
                starts: starts, ends: ends)
        } else {
            alert = Alert(
                endOf: delivery.incident, labels: delivery.labels, groupKey: delivery.groupKey,
                joinKey: delivery.joinKey, severity: delivery.severity, context: context, starts: starts,
                ends: ends)
        }
        let isStanding = delivery.told == .firing || delivery.told == .acknowledged
        let tried = delivery.attempt.flatMap { $0.status == status ? $0.id : nil }
        return Shipment(
            receiver: receiver, alert: alert, isRenewal: isRenewal,
            id: tried ?? "\(alert.joinKey)-\(status.rawValue)-\(now.seconds)-\(delivery.telling + 1)",
            key: delivery.key,
            subject: delivery.subject,
            ended: isStanding && delivery.labels != alert.labels ? delivery.labels : nil,
            silence: delivery.silence,
            makesSilence: receiver.kind == .alertmanager && status == .acknowledged
                && (delivery.needsSilence(at: now) || delivery.labels != alert.labels),
            wasUncertain: delivery.isUncertain)
    }

    /// The write that claims a shipment before it is sent: of two processes one gets through.
    public mutating func claim(_ shipment: Shipment, at now: Timestamp) -> RecordChange? {
        guard deliveries[shipment.key] != nil else { return nil }
        deliveries[shipment.key]?.claimed = now
        deliveries[shipment.key]?.isUncertain = true
        if !shipment.isRenewal {
            deliveries[shipment.key]?.attempt = Delivery.Attempt(
                status: shipment.alert.status, id: shipment.id)
        }
        return deliveries[shipment.key]?.change
    }

    /// Takes a claim back that the store did not take.
    public mutating func unclaim(_ shipment: Shipment) {
        deliveries[shipment.key]?.claimed = nil
        deliveries[shipment.key]?.isUncertain = shipment.wasUncertain
    }

    /// Notes the revision that a delivery has in the store.
    public mutating func kept(_ shipment: Shipment, revision: UInt64) {
        deliveries[shipment.key]?.revision = revision
    }

    /// Notes that the receiver took a shipment.
    public mutating func succeeded(_ shipment: Shipment, _ receipt: ShipmentReceipt, at now: Timestamp) {
        states[shipment.receiver.name]?.succeeded(at: now, counted: !shipment.isRenewal)
        guard var delivery = deliveries[shipment.key] else { return }
        let alert = shipment.alert
        delivery.told = alert.status
        delivery.toldAt = now
        delivery.labels = alert.labels
        delivery.severity = alert.severity
        delivery.incident = alert.incident
        delivery.starts = alert.starts
        delivery.raised = shipment.subject?.signal?.raised
        delivery.groupKey = alert.groupKey
        delivery.joinKey = alert.joinKey
        delivery.ends = alert.ends
        delivery.claimed = nil
        delivery.isUncertain = false
        delivery.retry = nil
        delivery.refusals = 0
        delivery.attempt = nil
        if !shipment.isRenewal { delivery.telling += 1 }
        if let made = receipt.silence {
            delivery.silence = made
            delivery.silenceEnds = now.advanced(bySeconds: AlertmanagerPayload.silenceSeconds)
        } else if alert.status != .acknowledged {
            delivery.silence = nil
            delivery.silenceEnds = nil
        }
        deliveries[shipment.key] = delivery
    }

    /// Notes that the receiver was not told, and when it is tried again: after pauses that double, spread by
    /// chance so that not all who failed together come back together.
    public mutating func failed(
        _ shipment: Shipment, _ failure: DeliveryFailure, at now: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) {
        states[shipment.receiver.name]?.noteFailure(failure, at: now)
        let chance = Double.random(in: 0.5..<1, using: &generator)
        let wish = failure.retryAfter.map { min(max($0, 0), Self.longestWishSeconds) } ?? 0
        switch failure.kind {
        case .unreachable:
            let failures = states[shipment.receiver.name]?.failures ?? 1
            let pause = max(Int64((Self.pause(after: failures) * chance).rounded(.up)), wish)
            states[shipment.receiver.name]?.retry = now.advanced(bySeconds: pause)
        case .refused:
            let refusals = (deliveries[shipment.key]?.refusals ?? 0) + 1
            // A message that was refused stays what it is: only time or a change of the incident helps.
            let pause = max(Int64((Self.pause(after: refusals + 4) * chance).rounded(.up)), wish)
            deliveries[shipment.key]?.refusals = refusals
            deliveries[shipment.key]?.retry = now.advanced(bySeconds: pause)
        }
        deliveries[shipment.key]?.claimed = nil
        if !failure.mayHaveArrived { deliveries[shipment.key]?.isUncertain = shipment.wasUncertain }
    }

    /// The pause after so many failures, before chance spreads it.
    static func pause(after failures: Int) -> Double {
        var pause = firstPauseSeconds
        for _ in 0..<max(0, min(failures, 20) - 1) { pause *= 2 }
        return min(pause, longestPauseSeconds)
    }

    /// The writes that keep how a shipment went.
    public mutating func outcome(of shipment: Shipment, at now: Timestamp) -> [RecordChange] {
        var changes: [RecordChange] = []
        if let delivery = deliveries[shipment.key] { changes.append(delivery.change) }
        if let change = stateChange(shipment.receiver, at: now) { changes.append(change) }
        return changes
    }

    private mutating func stateChange(_ receiver: Receiver, at now: Timestamp) -> RecordChange? {
        let waiting = waiting(for: receiver, at: now)
        states[receiver.name]?.waiting = waiting
        guard let state = states[receiver.name] else { return nil }
        // Whoever sends last knows best; nobody is told anything by it.
        return RecordChange(
            collection: Self.collection, key: ReceiverState.recordKey(receiver.name),
            value: state.json(receiver.name))
    }
}

extension ReceiverState {
    /// Notes that the receiver took something.
    mutating func succeeded(at now: Timestamp, counted: Bool) {
        if counted { delivered += 1 }
        lastDelivery = now
        failures = 0
        retry = nil
        failingSince = nil
        lastError = ""
    }

    /// Notes that it did not.
    mutating func noteFailure(_ failure: DeliveryFailure, at now: Timestamp) {
        if failure.kind == .unreachable { failures += 1 }
        if failingSince == nil { failingSince = now }
        lastError = failure.description
    }
}

extension Incident.Severity {
    /// The worse, the lower.
    fileprivate var urgency: Int {
        switch self {
        case .critical: 0
        case .high: 1
        case .medium: 2
        case .low: 3
        }
    }
}
