import AnomalyDetection
public import Decisions

/// An alert that only tests whether alerts arrive, marked as such in every payload.
public struct TestAlert: Sendable {
    /// How it went with one receiver.
    public struct Outcome: Sendable {
        /// The receiver.
        public let receiver: Receiver
        /// Why it did not arrive; `nil` when it did.
        public let failure: DeliveryFailure?
    }

    private let courier: Courier
    private let context: AlertContext
    private let clock: @Sendable () -> Timestamp

    /// Prepares a test of receivers.
    public init(
        context: AlertContext, transport: any AlertTransport, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.context = context
        self.clock = clock
        courier = Courier(transport: transport, context: context)
    }

    /// Sends a firing alert and then its end, so that nothing stays open, and says whether both arrived.
    public func send(to receiver: Receiver) async -> Outcome {
        let starts = clock()
        do {
            for status in [AlertStatus.firing, .resolved] {
                let shipment = shipment(status, to: receiver, starts: starts)
                _ = try await courier.carry(shipment, at: clock())
            }
            return Outcome(receiver: receiver, failure: nil)
        } catch {
            return Outcome(receiver: receiver, failure: error)
        }
    }

    private func shipment(_ status: AlertStatus, to receiver: Receiver, starts: Timestamp) -> Shipment {
        let id = "TEST"
        let summary = "this is a test of the receiver \(receiver.name): nothing happened"
        let labels = AlertLabels([
            "alertname": Alert.testName, AlertLabels.severityName: "info", "tenant": "verdict-test",
            "principal": "verdict-test", "resource_kind": "verdict-test", "effect": "deny",
            "source": "verdict",
        ])
        let alert = Alert(
            incident: id, status: status, severity: .low, labels: labels,
            groupKey: "verdict-test/verdict-test/verdict-test/deny",
            joinKey: "verdict-test-\(starts.seconds)", summary: summary,
            details: "sent by verdict alerts test; its end follows at once",
            command: context.command(opening: id),
            runbook: context.runbook, decision: "", score: nil, count: 0, actions: [], attributes: [],
            starts: starts, ends: status == .resolved ? clock() : nil, person: "")
        return Shipment(
            receiver: receiver, alert: alert, isRenewal: false,
            id: "\(alert.joinKey)-\(status.rawValue)",
            key: DeliveryKey(identity: id, receiver: receiver.name), subject: nil, ended: nil, silence: nil,
            makesSilence: false, wasUncertain: false)
    }
}
