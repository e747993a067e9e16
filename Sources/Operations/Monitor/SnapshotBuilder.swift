public import AnomalyDetection
public import Decisions
public import VectorStores

/// Puts together what the screens show from what the store, the detector and the process say.
public struct SnapshotBuilder: Sendable {
    /// The window of the overview's charts, in seconds.
    public static let windowSeconds: Int64 = 1_800
    /// Seconds per point of the overview's charts.
    public static let stepSeconds: Int64 = 5

    /// What the running process measures about itself.
    ///
    /// A picture drawn without a running process leaves it out, and the screens show a dash.
    public struct Measurements: Sendable {
        /// Numbers over wall time.
        public var history = MetricHistory()
        /// Bytes resident.
        public var residentBytes: Int?
        /// Share of one core.
        public var processorShare: Double?
        /// Live recall.
        public var recall: RecallSummary?
        /// Live recall of each tenant that was sampled.
        public var tenantRecall: [ByteKey: TenantRecallSummary] = [:]

        /// Creates empty measurements.
        public init() {}
    }

    /// The store's name for the header.
    public var storeName: String
    /// What the person may do.
    public var access: AccessLevel
    /// Who acts here; `nil` where it is not shown.
    public var user: String?
    /// Whether several people use that name.
    public var isUserShared = false
    /// The wall clock.
    public var clock: @Sendable () -> Timestamp

    /// Creates a builder.
    public init(storeName: String, access: AccessLevel, clock: @escaping @Sendable () -> Timestamp) {
        self.storeName = storeName
        self.access = access
        self.clock = clock
    }

    /// Log lines and the newest acts that a store keeps, by time.
    public static func log(
        _ lines: [LogLine], withActivityOf store: any RecordStore
    ) async throws -> [LogLine] {
        var activity = ActivityLines()
        return LogLine.merged(lines, try await activity.lines(of: store))
    }

    /// Asks the store and puts a snapshot together; log, jobs and sources are the caller's to add.
    public func build(
        store: any VectorStore, detection: DetectionSnapshot, measurements: Measurements
    ) async throws -> ConsoleSnapshot {
        var snapshot = ConsoleSnapshot()
        snapshot.storeName = storeName
        snapshot.storeAddress = store.address.description
        snapshot.access = access
        (snapshot.user, snapshot.isUserShared) = (user, isUserShared)
        let capabilities = await store.capabilities
        let holdsDecisions = capabilities.holdsDecisions
        snapshot.readOnlyReason = capabilities.readOnlyReason
        snapshot.noDecisionsReason = capabilities.noDecisionsReason
        snapshot.wallTime = clock()
        snapshot.statistics = try await store.statistics()
        snapshot.connection = Self.connection(snapshot.statistics.server, at: snapshot.wallTime)
        snapshot.newestDecision = snapshot.statistics.newestDecision
        snapshot.residentBytes = measurements.residentBytes
        snapshot.processorShare = measurements.processorShare
        snapshot.recall = measurements.recall
        snapshot.incidents = detection.incidents.sorted { ($0.last, $0.id) > ($1.last, $1.id) }
        snapshot.hunts = detection.hunts
        snapshot.taught = detection.taught
        snapshot.unscored = detection.unscored
        snapshot.unsavedActs = detection.unsavedActs
        snapshot.learning = detection.learning.mapValues { seen in
            LearningProgress(seen: seen, needed: detection.warmUpDecisions)
        }
        snapshot.health = try await Self.checks(
            of: store, detection: detection, isWatching: true, at: snapshot.wallTime)
        snapshot.isRead = true
        let end = Self.windowEnd(wallTime: snapshot.wallTime, newest: snapshot.newestDecision)
        snapshot.tenants = try await tenants(
            of: store, detection: detection, end: holdsDecisions ? end : nil)
        for place in snapshot.tenants.indices {
            snapshot.tenants[place].recall = measurements.tenantRecall[ByteKey(snapshot.tenants[place].id)]
        }
        if holdsDecisions { snapshot.metrics = try await eventSeries(of: store, end: end) }
        for name in MetricName.allCases
        where !name.isEventTime && name.isKnown(holdsDecisions: holdsDecisions) {
            snapshot.metrics.append(measurements.history.series(name))
        }
        return snapshot
    }

    /// Whether the server that keeps a store answers; a store without one does.
    static func connection(_ server: ServerReport?, at now: Timestamp) -> ConnectionState {
        guard let server, let outage = server.outage else { return .live }
        return .away(
            since: now.advanced(bySeconds: -Int64(min(server.mirrorAgeSeconds, 1e9))),
            retry: outage.retrySeconds.map { now.advanced(bySeconds: Int64(min($0, 1e9).rounded(.up))) },
            reason: outage.reason)
    }

    /// Where charts of event time end: now, or at the newest decision when that left the window.
    public static func windowEnd(wallTime: Timestamp, newest: Timestamp?) -> Timestamp {
        guard let newest else { return wallTime }
        let isStale = wallTime.seconds - newest.seconds > windowSeconds || newest > wallTime
        return isStale ? newest : wallTime
    }

    /// The tenants, with their activity up to an end where decisions are held.
    private func tenants(
        of store: any VectorStore, detection: DetectionSnapshot, end: Timestamp?
    ) async throws -> [TenantSummary] {
        var open: [ByteKey: Int] = [:]
        for incident in detection.incidents where incident.isOpen {
            open[ByteKey(incident.key.tenant), default: 0] += 1
        }
        var summaries: [TenantSummary] = []
        for statistics in try await store.tenants() {
            let tenant = ByteKey(statistics.tenant)
            summaries.append(
                TenantSummary(
                    statistics: statistics, openIncidents: open[tenant] ?? 0,
                    anomalies: detection.anomalies[tenant] ?? 0))
        }
        guard let end else { return summaries }
        // Sparklines cost one scan each, so only the largest tenants, which are drawn, get one.
        let largest = summaries.indices.sorted {
            summaries[$0].statistics.vectors > summaries[$1].statistics.vectors
        }
        for place in largest.prefix(Self.tenantsWithActivity) {
            let request = ActivityRequest(
                tenant: summaries[place].id, from: end.advanced(bySeconds: 1 - Self.windowSeconds),
                bucketSeconds: Self.windowSeconds / Self.tenantBuckets, buckets: Int(Self.tenantBuckets))
            summaries[place].activity = try await store.activity(request).decisions
        }
        return summaries
    }

    /// The checks of a store, of its detector and others, worst first.
    ///
    /// Who watches asks again and again, and does without the checks that cost a server much.
    public static func checks(
        of store: any VectorStore, detection: DetectionSnapshot, adding others: [HealthCheck] = [],
        isWatching: Bool = false, at time: Timestamp
    ) async throws -> [HealthCheck] {
        var checks = try await isWatching ? store.watchedHealth() : store.health()
        // Where there are no decisions nobody scores, and nobody need.
        if await store.capabilities.holdsDecisions { checks.append(detectorCheck(detection, at: time)) }
        checks += others
        return checks.sorted { $0.status == $1.status ? $0.name < $1.name : $0.status > $1.status }
    }

    /// What the check of the detector is called.
    static let detectorCheckName = "detector"

    private static func detectorCheck(_ detection: DetectionSnapshot, at time: Timestamp) -> HealthCheck {
        var detail =
            switch detection.role {
            case .detecting where detection.unscored > 0:
                "\(PrintedNumber.counted(detection.unscored, "decision")) from before still to be scored"
            case .detecting: "this process scores what comes in"
            case .following: "incidents are shown; whoever writes the store scores"
            case .idle:
                detection.holder.map { "process \($0.processID) on \($0.host) scores what comes in" }
                    ?? "nobody scores now; ingest and the console do"
            }
        if let problem = detection.problems.last { detail += "; last problem: \(problem)" }
        return HealthCheck(
            name: detectorCheckName, status: detection.problems.isEmpty ? .ok : .degraded, since: time,
            detail: detail)
    }

    private static let tenantsWithActivity = 12
    private static let tenantBuckets: Int64 = 30

    private func eventSeries(
        of store: any VectorStore, end: Timestamp
    ) async throws -> [MetricSeries] {
        let buckets = Int(Self.windowSeconds / Self.stepSeconds)
        let from = end.advanced(bySeconds: 1 - Self.windowSeconds)
        let activity = try await store.activity(
            ActivityRequest(from: from, bucketSeconds: Self.stepSeconds, buckets: buckets))
        return Self.eventSeries(activity, end: end, step: Double(Self.stepSeconds))
    }

    /// The series of event time that counts per bucket give.
    public static func eventSeries(
        _ activity: ActivityHistory, end: Timestamp, step: Double
    ) -> [MetricSeries] {
        let rates = activity.decisions.map { Optional(Double($0) / step) }
        let denies = zip(activity.decisions, activity.denies).map { all, denied in
            all == 0 ? nil : Double(denied) / Double(all) * 100
        }
        func series(_ name: MetricName, _ values: [Double?]) -> MetricSeries {
            MetricSeries(
                name: name, title: name.title, unit: name.unit, isEventTime: true, end: end, step: step,
                values: values)
        }
        return [series(.decisions, rates), series(.denyRate, denies)]
    }
}
