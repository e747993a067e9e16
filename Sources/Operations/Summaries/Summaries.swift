public import Decisions
public import VectorStores

/// One tenant as the console's table shows it.
public struct TenantSummary: Sendable, Hashable, Identifiable {
    /// The tenant; `""` for decisions without one.
    public var id: String
    /// The store's counts.
    public var statistics: TenantStatistics
    /// Incidents that wait for a person.
    public var openIncidents: Int
    /// Anomalous decisions.
    public var anomalies: Int
    /// Decisions per bucket of the overview's window, oldest first.
    public var activity: [Int]
    /// Recall of the searches sampled in the last hour; `nil` when none was.
    public var recall: TenantRecallSummary?

    /// Creates a summary.
    public init(
        statistics: TenantStatistics, openIncidents: Int = 0, anomalies: Int = 0, activity: [Int] = [],
        recall: TenantRecallSummary? = nil
    ) {
        id = statistics.tenant
        self.statistics = statistics
        self.openIncidents = openIncidents
        self.anomalies = anomalies
        self.activity = activity
        self.recall = recall
    }
}

/// A number over time, evenly spaced.
public struct MetricSeries: Sendable, Hashable {
    /// Which number.
    public var name: MetricName
    /// What a person reads above the chart: `Decisions/s`.
    public var title: String
    /// The unit, for values: `/s`, `%`, `µs`, `B`, or empty.
    public var unit: String
    /// Whether the time axis is event time; wall time otherwise.
    public var isEventTime: Bool
    /// When the last point ends.
    public var end: Timestamp
    /// Seconds per point.
    public var step: Double
    /// The values, oldest first; `nil` where nothing was measured.
    public var values: [Double?]

    /// The newest value that was measured.
    public var latest: Double? { values.last { $0 != nil } ?? nil }
    /// The highest value.
    public var peak: Double? { values.compactMap { $0 }.max() }

    /// Creates a series.
    public init(
        name: MetricName, title: String, unit: String, isEventTime: Bool, end: Timestamp, step: Double,
        values: [Double?]
    ) {
        self.name = name
        self.title = title
        self.unit = unit
        self.isEventTime = isEventTime
        self.end = end
        self.step = step
        self.values = values
    }
}

/// Something decisions are read from.
public struct SourceSummary: Sendable, Hashable, Identifiable {
    /// The file, directory or generator.
    public var id: String
    /// What it is doing.
    public var state: State
    /// The newest decision it gave.
    public var lastEvent: Timestamp?
    /// Seconds the newest decision is behind the wall clock.
    public var lagSeconds: Double?
    /// Decisions per second lately.
    public var ratePerSecond: Double
    /// Decisions accepted in all.
    public var accepted: Int
    /// Decisions that were there already.
    public var duplicates: Int
    /// Lines rejected in all.
    public var rejected: Int
    /// Decisions that rules leave out, in all.
    public var leftOut = 0
    /// The newest rejection: where and why.
    public var lastReject: String?
    /// When it last gave something, by the wall clock; `nil` before.
    public var lastHeard: Timestamp?
    /// The longest pause that is usual for it, in seconds; 0 before one is known.
    public var longestGapSeconds: Int64 = 0
    /// Decisions that were older than what had gone on already.
    public var late = 0
    /// Decisions that were later than the clock of this machine.
    public var ahead = 0
    /// By how many seconds at most.
    public var aheadSeconds: Int64 = 0
    /// When the last of them came.
    public var lastAhead: Timestamp?
    /// Stretches of its time without a decision, longer than it is usually quiet.
    public var gaps = 0
    /// The last of them.
    public var lastGap: LogGap?
    /// When that was noticed.
    public var lastGapNoticed: Timestamp?

    /// What a source is doing.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Followed, and heard.
        case following
        /// To be followed, and not there yet.
        case waiting
        /// Being read.
        case reading
        /// Read to its end, not followed.
        case done
        /// Followed, and quiet for longer than usual.
        case silent
        /// Could not be read.
        case failed
    }

    /// Creates a summary.
    public init(
        id: String, state: State, lastEvent: Timestamp? = nil, lagSeconds: Double? = nil,
        ratePerSecond: Double = 0, accepted: Int = 0, duplicates: Int = 0, rejected: Int = 0,
        lastReject: String? = nil
    ) {
        self.id = id
        self.state = state
        self.lastEvent = lastEvent
        self.lagSeconds = lagSeconds
        self.ratePerSecond = ratePerSecond
        self.accepted = accepted
        self.duplicates = duplicates
        self.rejected = rejected
        self.lastReject = lastReject
    }
}

/// A long piece of work, running or ended.
public struct JobSummary: Sendable, Hashable, Identifiable {
    /// Its number in the store.
    public var id: Int
    /// What it does: `rebuild m=16 ef-construction=200`.
    public var title: String
    /// Where it is.
    public var state: State
    /// What it is doing: `building`.
    public var phase: String
    /// What of the phase it is doing; empty where the phase says it.
    public var detail = ""
    /// Share of the phase done, 0 to 1.
    public var fraction: Double
    /// Seconds since it started, or that it took.
    public var elapsedSeconds: Double
    /// Seconds still to go; `nil` when not known.
    public var remainingSeconds: Double?
    /// What a finished rebuild changed.
    public var report: RebuildReport?
    /// Who ran it; `nil` for a job of this process.
    public var owner: JobOwner?

    /// Where a job is.
    public enum State: Sendable, Hashable {
        /// Running.
        case running
        /// Asked to stop.
        case cancelling
        /// Done.
        case done
        /// Stopped on request; the old index serves.
        case cancelled
        /// Stopped by an error; the old index serves.
        case failed(String)
        /// Nothing is heard any more of the process that ran it.
        case orphaned
    }

    /// Creates a summary.
    public init(
        id: Int, title: String, state: State, phase: String = "", fraction: Double = 0,
        elapsedSeconds: Double = 0, remainingSeconds: Double? = nil, report: RebuildReport? = nil,
        owner: JobOwner? = nil
    ) {
        self.id = id
        self.title = title
        self.state = state
        self.phase = phase
        self.fraction = fraction
        self.elapsedSeconds = elapsedSeconds
        self.remainingSeconds = remainingSeconds
        self.report = report
        self.owner = owner
    }

    /// Whether it runs, as far as is known.
    public var isRunning: Bool { state == .running || state == .cancelling }
}

/// One line of the program's own log.
public struct LogLine: Sendable, Hashable {
    /// When, by the wall clock.
    public var time: Timestamp
    /// How serious.
    public var level: Level
    /// Which part of the program: `store`, `ingest`.
    public var label: String
    /// What happened.
    public var message: String

    /// The most lines kept for the Log view.
    public static let maximumKept = 2_000

    /// How serious a line is.
    public enum Level: String, Sendable, Hashable, CaseIterable {
        /// For developers.
        case debug
        /// As expected, worth knowing.
        case info
        /// Not as it should be.
        case warning
        /// Something failed.
        case error
    }

    /// Creates a line.
    public init(time: Timestamp, level: Level, label: String, message: String) {
        self.time = time
        self.level = level
        self.label = label
        self.message = message
    }
}
