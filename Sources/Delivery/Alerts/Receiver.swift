public import AnomalyDetection
import Decisions

/// Somebody who is told of incidents, and of which.
public struct Receiver: Sendable, Hashable {
    /// What a receiver understands.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Alertmanager, API v2.
        case alertmanager
        /// A web hook that takes version 4 of Alertmanager's body.
        case webhook
        /// PagerDuty, Events API v2.
        case pagerduty
        /// Slack's incoming webhooks, and what understands them.
        case slack
    }

    /// Its name in the configuration.
    public let name: String
    /// What it understands.
    public let kind: Kind
    /// Where it listens.
    public let address: ReceiverAddress
    /// The user of Alertmanager's basic authentication.
    public var user: String?
    /// PagerDuty's routing key, the webhook's signing key, Alertmanager's password or bearer token.
    public var secret: Secret?
    /// The least severity it is told of.
    public var minimumSeverity = Incident.Severity.low
    /// The tenants it is told of; empty for all.
    public var tenants: [String] = []
    /// How many alerts it gets at most.
    public var rate = RateLimit.usual
    /// What of the decision it is told.
    public var attributes: Set<AlertAttribute> = []
    /// Whether it gets the alerts of drills, and not only what happened.
    public var wantsDrills = false

    /// Creates a receiver that is told of everything, with every attribute redacted.
    public init(name: String, kind: Kind, address: ReceiverAddress) {
        self.name = name
        self.kind = kind
        self.address = address
    }

    /// Whether it is to be told of an incident.
    func wants(_ incident: Incident) -> Bool {
        incident.severity >= minimumSeverity
            && (tenants.isEmpty || tenants.contains { Array($0.utf8) == Array(incident.key.tenant.utf8) })
    }

    /// What the alerts of one story are told apart by there: incidents of one story are one alert where
    /// labels identify it, and alerts of their own elsewhere.
    func identity(of incident: Incident) -> String {
        let key = incident.key
        let story = Fingerprint.of([key.tenant, key.principal, key.kind, key.effect.rawValue])
        return kind.joinsStories ? story : "\(incident.id)-\(story)"
    }
}

extension Receiver.Kind {
    /// Whether labels identify an alert, which two incidents of one story then share.
    var joinsStories: Bool { self == .alertmanager || self == .webhook }

    /// Whether it can be told that somebody took an alert.
    var tellsAcknowledgement: Bool { self != .webhook }

    /// Whether an alert lapses there unless it is sent again.
    var lapses: Bool { self == .alertmanager }
}
