public import AnomalyDetection
import Decisions
public import VectorStores

/// Watches an open store and publishes a new snapshot about every second.
///
/// Readers get the newest snapshot and never wait for the store. When the store stops answering,
/// the last snapshot goes on being published, marked as lost, and the store is asked again with
/// growing pauses for as long as it takes.
public actor StoreMonitor {
    /// What the monitor watches besides the store.
    public struct Sources: Sendable {
        /// The store.
        public var store: any DecisionStore
        /// What finds anomalies in it.
        public var detection: DetectionService
        /// The jobs.
        public var jobs: JobBoard
        /// Live searches.
        public var meter: SearchMeter
        /// The program's log.
        public var log: EventLog
        /// What is read.
        public var board: SourceBoard
        /// What keeps the store as it shall be; `nil` where nothing does.
        public var upkeep: UpkeepBoard?
        /// What gives recorders their modes; `nil` where nothing does.
        public var recording: RecordingKeeper?
        /// What recorders hold and drop; `nil` where there are none.
        public var recorders: RecorderBoard?
        /// How it goes with who is told of incidents.
        public var alerts: @Sendable () async -> [HealthCheck]

        /// Creates a set of things to watch.
        public init(
            store: any DecisionStore, detection: DetectionService,
            jobs: JobBoard, meter: SearchMeter, log: EventLog, board: SourceBoard,
            upkeep: UpkeepBoard? = nil, recording: RecordingKeeper? = nil, recorders: RecorderBoard? = nil,
            alerts: @escaping @Sendable () async -> [HealthCheck] = { [] }
        ) {
            self.store = store
            self.detection = detection
            self.jobs = jobs
            self.meter = meter
            self.log = log
            self.board = board
            self.upkeep = upkeep
            self.recording = recording
            self.recorders = recorders
            self.alerts = alerts
        }
    }

    /// Pause between snapshots.
    public static let interval = Duration.seconds(1)
    private static let longestRetrySeconds: Int64 = 30

    /// Widens the searches of tenants whose recall is below the floor; knows what the probes found.
    public nonisolated let recallGuard: RecallGuard
    private let builder: SnapshotBuilder
    private let sources: Sources
    private let probe: RecallProbe
    private var measurements = SnapshotBuilder.Measurements()
    private var processMeter = ProcessMeter()
    private var latest = ConsoleSnapshot()
    private var listeners: [Int: AsyncStream<ConsoleSnapshot>.Continuation] = [:]
    private var nextListener = 0
    private var lastTick: ContinuousClock.Instant?
    private var lostSince: Timestamp?
    private var retrySeconds: Int64 = 1
    private var lastVectors = 0
    private var loading: LoadingProgress?
    private var looks = 0
    private var lookOfLastChange = 0
    private var turns = TurnQueue()
    private var checkHistory: HealthHistory
    private var activity = ActivityLines()

    /// Creates a monitor that has not looked yet.
    public init(builder: SnapshotBuilder, sources: Sources) {
        self.builder = builder
        self.sources = sources
        recallGuard = RecallGuard(clock: builder.clock)
        probe = RecallProbe(recallGuard)
        checkHistory = HealthHistory(start: builder.clock())
        latest.storeName = builder.storeName
        latest.storeAddress = sources.store.address.description
        latest.access = builder.access
        (latest.user, latest.isUserShared) = (builder.user, builder.isUserShared)
        latest.wallTime = builder.clock()
    }

    /// Looks at the store until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let pause = await tick(measuring: true)
            try? await Task.sleep(for: pause)
        }
        for listener in listeners.values { listener.finish() }
    }

    /// The newest snapshot, and each later one; a slow reader skips the ones in between.
    public func snapshots() -> AsyncStream<ConsoleSnapshot> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConsoleSnapshot.self, bufferingPolicy: .bufferingNewest(1))
        let id = nextListener
        nextListener += 1
        listeners[id] = continuation
        continuation.onTermination = { _ in Task { await self.forget(id) } }
        continuation.yield(latest)
        return stream
    }

    /// The newest snapshot.
    public var snapshot: ConsoleSnapshot { latest }

    /// Says what is being loaded; `nil` when done.
    public func setLoading(_ progress: LoadingProgress?) {
        loading = progress
        latest.loading = progress
        publish()
    }

    /// Looks once now, for a change that a person waits to see; what is measured by the second is left alone.
    public func refresh() async {
        _ = await tick(measuring: false)
    }

    private func forget(_ id: Int) {
        listeners[id] = nil
    }

    private func publish() {
        latest.generation += 1
        for listener in listeners.values { listener.yield(latest) }
    }

    /// Looks once and says how long to wait for the next look.
    ///
    /// One look at a time, so that an older one never replaces what a newer one saw.
    func tick(measuring: Bool) async -> Duration {
        if !turns.takeIfFree() { await withCheckedContinuation { turns.wait($0) } }
        defer { turns.pass() }
        do {
            try await look(measuring: measuring)
            if lostSince != nil { sources.log.write(.info, "store", "the store answers again") }
            lostSince = nil
            retrySeconds = 1
            publish()
            return Self.interval
        } catch {
            let now = builder.clock()
            if lostSince == nil { sources.log.write(.error, "store", "the store does not answer: \(error)") }
            let since = lostSince ?? now
            lostSince = since
            latest.connection = .lost(
                since: since, retry: now.advanced(bySeconds: retrySeconds), reason: "\(error)")
            latest.wallTime = now
            publish()
            defer { retrySeconds = min(retrySeconds * 2, Self.longestRetrySeconds) }
            return .seconds(retrySeconds)
        }
    }

    private func look(measuring: Bool) async throws {
        var elapsed = 0.0
        if measuring {
            elapsed = lastTick.map { secondsBetween($0, ContinuousClock().now) } ?? 0
            lastTick = ContinuousClock().now
            measurements.residentBytes = ProcessMeter.residentBytes()
            measurements.processorShare = processMeter.processorShare()
            await probeRecall()
            measurements.recall = recallGuard.summary()
            measurements.tenantRecall = recallGuard.summaries()
        }
        let detection = await sources.detection.snapshot()
        var snapshot = try await builder.build(
            store: sources.store, detection: detection, measurements: measurements)
        let care = snapshot.noDecisionsReason == nil ? try await DetectionCare(of: sources.store) : nil
        snapshot.care = care
        if measuring { measure(snapshot.statistics, care, elapsed: elapsed) }
        for place in snapshot.metrics.indices where !snapshot.metrics[place].isEventTime {
            snapshot.metrics[place] = measurements.history.series(snapshot.metrics[place].name)
        }
        snapshot.generation = latest.generation
        snapshot.jobs = await sources.jobs.summaries()
        snapshot.recallSetting = try await RecallTuner.setting(of: sources.store)
        snapshot.recording = sources.recording?.policy ?? RecordingPolicy()
        snapshot.sources = sources.board.summaries(elapsedSeconds: elapsed)
        var ownChecks = snapshot.sources.compactMap { $0.check(at: snapshot.wallTime) }
        ownChecks += care?.checks(at: snapshot.wallTime) ?? []
        if let upkeep = sources.upkeep?.check(at: snapshot.wallTime) { ownChecks.append(upkeep) }
        ownChecks += sources.recorders?.checks(at: snapshot.wallTime) ?? []
        snapshot.health = dated(snapshot.health, ownChecks) + recallGuard.checks()
        // Who is told dates its own.
        snapshot.health += await sources.alerts()
        snapshot.health.sort { ($0.status, $1.name) > ($1.status, $0.name) }
        (snapshot.log, snapshot.logDropped) = sources.log.snapshot()
        var activity = activity
        snapshot.log = LogLine.merged(snapshot.log, try await activity.lines(of: sources.store))
        self.activity = activity
        snapshot.loading = loading
        tellOutage(from: latest.connection, to: snapshot.connection)
        latest = snapshot
    }

    /// Logs that the server which keeps the store went or came back.
    private func tellOutage(from before: ConnectionState, to now: ConnectionState) {
        switch (before, now) {
        case (.away, .away): return
        case (_, .away(_, _, let reason)):
            sources.log.write(.error, "store", "the server does not answer: \(reason)")
        case (.away, .live): sources.log.write(.info, "store", "the server answers again")
        default: return
        }
    }

    private func measure(_ statistics: StoreStatistics, _ care: DetectionCare?, elapsed: Double) {
        let reading = sources.meter.take()
        var point = statistics.metrics
        point.merge(care?.metrics ?? [:]) { _, measured in measured }
        if elapsed > 0 {
            point[.ingest] = max(0, Double(statistics.vectors - lastVectors)) / elapsed
            point[.searches] = Double(reading.searches) / elapsed
        }
        if statistics.vectors != lastVectors { lookOfLastChange = looks }
        lastVectors = statistics.vectors
        point[.searchP50] = reading.all.quantile(0.5)
        point[.searchP99] = reading.all.quantile(0.99)
        point[.recall] = measurements.recall.map { $0.recall * 100 }
        point[.processor] = measurements.processorShare.map { $0 * 100 }
        measurements.history.append(point, at: builder.clock())
    }

    /// One probe every other second while decisions come, so that the figure is never old; a store
    /// at rest would give the same answers again and is asked every tenth.
    private func probeRecall() async {
        looks += 1
        let isAtRest = looks - lookOfLastChange > 2 * RecallProbe.newest
        guard looks % (isAtRest ? 10 : 2) == 0 else { return }
        let change = try? await probe.takeTurn(
            in: sources.store, tenants: latest.tenants.map(\.statistics), breadth: latest.statistics.index.ef)
        guard let change else { return }
        let level: LogLine.Level = change.step == .usual ? .info : .warning
        sources.log.write(level, "recall", "\(change.scope.name): \(change.step.sentence)")
    }

    /// All checks; those that are not the store's, which dates its own, since when they are as they are.
    private func dated(_ checks: [HealthCheck], _ own: [HealthCheck]) -> [HealthCheck] {
        let isDetector = { (check: HealthCheck) in check.name == SnapshotBuilder.detectorCheckName }
        return checks.filter { !isDetector($0) }
            + checkHistory.dated(checks.filter(isDetector) + own, at: builder.clock())
    }
}

/// Seconds between two instants.
func secondsBetween(_ start: ContinuousClock.Instant, _ end: ContinuousClock.Instant) -> Double {
    let elapsed = end - start
    return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
}
