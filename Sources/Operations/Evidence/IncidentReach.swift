public import Decisions

/// What whoever an incident is about got since its first decision, and what is usual for what was touched.
///
/// Read from the store when somebody asks; every part is bounded and says how far it goes.
public struct IncidentReach: Sendable, Hashable {
    /// The incident.
    public var incident: String
    /// Since when: the incident's first decision.
    public var since: Timestamp
    /// Decisions of its principals since then that were looked at, by effect.
    public var allowed = 0
    /// How many of them were denied.
    public var denied = 0
    /// How many of them were left open.
    public var conditional = 0
    /// Whether there were more than ``maximumRows``: then the newest were looked at.
    public var isCut = false
    /// What was allowed: an action on a kind, the most frequent first, at most ``maximumListed``.
    public var actions: [Counted] = []
    /// The resources that were allowed, the most frequent first, at most ``maximumListed``, and how many there are.
    public var resources: [Counted] = []
    /// How many different resources were allowed.
    public var resourceCount = 0
    /// The addresses that the decisions came from, the most frequent first, at most ``maximumListed``.
    public var addresses: [Counted] = []
    /// Other principals that came from the same addresses, whenever; those seen last first.
    public var others: [Other] = []
    /// How many others there are among the rows that were looked at.
    public var otherCount = 0
    /// Whether there were more rows of others than ``maximumRows``.
    public var othersAreCut = false
    /// When the principals were last seen; `nil` where their decisions are no longer stored.
    public var lastSeen: Timestamp?
    /// The usual day of the flagged resource before the incident; `nil` where nothing is stored of it.
    public var usualDay: UsualDay?
    /// Rows that were looked at.
    public var scanned = 0
    /// Time spent in the store, in microseconds.
    public var elapsedMicroseconds = 0.0

    /// The most rows of each part that are looked at.
    public static let maximumRows = 2_000
    /// The most values of a list.
    public static let maximumListed = 16
    /// The most principals of an incident of many that are looked at.
    public static let maximumPrincipals = 16
    /// The most addresses whose other principals are looked for.
    public static let maximumAddresses = 8

    /// A value and how often it came.
    public struct Counted: Sendable, Hashable {
        /// The value as a person reads it.
        public var name: String
        /// How often it came.
        public var count: Int
        /// A query that finds its decisions.
        public var query: String

        /// Creates a count.
        public init(name: String, count: Int, query: String) {
            self.name = name
            self.count = count
            self.query = query
        }
    }

    /// A principal that came from the same address.
    public struct Other: Sendable, Hashable {
        /// Who.
        public var principal: String
        /// How many decisions were looked at.
        public var count: Int
        /// When it was last seen there.
        public var last: Timestamp

        /// Creates one.
        public init(principal: String, count: Int, last: Timestamp) {
            self.principal = principal
            self.count = count
            self.last = last
        }
    }

    /// How many decisions a resource had in each hour of the day before the incident.
    public struct UsualDay: Sendable, Hashable {
        /// The resource: `secrets/db`.
        public var resource: String
        /// 24 counts, by hour, UTC.
        public var hours: [Int]
        /// How many decisions these are, at most ``maximumRows``, the newest.
        public var decisions: Int
        /// The oldest of them.
        public var since: Timestamp

        /// Creates a day.
        public init(resource: String, hours: [Int], decisions: Int, since: Timestamp) {
            self.resource = resource
            self.hours = hours
            self.decisions = decisions
            self.since = since
        }
    }

    /// Creates a reach that found nothing yet.
    public init(incident: String, since: Timestamp) {
        self.incident = incident
        self.since = since
    }
}
