import AnomalyDetection
import Configuration
import Console
import CursesTerminal
import DecisionLogs
import Decisions
import Delivery
import Operations
import TerminalUI
import VectorStores

/// One session of the console: terminal, store, detector, sources, monitor, from start to end.
final class ConsoleSession: Sendable {
    /// What a session is opened with.
    struct Plan: Sendable {
        /// The name in the header.
        var name: String
        /// Opens the store.
        var open: @Sendable () async throws -> any DecisionStore
        /// What the person may do.
        var access: AccessLevel
        /// Who the person is.
        var identity = Identity(name: UserName.current)
        /// What tells the stories of incidents apart.
        var grouping: Set<Settings.IncidentField>?
        /// How decisions are scored, and how the detector is watched.
        var detection = Settings.Detection()
        /// The names of stores that can be connected to.
        var storeNames: [String] = []
        /// What the session before could not do at its end; `nil` when all was well.
        var notice: String?
        /// Files to follow.
        var follow: [String] = []
        /// Whether the files named at the start are read from their first lines.
        var followFromStart = false
        /// How long followed decisions are held back to be sorted, in seconds.
        var reorderSeconds = FollowOptions.usualReorderSeconds
        /// How followed and opened logs are read.
        var parser = LineParser(format: .auto)
        /// Starts sample data and live traffic at once, with this seed.
        var demoSeed: UInt64?
        /// The incident to open on.
        var incident: String?
        /// The least recall of searches, from the configuration.
        var recall: Double?
        /// The codes that searches shall walk over, where somebody chose some.
        var quantization: QuantizationChoice?
        /// Who is told of incidents; `nil` when nobody is.
        var alerts: AlertPlan?
        /// What environment and configuration say of recording.
        var recording: RecordingSource
    }

    private let plan: Plan
    private let log = EventLog(clock: WallClock.now)
    private let board = SourceBoard(clock: WallClock.now)
    private let meter = SearchMeter()
    private let recorders = RecorderBoard()
    private let background = TaskBag()

    /// Plans a session; nothing is opened yet.
    init(_ plan: Plan) {
        self.plan = plan
    }

    /// A store that a person left for.
    struct Departure: Sendable {
        /// Its name or address.
        var store: String
        /// What could not be done at the end, such as saving to a server that is away.
        var notice: String?
    }

    /// Runs the console until the person leaves; answers the store they leave for, when it is another.
    func run(
        terminal: any TerminalUI.Terminal, themes: [Theme], lightTheme: Theme? = nil
    ) async throws -> Departure? {
        var waiting = ConsoleSnapshot()
        waiting.storeName = plan.name
        waiting.storeAddress = plan.name
        waiting.access = plan.access
        waiting.user = plan.identity.name
        waiting.isUserShared = plan.identity.isShared
        waiting.wallTime = WallClock.now()
        waiting.loading = LoadingProgress(what: "opening \(plan.name)", fraction: nil, done: 0)
        let opening = OpeningConsole(showing: waiting, persistence: Self.persistence) {
            try await self.open()
        }
        let runtime = ConsoleRuntime(
            terminal: terminal, client: opening, themes: themes, lightTheme: lightTheme,
            view: plan.incident == nil ? .overview : .anomalies,
            incident: plan.incident, home: EnvironmentVariables.value("HOME"),
            storeNames: plan.storeNames)
        let end = await runtime.run()
        opening.giveUp()
        let impatience = opening.openedAlready?.stopWaitingSoon()
        defer { impatience?.cancel() }
        await background.cancelAndWait()
        // A store that is still being read has accepted nothing: leaving it is as safe as a crash.
        if case .connect(let store) = end { return await depart(for: store, from: opening) }
        if let live = opening.openedAlready { try await live.close() }
        if case .terminated(let signal) = end { throw TerminatedBySignal(signal: signal) }
        // What the screen said is gone with it; the shell is told the same, and that it failed.
        if let failure = opening.failure { throw failure }
        return nil
    }

    /// Closes this store; what fails of that keeps nobody from another one.
    private func depart(for store: String, from opening: OpeningConsole) async -> Departure {
        guard let live = opening.openedAlready else {
            // One that opens only now is not left open behind the next one's back.
            Task { try? await opening.opened().close() }
            return Departure(store: store)
        }
        do {
            try await live.close()
            return Departure(store: store)
        } catch {
            return Departure(store: store, notice: "\(plan.name) was left: \(error)")
        }
    }

    /// A server that is away is asked again by itself; what else fails stays so until somebody mends it.
    private static let persistence = OpeningConsole.Persistence(clock: WallClock.now) { error, failures in
        guard let error = error as? StoreError, error.code == .inputOutput else { return nil }
        return min(1 << Int64(min(failures, 4)), longestPauseSeconds)
    }
    private static let longestPauseSeconds: Int64 = 15

    private func open() async throws -> LiveConsole {
        let store = try await plan.open()
        let detection = Detection.service(for: store, plan.detection, grouping: plan.grouping)
        try await detection.follow()
        let jobs = Upkeep.jobs(of: store, log: log, user: plan.identity.name)
        let tuner = Upkeep.tuner(of: store)
        let keeper = QuantizationKeeper(store: store, jobs: jobs, choosing: plan.quantization)
        let upkeep = UpkeepBoard { [log] in log.write(.warning, "upkeep", $0) }
        let pipeline = DecisionPipeline(store: store, detection: detection)
        let recording = RecordingKeeper(store: store, own: plan.recording.own, clock: WallClock.now)
        var builder = SnapshotBuilder(storeName: plan.name, access: plan.access, clock: WallClock.now)
        builder.user = plan.identity.name
        builder.isUserShared = plan.identity.isShared
        let alerts = plan.alerts
        let dispatcher = alerts.map { plan in
            Alerting.dispatcher(plan, of: store) { [log] in log.write(.warning, "alerts", $0) }
        }
        let monitor = StoreMonitor(
            builder: builder,
            sources: StoreMonitor.Sources(
                store: store, detection: detection, jobs: jobs, meter: meter, log: log, board: board,
                upkeep: upkeep, recording: recording, recorders: recorders,
                alerts: {
                    let reached = await dispatcher?.checks() ?? []
                    return reached + (alerts?.checks(at: WallClock.now()) ?? [])
                }))
        log.write(.info, "store", "opened \(store.address)")
        if !plan.parser.rules.isEmpty {
            let rules = plan.parser.rules.rules.map(\.description).joined(separator: "; ")
            log.write(.info, "ingest", "rules for what is read: \(rules)")
        }
        if let notice = plan.notice { log.write(.warning, "store", notice) }
        if let notice = await store.openingNotice { log.write(.warning, "store", notice) }
        background.add { [log] in await Detection.keepAlive(detection, log: log) }
        background.add { await monitor.run() }
        background.add { [board, log] in
            await SilenceKeeper(board: board, detection: detection, clock: WallClock.now) {
                log.write(.warning, "sources", $0)
            }.run()
        }
        background.add { [log, plan] in
            await Detection.care(for: detection, of: store, plan.detection, alertsBy: dispatcher) {
                log.write(.warning, "detector", $0)
            }
        }
        if let dispatcher { background.add { await dispatcher.run(Alerting.look(at: detection)) } }
        background.add { [log, plan] in
            await Upkeep.run(jobs: jobs, tuner: tuner, recall: plan.recall, board: upkeep, log: log)
        }
        background.add { await Upkeep.keepQuantized(keeper, board: upkeep) }
        background.add { await recording.run() }
        if plan.access == .operate {
            background.add { [plan] in await plan.recording.publish(by: recording, board: upkeep) }
        }
        if !plan.follow.isEmpty {
            startFollowing(plan.follow, into: store, fromStart: plan.followFromStart, pipeline: pipeline)
        }
        if let seed = plan.demoSeed {
            startDemo(
                seed: seed, pipeline: pipeline, detection: detection, monitor: monitor, recording: recording)
        }
        let reloading = Reloading(plan.recording)
        return LiveConsole(
            store: store, detection: detection, jobs: jobs, tuner: tuner, meter: meter, monitor: monitor,
            log: log, user: plan.identity.isShared ? nil : plan.identity.name, recording: recording,
            starters: LiveConsole.Starters(
                openLog: { path, follow in
                    try await self.openLog(path, follow: follow, into: store, pipeline: pipeline)
                },
                startDemo: {
                    self.startDemo(
                        seed: 1, pipeline: pipeline, detection: detection, monitor: monitor,
                        recording: recording)
                },
                writeFile: { text, name in try PrivateFiles.write(text, name: name) },
                reload: { [plan] in
                    try await reloading.reload(into: recording, publishing: plan.access == .operate)
                }))
    }

    private func startFollowing(
        _ paths: [String], into store: any DecisionStore, fromStart: Bool = false, pipeline: DecisionPipeline
    ) {
        let options = Following.options(
            of: store, fromStart: fromStart, reorderSeconds: plan.reorderSeconds)
        let ingester = LogIngester(pipeline: pipeline, parser: plan.parser, board: board)
        background.add { [log] in
            _ = await ingester.follow(paths, options: options, tell: { log.write($0, "ingest", $1) })
        }
    }

    private func openLog(
        _ path: String, follow: Bool, into store: any DecisionStore, pipeline: DecisionPipeline
    ) async throws {
        var leftOut = LeftOutFiles()
        let sources = LogSource.expand([path], leftOut: &leftOut)
        if let failure = LogSource.commonFailure(of: sources) { throw failure }
        if follow {
            startFollowing([path], into: store, pipeline: pipeline)
            return
        }
        if let sentence = leftOut.sentence { log.write(.warning, "ingest", "\(path): \(sentence)") }
        let ingester = LogIngester(pipeline: pipeline, parser: plan.parser, board: board)
        background.add { [log] in
            var report = IngestReport()
            do {
                try await ingester.ingest(sources, into: &report)
                log.write(
                    report.rejected == 0 ? .info : .warning, "ingest",
                    "\(path): \(grouped(report.accepted)) accepted, \(grouped(report.duplicates)) known already, "
                        + "\(grouped(report.merged)) merged, "
                        + "\(grouped(report.dropped + report.sampledOut)) left out by rules, "
                        + "\(grouped(report.rejected)) rejected")
            } catch {
                log.write(.error, "ingest", "\(path): \(error)")
            }
        }
    }

    private func startDemo(
        seed: UInt64, pipeline: DecisionPipeline, detection: DetectionService, monitor: StoreMonitor,
        recording: RecordingKeeper
    ) {
        let recorder = DecisionRecorder()
        recording.attach(recorder)
        let source = DemoSession.liveSource
        background.add { [log, board] in
            do {
                var demo = try DemoSession(
                    seed: seed, start: WallClock.now(), pipeline: pipeline, detection: detection, board: board
                )
                try await demo.fill { await monitor.setLoading($0) }
                await monitor.setLoading(nil)
                board.begin(source, following: true)
                await demo.runLive(recorder: recorder, clock: WallClock.now)
            } catch is CancellationError {
                return
            } catch {
                await monitor.setLoading(nil)
                log.write(.error, "demo", "\(error)")
            }
        }
        let worker = EmbeddingWorker(recorder: recorder, pipeline: pipeline, log: log) {
            [board] counts, newest in
            board.note(source, accepted: counts.accepted, rejected: 0, lastEvent: newest)
        }
        recorders.watch(recorder, worker.progress, as: source)
        background.add { await worker.run() }
    }
}

/// Reads the configuration again for a session, one time after the other.
private actor Reloading {
    private var source: RecordingSource

    init(_ source: RecordingSource) {
        self.source = source
    }

    func reload(into keeper: RecordingKeeper, publishing: Bool) async throws -> String {
        // What is read is kept, also when the store does not take it.
        var next = source
        defer { source = next }
        return try await next.reload(into: keeper, publishing: publishing)
    }
}

/// The console ended because a signal asked for it.
struct TerminatedBySignal: Error {
    var signal: Int32
}
