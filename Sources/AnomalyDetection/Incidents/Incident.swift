public import Decisions

/// Anomalies that are the same story, triaged as one.
public struct Incident: Sendable, Hashable, Identifiable {
    /// Four characters that are easy to say: `K7F2`; longer when those are taken.
    public var id: String
    /// What makes two anomalies the same story.
    public var key: Key
    /// Where its triage stands.
    public var state: State
    /// How bad it is.
    public var severity: Severity
    /// How many decisions it has: anomalies, and what followed them in the same story.
    public var count: Int
    /// The earliest member's time.
    public var first: Timestamp
    /// The latest member's time.
    public var last: Timestamp
    /// The highest score among its members.
    public var score: Double
    /// Why, in words, from its strangest member.
    public var why: [String]
    /// The members' identifiers in the order they came, at most ``maximumMembers`` and
    /// ``maximumMemberBytes``; `count` tells all.
    public var members: [String]
    /// Why it was flagged, from its strangest member.
    public var evidence: Evidence
    /// What of the watching itself it tells; `nil` when it is of anomalies alone.
    public var signal: Signal.Standing?
    /// Whether the periodic pass found it, and not streaming.
    public var isFoundByPass = false
    /// The distinct resources of its members, at most 32, and how many there were.
    public var resources: [String]
    /// How many distinct resources its members touched.
    public var resourceCount: Int
    /// The distinct actions of its members, at most 16.
    public var actions: [String]
    /// The distinct source addresses of its members, at most 16.
    public var addresses: [String]
    /// What it turned out to be, once somebody said so.
    public var resolution: Resolution?
    /// Until when it waits for nobody.
    public var snooze: Snooze?
    /// Who works on it.
    public var assignee: String?
    /// What people wrote down, oldest first, at most ``maximumNotes``.
    public var notes: [Note]
    /// What people did to it, oldest first.
    public var history: [TriageEntry]
    /// Grows with each change; a writer names the one it saw.
    public var revision: UInt64

    /// The most member identifiers kept.
    public static let maximumMembers = 1_000
    /// The most bytes of member identifiers kept past the first one.
    public static let maximumMemberBytes = 1 << 20

    /// What makes two anomalies the same story.
    ///
    /// Names are compared by their bytes, so that no story takes in another tenant's decisions.
    public struct Key: Sendable, Hashable {
        /// The tenant.
        public var tenant: String
        /// The principal.
        public var principal: String
        /// The resource kind.
        public var kind: String
        /// The effect.
        public var effect: Effect

        /// Creates a key.
        public init(tenant: String, principal: String, kind: String, effect: Effect) {
            self.tenant = tenant
            self.principal = principal
            self.kind = kind
            self.effect = effect
        }

        /// Whether all four are the same.
        public static func == (lhs: Key, rhs: Key) -> Bool {
            lhs.effect == rhs.effect && lhs.names == rhs.names
        }

        /// Feeds all four to the hasher.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(effect)
            hasher.combine(names)
        }

        private var names: [ByteKey] { [ByteKey(tenant), ByteKey(principal), ByteKey(kind)] }
    }

    /// Where triage stands.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Nobody looked yet.
        case new
        /// Somebody took it.
        case acknowledged
        /// Done.
        case resolved
        /// It came back after it was resolved.
        case reopened
    }

    /// Whether it waits for a person: new or reopened, and not put off.
    public var isOpen: Bool { (state == .new || state == .reopened) && snooze == nil }

    /// How bad an incident is, from least to worst.
    public enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
        /// Strange, nothing sensitive.
        case low
        /// Strange enough to look at today.
        case medium
        /// Look now.
        case high
        /// Wake somebody.
        case critical

        /// Whether the left is less bad.
        public static func < (lhs: Severity, rhs: Severity) -> Bool {
            lhs.rank < rhs.rank
        }

        private var rank: Int {
            switch self {
            case .low: 0
            case .medium: 1
            case .high: 2
            case .critical: 3
            }
        }
    }

    /// Creates an incident from its first anomaly; the rest starts empty.
    public init(
        id: String, key: Key, severity: Severity, time: Timestamp, score: Double, why: [String],
        member: String, evidence: Evidence
    ) {
        self.id = id
        self.key = key
        state = .new
        self.severity = severity
        count = 1
        first = time
        last = time
        self.score = score
        self.why = why
        members = [member]
        self.evidence = evidence
        resources = []
        resourceCount = 0
        actions = []
        addresses = []
        notes = []
        history = []
        revision = 0
    }
}
