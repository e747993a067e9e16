public import Decisions
public import VectorStores

/// What Health says of the receivers.
public enum AlertHealth {
    /// What the check of what is kept is called.
    static let storeCheckName = "alerts"

    /// What the check of a receiver is called.
    static func checkName(_ receiver: String) -> String { "alerts \(receiver)" }

    /// How it goes with each receiver, as whoever tells them last kept it.
    public static func checks(
        of store: any RecordStore, receivers: [Receiver], at now: Timestamp
    ) async throws -> [HealthCheck] {
        guard !receivers.isEmpty else { return [] }
        var queue = DeliveryQueue(receivers: receivers, context: AlertContext(store: ""))
        queue.restore(try await store.records(in: DeliveryQueue.collection))
        return queue.checks(at: now, since: now)
    }
}

extension DeliveryQueue {
    /// One check for each receiver, in the order of the configuration.
    func checks(at now: Timestamp, since start: Timestamp) -> [HealthCheck] {
        receivers.map { receiver in
            let state = states[receiver.name]
            let name = AlertHealth.checkName(receiver.name)
            let known = max(state?.waiting ?? 0, waiting(for: receiver, at: now))
            let waiting = known == 0 ? "" : known == 1 ? "; 1 alert waits" : "; \(known) alerts wait"
            if let since = state?.failingSince {
                return HealthCheck(
                    name: name, status: .degraded, since: since,
                    detail: "\(state?.lastError ?? "")\(waiting); try verdict alerts test \(receiver.name)")
            }
            guard let state, let last = state.lastDelivery else {
                return HealthCheck(
                    name: name, status: .ok, since: start,
                    detail: "\(receiver.address) was told nothing yet\(waiting)")
            }
            let count = state.delivered == 1 ? "1 thing" : "\(state.delivered) things"
            return HealthCheck(
                name: name, status: .ok, since: last,
                detail: "\(receiver.address) was told \(count)\(waiting)")
        }
    }
}
