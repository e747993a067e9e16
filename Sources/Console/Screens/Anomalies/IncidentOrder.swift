import AnomalyDetection

/// Which of two incidents stands first in the inbox.
enum IncidentOrder {
    /// Whether the left one stands first; ties fall to the identifier, so that rows never flicker.
    static func precedes(_ left: Incident, _ right: Incident, _ order: AnomaliesState.Order) -> Bool {
        switch order {
        case .severity:
            if rank(left) != rank(right) { return rank(left) < rank(right) }
            if left.severity != right.severity { return left.severity > right.severity }
        case .count: if left.count != right.count { return left.count > right.count }
        case .tenant: if left.key.tenant != right.key.tenant { return left.key.tenant < right.key.tenant }
        case .newest: break
        }
        if left.last != right.last { return left.last > right.last }
        return left.id < right.id
    }

    /// What waits for a person comes before what somebody took, and that before what is done.
    private static func rank(_ incident: Incident) -> Int {
        switch incident.state {
        case .new, .reopened: 0
        case .acknowledged: 1
        case .resolved: 2
        }
    }
}
