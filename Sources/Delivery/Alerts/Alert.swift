public import AnomalyDetection
public import Decisions

/// What one receiver is told of one incident: facts in words, redacted as the receiver wants it.
public struct Alert: Sendable, Hashable {
    /// The name of every alert.
    public static let name = "AuthzAnomaly"
    /// The name of an alert that only tests whether alerts arrive.
    public static let testName = "AuthzAnomalyTest"
    /// The name of the alert of a drill.
    public static let drillName = "AuthzAnomalyDrill"

    /// The incident's short name: `K7F2`.
    public var incident: String
    /// Where it stands.
    public var status: AlertStatus
    /// How bad it is.
    public var severity: Incident.Severity
    /// What it is told apart by.
    public var labels: AlertLabels
    /// Tenant, principal, kind and effect in one text.
    public var groupKey: String
    /// What PagerDuty joins the events of one incident by; the same in every process.
    public var joinKey: String
    /// Why, in one sentence.
    public var summary: String
    /// The figures and the other reasons.
    public var details: String
    /// The command that opens the evidence, ready for a shell.
    public var command: String
    /// A page that says what to do; empty when there is none.
    public var runbook: String
    /// The identifier of the first member; empty when it is not kept any more.
    public var decision: String
    /// The highest score among the members; `nil` when it is not kept any more.
    public var score: Double?
    /// How many decisions it has.
    public var count: Int
    /// What was done, at most sixteen actions.
    public var actions: [String]
    /// What may be redacted: one text for each attribute that the decision has.
    public var attributes: [Attribute]
    /// When it began.
    public var starts: Timestamp
    /// When it ended; `nil` while it has not.
    public var ends: Timestamp?
    /// Who acknowledged or resolved it; empty when nobody did.
    public var person: String

    /// An attribute and what a receiver is told of it.
    public struct Attribute: Sendable, Hashable {
        /// Which one.
        public var name: AlertAttribute
        /// Its text, or that it is redacted.
        public var text: String
    }

    /// Whether it only tests whether alerts arrive.
    public var isTest: Bool { labels["alertname"] == Self.testName }
}

/// What an alert says of the store that it comes from.
public struct AlertContext: Sendable, Hashable {
    /// The store's name or address, without a password, as `--store` takes it.
    public var store: String
    /// A page that says what to do; empty when there is none.
    public var runbook: String

    /// Creates a context.
    public init(store: String, runbook: String = "") {
        self.store = store
        self.runbook = runbook
    }

    /// The command that opens the evidence of an incident.
    public func command(opening incident: String) -> String {
        "verdict console --store \(ShellWord.quoted(store)) --incident \(ShellWord.quoted(incident))"
    }

    /// The command that tells how the store and its drills are.
    var healthCommand: String { "verdict health --store \(ShellWord.quoted(store))" }
}
