public import AnomalyDetection
public import Decisions
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
        /// Reads the configuration again and says in a sentence what came of it.
        public var reload: @Sendable () async throws -> String

        /// Creates starters.
        public init(
            openLog: @escaping @Sendable (String, Bool) async throws -> Void,
            startDemo: @escaping @Sendable () async throws -> Void,
            writeFile: @escaping @Sendable (String, String) async throws -> String,
            reload: @escaping @Sendable () async throws -> String = { "there is no configuration to read" }
        ) {
            self.openLog = openLog
            self.startDemo = startDemo
            self.writeFile = writeFile
            self.reload = reload
        }
    }

    let store: any DecisionStore
    let detection: DetectionService
    private let jobs: JobBoard
    private let tuner: RecallTuner
    private let meter: SearchMeter
    let monitor: StoreMonitor
    private let log: EventLog
    private let recording: RecordingKeeper?
    private let starters: Starters
    let user: String?
    let showsTimes: Bool
    /// Who did what is not asked of a shared account.
    private static let somebody = "a shared account"

    /// Joins the parts of a session.
    ///
    /// A picture that must come out the same each time leaves out how long answers took: they are
    /// then not a number. Without a `user`, whose account is shared, each act says whose it is.
    public init(
        store: any DecisionStore, detection: DetectionService, jobs: JobBoard, tuner: RecallTuner,
        meter: SearchMeter, monitor: StoreMonitor, log: EventLog, user: String?, showsTimes: Bool = true,
        recording: RecordingKeeper? = nil, starters: Starters
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
        self.recording = recording
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

    /// Does something to incidents and returns them as they now are.
    public func triage(_ order: TriageOrder, by person: String?) async throws -> TriageOutcome {
        guard let who = person ?? user else {
            throw IncidentError(.readOnly, "several people use this account: say who you are first")
        }
        let outcome =
            switch order.deed {
            case .act(let act): try await detection.perform(act, on: order.incidents, by: who)
            case .undo: try await detection.undo(incidents: order.incidents, by: who, only: who)
            }
        if let reason = outcome.unsaved { log.write(.warning, "triage", reason) }
        await monitor.refresh()
        return outcome
    }

    /// Does something to rules and lessons and returns what it was done to as it now is.
    public func teach(_ order: TaughtOrder, by person: String?) async throws -> TaughtItem {
        guard let who = person ?? user else {
            throw IncidentError(.readOnly, "several people use this account: say who you are first")
        }
        let item =
            switch order {
            case .suppress(let draft): try await detection.suppress(draft, by: who)
            case .withdraw(let id): try await detection.withdraw(id, by: who)
            case .restore(let id): try await detection.restore(id, by: who)
            }
        await monitor.refresh()
        return item
    }

    /// What tuning is rehearsed on.
    public func tuningHistory() async throws -> TuningHistory {
        try await detection.tuningHistory()
    }

    /// Starts a rebuild as a job and returns its number.
    public func startRebuild(_ request: RebuildRequest, by person: String?) async throws -> Int {
        let id = try await jobs.startRebuild(request, by: person)
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
    public func setRecall(_ target: Double?, by person: String?) async throws -> RecallTuning {
        var tuning = try await tuner.set(target, by: person ?? user ?? Self.somebody)
        log.write(tuning.setting?.isReached == false ? .warning : .info, "recall", tuning.sentence)
        await monitor.refresh()
        tuning.curve = shown(tuning.curve)
        return tuning
    }

    /// Sets how many of a tenant's decisions are recorded, of all others' where none is named.
    public func setRecording(
        _ mode: RecordingMode?, tenant: String?, by person: String?
    ) async throws -> RecordingPolicy {
        guard let recording else { throw StoreError(.unsupported, "nothing is recorded here") }
        let who = person ?? user ?? Self.somebody
        let policy = try await recording.set(mode, tenant: tenant, by: who)
        let name = tenant.map { $0.isEmpty ? "(none)" : $0 } ?? RecordingPolicy.everyTenant
        log.write(
            .info, "recording", "\(name): \(mode.map { "\($0)" } ?? "as configured"), set by \(who)")
        await monitor.refresh()
        return policy
    }

    /// Reads the configuration again.
    public func reload(by person: String?) async throws -> String {
        let sentence = try await starters.reload()
        log.write(.info, "configuration", sentence)
        if await store.capabilities.readOnlyReason == nil {
            let event = ActivityEvent(
                time: log.clock(), who: person ?? user ?? Self.somebody, act: "reload",
                subject: "the configuration", after: .string(sentence))
            do {
                try await ActivityLog.append([event], to: store)
            } catch {
                // What was read counts already: that it could not be told undoes nothing.
                log.write(.warning, "activity", "the activity log could not be told of a reload: \(error)")
            }
        }
        await monitor.refresh()
        return sentence
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

    /// The policies of a tenant or of all, and which of them decide alike, from the newest decisions.
    public func policies(tenant: String?) async throws -> PolicyReport {
        try await PolicyReading.newest(of: store, tenant: tenant)
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
