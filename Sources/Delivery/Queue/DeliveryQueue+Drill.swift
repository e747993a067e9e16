import AnomalyDetection
import Decisions

extension DeliveryQueue {
    /// What the receivers would be told now of an incident that opened; the queue stays as it is.
    ///
    /// Asked is a copy, by all that real alerts are asked by: severity and tenants, the rest after failures, the rate
    /// as much as is left of it. What else waits is passed by: it must not make a drill late, nor a drill it.
    func drill(_ incident: Incident, at now: Timestamp) -> [Shipment] {
        var copy = self
        copy.deliveries = [:]
        copy.reconcile([incident])
        return copy.next(at: now)
    }

    /// Why a receiver would be told nothing of an incident now, and whether that is a failure.
    func obstacle(
        to receiver: Receiver, of incident: Incident, at now: Timestamp
    ) -> (sentence: String, isFailure: Bool) {
        guard receiver.wants(incident) else {
            return ("\(receiver.name), by its severity or tenants", false)
        }
        if let state = states[receiver.name], let retry = state.retry, retry > now {
            return ("\(receiver.name), which rests after a failure: \(state.lastError)", true)
        }
        return ("\(receiver.name), whose rate is used up", false)
    }
}

extension Shipment {
    /// The same as the shipment of a drill, of which nothing is kept.
    func asDrill(_ status: AlertStatus, at now: Timestamp, context: AlertContext) -> Shipment {
        let alert = alert.asDrill(status, ends: status == .resolved ? now : nil, context: context)
        return Shipment(
            receiver: receiver, alert: alert, isRenewal: false,
            id: "\(alert.joinKey)-\(status.rawValue)-\(now.seconds)", key: key, subject: nil,
            ended: nil, silence: nil, makesSilence: false, wasUncertain: false)
    }
}
