extension Settings {
    /// Who is told of incidents.
    public struct Alerts: Sendable, Equatable {
        /// A page that says what to do.
        public var runbook: String?
        /// Who is told, in the order of the file.
        public var receivers: [AlertReceiver] = []

        /// Nobody.
        public init() {}
    }

    /// Where a value comes from that may be a secret.
    public enum ValueSource: Sendable, Equatable {
        /// The configuration itself.
        case text(String)
        /// A variable of the environment.
        case environment(String)
        /// A file that only its owner may read.
        case file(String)
    }

    /// What a receiver of alerts understands.
    public enum AlertKind: String, Sendable, CaseIterable {
        /// Alertmanager, API v2.
        case alertmanager
        /// A web hook that takes version 4 of Alertmanager's body.
        case webhook
        /// PagerDuty, Events API v2.
        case pagerduty
        /// Slack's incoming webhooks, and what understands them.
        case slack
    }

    /// How bad an incident must be.
    public enum AlertSeverity: String, Sendable, CaseIterable {
        /// Every one.
        case low
        /// Medium or worse.
        case medium
        /// High or worse.
        case high
        /// Only the worst.
        case critical
    }

    /// What of a decision is redacted unless it is listed.
    public enum AlertAttribute: String, Sendable, CaseIterable {
        /// The roles and groups of the principal.
        case roles
        /// The resources that were touched.
        case resources
        /// The addresses that it came from.
        case addresses
        /// The client program.
        case agent
        /// The policies that decided.
        case policies
        /// What the log says besides.
        case attrs
    }

    /// Somebody who is told of incidents.
    public struct AlertReceiver: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Where it stands in the file.
        public let line: Int
        /// What it understands.
        public let kind: AlertKind
        /// Where it listens; `nil` for PagerDuty's usual address.
        public var address: ValueSource?
        /// The user of basic authentication.
        public var user: String?
        /// Its key or password.
        public var secret: ValueSource?
        /// How bad an incident must be.
        public var severity = AlertSeverity.low
        /// The tenants it is told of; empty for all.
        public var tenants: [String] = []
        /// How much it gets at most: `60/h`.
        public var rate: String?
        /// What is not redacted.
        public var attributes: [AlertAttribute] = []
        /// Whether it gets the alerts of drills.
        public var drills = false

        /// A receiver without an address.
        public init(name: String, line: Int, kind: AlertKind) {
            self.name = name
            self.line = line
            self.kind = kind
        }
    }
}
