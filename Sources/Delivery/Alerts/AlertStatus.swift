public import AnomalyDetection

/// Where the alert of an incident stands.
public enum AlertStatus: String, Sendable, Hashable, CaseIterable {
    /// It waits for a person.
    case firing
    /// Somebody took it.
    case acknowledged
    /// It is done.
    case resolved

    /// The status that an incident asks for; one that is put off is somebody's until it comes back.
    public init(_ incident: Incident) {
        switch incident.state {
        case .new, .reopened: self = incident.isOpen ? .firing : .acknowledged
        case .acknowledged: self = .acknowledged
        case .resolved: self = .resolved
        }
    }

    /// The more of them is asked of a person, the higher; one alert of several incidents has the highest.
    var rank: Int {
        switch self {
        case .resolved: 0
        case .acknowledged: 1
        case .firing: 2
        }
    }
}
