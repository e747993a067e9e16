public import AnomalyDetection
import Decisions
public import VectorStores

/// What stands behind a live console: an open store, its detector, jobs, sources and monitor.
public final class LiveConsole: ConsoleClient {
    /// What a session can start on request; supplied by the program, which knows files and samples.
    public struct Starters: Sendable {
        /// Reads a log into the store.
        public var openLog: @Sendable (String, Bool) async throws -> Void
        /// Fills the store with sample data and live traffic.
        public var startDemo: @Sendable () async throws -> Void
        /// Writes a private file and returns its path.
        public var writeFile: @Sendable (String, String) async throws -> String

        /// Creates starters.
        public init(
            openLog: @escaping @Sendable (String, Bool) async throws -> Void,
            startDemo: @escaping @Sendable () async throws -> Void,
            writeFile: @escaping @Sendable (String, String) async throws -> String
        ) {
            self.openLog = openLog
            self.startDemo = startDemo
            self.writeFile = writeFile
        }
    }

    private let store: any DecisionStore
    private let detection: DetectionService
    private let jobs: JobBoard
    private let tuner: RecallTuner
    private let meter: SearchMeter
    private let monitor: StoreMonitor
    private let log: EventLog
    private let starters: Starters
    private let user: String
    private let showsTimes: Bool

    /// Joins the parts of a session.
    ///
    /// A picture that must come out the same each time leaves out how long answers took: they are
    /// then not a number.
    public init(
        store: any DecisionStore, detection: DetectionService, jobs: JobBoard, tuner: RecallTuner,
        meter: SearchMeter, monitor: StoreMonitor, log: EventLog, user: String, showsTimes: Bool = true,
        starters: Starters
    ) {
        self.store = store
        self.detection = detection
        self.jobs = jobs
        self.tuner = tuner
        self.meter = meter
        self.monitor = monitor
        self.log = log
        self.user = user
        self.showsTimes = showsTimes
        self.starters = starters
    }

    /// The newest snapshot, and each later one.
    public func snapshots() -> AsyncStream<ConsoleSnapshot> {
        let monitor = monitor
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let relay = Task {
                for await snapshot in await monitor.snapshots() { continuation.yield(snapshot) }
                continuation.finish()
            }
            continuation.onTermination = { _ in relay.cancel() }
        }
    }

    /// Answers a search, more widely or exactly where the tenant's recall is below the floor.
    public func search(_ request: SearchRequest) async throws -> SearchAnswer {
        var answer = try await monitor.recallGuard.search(request, in: store)
        meter.record(answer)
        if !showsTimes { answer.elapsedMicroseconds = .nan }
        return answer
    }

    /// Decisions by identifier; those that are gone are left out.
    public func decisions(ids: [String], tenant: String) async throws -> [StoredDecision] {
        var found: [StoredDecision] = []
        for id in ids {
            try Task.checkCancellation()
            found += try await store.entries(id: id, tenant: tenant)
        }
        return found
    }

    /// Moves an incident to a state and returns it as it now is.
    public func setState(_ state: Incident.State, ofIncident id: String) async throws -> Incident {
        let incident = try await detection.setState(state, ofIncident: id, by: user)
        log.write(.info, "triage", "\(incident.id) is \(state.rawValue) by \(user)")
        await monitor.refresh()
        return incident
    }

    /// Starts a rebuild as a job and returns its number.
    public func startRebuild(_ request: RebuildRequest) async throws -> Int {
        let id = try await jobs.startRebuild(request)
        await monitor.refresh()
        return id
    }

    /// Asks a job to stop.
    public func cancelJob(_ id: Int) async {
        await jobs.cancel(id)
        await monitor.refresh()
    }

    /// Measures recall against breadth on the live index.
    public func recallCurve(breadths: [Int]) async throws -> [RecallPoint] {
        shown(try await tuner.curve(breadths: breadths))
    }

    /// Asks for a recall, or for none, and measures which breadth has it.
    public func setRecall(_ target: Double?) async throws -> RecallTuning {
        var tuning = try await tuner.set(target)
        log.write(tuning.setting?.isReached == false ? .warning : .info, "recall", tuning.sentence)
        await monitor.refresh()
        tuning.curve = shown(tuning.curve)
        return tuning
    }

    /// A curve without its times where those are not shown.
    private func shown(_ curve: [RecallPoint]) -> [RecallPoint] {
        guard !showsTimes else { return curve }
        return curve.map { RecallPoint(breadth: $0.breadth, recall: $0.recall, p50Microseconds: .nan) }
    }

    /// Counts of the past for a chart of event time.
    public func activity(_ request: ActivityRequest) async throws -> ActivityHistory {
        try await store.activity(request)
    }

    /// Writes text to a private file and returns its path.
    public func export(_ text: String, suggestedName: String) async throws -> String {
        try await starters.writeFile(text, suggestedName)
    }

    /// Starts reading a log into the open store.
    public func openLog(path: String, follow: Bool) async throws {
        try await starters.openLog(path, follow)
    }

    /// Starts sample data and live traffic.
    public func startDemo() async throws {
        try await starters.startDemo()
    }

    /// How long who leaves waits for a server that does not say that it is away.
    private static let patience = Duration.seconds(5)

    /// Ends soon what waits for a server that does not answer, at once where it is known to be away.
    ///
    /// To be called before the end of what runs is waited for; cancelling the task calls it off. What is not written
    /// then was not acknowledged, and what was not scored is caught up when the store is opened next.
    public func stopWaitingSoon() -> Task<Void, Never> {
        Task { [store] in
            let isAway = (try? await store.statistics())?.server?.outage != nil
            if !isAway { try? await Task.sleep(for: Self.patience) }
            if !Task.isCancelled { store.stopWaiting() }
        }
    }

    /// Ends the session: stops jobs, saves what the detector knows, closes the store.
    ///
    /// Everything is closed; then the first failure is thrown, since something may not be kept.
    public func close() async throws {
        for job in await jobs.summaries() where job.state == .running { await jobs.cancel(job.id) }
        await jobs.waitUntilIdle()
        do {
            try await detection.close()
        } catch {
            await store.close()
            throw error
        }
        try await store.finish()
    }
}
