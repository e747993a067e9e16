import AnomalyDetection
import Decisions

/// What an incident is sorted by; incidents themselves are too large to be moved about.
struct IncidentOrder {
    /// Its place among the incidents given.
    let place: Int
    private let rank: Int
    private let severity: Incident.Severity
    private let count: Int
    private let tenant: String
    private let first: Timestamp
    private let last: Timestamp
    private let id: String

    private init(_ incident: Incident, place: Int) {
        self.place = place
        rank = Self.rank(incident.state)
        severity = incident.severity
        count = incident.count
        tenant = incident.key.tenant
        first = incident.first
        last = incident.last
        id = incident.id
    }

    /// Incidents in an order.
    static func sorted(_ incidents: [Incident], by order: AnomaliesState.Order) -> [Incident] {
        incidents.indices.map { IncidentOrder(incidents[$0], place: $0) }
            .sorted { $0.precedes($1, order) }
            .map { incidents[$0.place] }
    }

    /// Whether this one stands first; ties fall to the identifier, so that rows never flicker.
    private func precedes(_ other: IncidentOrder, _ order: AnomaliesState.Order) -> Bool {
        switch order {
        case .severity:
            if rank != other.rank { return rank < other.rank }
            if severity != other.severity { return severity > other.severity }
            // By when it began: two that go on would change places with each of their decisions.
            if first != other.first { return first > other.first }
        case .count: if count != other.count { return count > other.count }
        case .tenant: if tenant != other.tenant { return tenant < other.tenant }
        case .newest: break
        }
        if last != other.last { return last > other.last }
        return id < other.id
    }

    /// What waits for a person comes before what somebody took, and that before what is done.
    private static func rank(_ state: Incident.State) -> Int {
        switch state {
        case .new, .reopened: 0
        case .acknowledged: 1
        case .resolved: 2
        }
    }
}
