public import AnomalyDetection
public import Decisions
public import VectorStores

/// Everything the console's screens show that does not depend on what a person asked for.
///
/// Immutable; the monitor publishes a new one about every second, or when something happens.
public struct ConsoleSnapshot: Sendable, Hashable {
    /// Grows by one with each snapshot.
    public var generation: UInt64 = 0
    /// The store's name for the header: `demo`, a configured name, or the address.
    public var storeName = ""
    /// The store's address, printable.
    public var storeAddress = ""
    /// What the person may do.
    public var access = AccessLevel.operate
    /// Who acts here: the name that the history of incidents keeps; `nil` where it is not shown.
    public var user: String?
    /// Whether several people use that name, so that one says who they are before the first act.
    public var isUserShared = false
    /// Why writing is not possible, when it is not: `held by pid 812 (verdict ingest)`.
    public var readOnlyReason: String?
    /// Why the store holds no decisions, when it is a table of other rows: `the rows of public.docs are no decisions`.
    ///
    /// What is empty of incidents and denies then tells nothing, and must not look as if all were well.
    public var noDecisionsReason: String?
    /// Whether the store was read: what is empty before then is not known yet.
    public var isRead = false
    /// Whether the store answers.
    public var connection = ConnectionState.live
    /// The wall clock when this was made.
    public var wallTime = Timestamp(seconds: 0)
    /// The newest decision's time; charts of decisions end here when it is older than the window.
    public var newestDecision: Timestamp?
    /// The store in numbers.
    public var statistics = StoreStatistics()
    /// Process memory in bytes; `nil` where it must not be shown.
    public var residentBytes: Int?
    /// Share of one core this process used lately, 0 to 1; `nil` where it must not be shown.
    public var processorShare: Double?
    /// Every incident, newest activity first.
    public var incidents: [Incident] = []
    /// The live hunts with what they found, the oldest first.
    public var hunts: [HuntStatus] = []
    /// Rules and lessons, those in effect first, the newest first.
    public var taught: [TaughtItem] = []
    /// One row per tenant.
    public var tenants: [TenantSummary] = []
    /// Named series with history, in a fixed order.
    public var metrics: [MetricSeries] = []
    /// What is followed or was read.
    public var sources: [SourceSummary] = []
    /// The checks, worst first.
    public var health: [HealthCheck] = []
    /// Jobs on the store that run or ended, of every process, newest first.
    public var jobs: [JobSummary] = []
    /// The recall that is asked of searches, and the breadth chosen for it; `nil` when none is.
    public var recallSetting: RecallSetting?
    /// How many of each tenant's decisions are recorded.
    public var recording = RecordingPolicy()
    /// The newest log lines, oldest first, at most ``LogLine/maximumKept``.
    public var log: [LogLine] = []
    /// Log lines dropped because more came than are kept.
    public var logDropped = 0
    /// Loading, with how far; `nil` when everything is loaded.
    public var loading: LoadingProgress?
    /// Decisions from before this session that still wait to be scored.
    public var unscored = 0
    /// What was done to incidents here and the store did not take yet; it is tried again.
    public var unsavedActs = 0
    /// The last drill and the last pass of the detector; `nil` where that was not read.
    public var care: DetectionCare?
    /// The live recall of searches, measured against exact ones.
    public var recall: RecallSummary?
    /// Tenants that still learn: decisions seen and needed.
    public var learning: [String: LearningProgress] = [:]

    /// Creates an empty snapshot.
    public init() {}

    /// The series with a name.
    public func metric(_ name: MetricName) -> MetricSeries? {
        metrics.first { $0.name == name }
    }

    /// Incidents that wait for a person: new or reopened.
    public var openIncidents: [Incident] {
        incidents.filter(\.isOpen)
    }
}

/// What a person may do in this session.
public enum AccessLevel: String, Sendable, Hashable, CaseIterable {
    /// Look.
    case view
    /// Look and triage incidents.
    case triage
    /// Everything, rebuild and delete included.
    case operate
}

/// Whether the store answers.
public enum ConnectionState: Sendable, Hashable {
    /// It answers.
    case live
    /// It answers from what it holds here: the server that keeps it does not answer since `since`, and is asked
    /// again at `retry`; `nil` while it is being asked.
    case away(since: Timestamp, retry: Timestamp?, reason: String)
    /// It does not; the last picture is from `since`, the next try is at `retry`.
    case lost(since: Timestamp, retry: Timestamp, reason: String)
    /// It could not be opened since `since`, and there never was a picture; it is tried again at `retry`, `nil`
    /// where that would not help.
    case unopened(since: Timestamp, retry: Timestamp?, reason: String)
}

/// How far loading is.
public struct LoadingProgress: Sendable, Hashable {
    /// What is loaded: `opening the store`, `reading audit.log`.
    public var what: String
    /// 0 to 1; `nil` when the end is not known.
    public var fraction: Double?
    /// Decisions so far.
    public var done: Int

    /// Creates a progress.
    public init(what: String, fraction: Double?, done: Int) {
        self.what = what
        self.fraction = fraction
        self.done = done
    }
}

/// How far a tenant's learning is.
public struct LearningProgress: Sendable, Hashable {
    /// Decisions inserted.
    public var seen: Int
    /// Decisions needed.
    public var needed: Int

    /// Creates a progress.
    public init(seen: Int, needed: Int) {
        self.seen = seen
        self.needed = needed
    }
}

/// Recall of live searches against exact ones.
public struct RecallSummary: Sendable, Hashable {
    /// Share of the true ten nearest that were found, 0 to 1.
    public var recall: Double
    /// Searches sampled.
    public var samples: Int
    /// Seconds since the newest sample.
    public var ageSeconds: Double

    /// Creates a summary.
    public init(recall: Double, samples: Int, ageSeconds: Double) {
        self.recall = recall
        self.samples = samples
        self.ageSeconds = ageSeconds
    }
}
