import AnomalyDetection
import Configuration
import Console
import CursesTerminal
import DecisionLogs
import Decisions
import Operations
import TerminalUI
import VectorStores

#if canImport(Glibc)
    import Glibc
#endif

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
        /// The names of stores that can be connected to.
        var storeNames: [String] = []
        /// What the session before could not do at its end; `nil` when all was well.
        var notice: String?
        /// Files to follow.
        var follow: [String] = []
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
    }

    private let plan: Plan
    private let log = EventLog(clock: WallClock.now)
    private let board = SourceBoard(clock: WallClock.now)
    private let meter = SearchMeter()
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
        let detection = Detection.service(for: store)
        try await detection.follow()
        let jobs = Upkeep.jobs(of: store, log: log)
        let tuner = Upkeep.tuner(of: store)
        let keeper = QuantizationKeeper(store: store, jobs: jobs, choosing: plan.quantization)
        let upkeep = UpkeepBoard { [log] in log.write(.warning, "upkeep", $0) }
        let pipeline = DecisionPipeline(store: store, detection: detection)
        let monitor = StoreMonitor(
            builder: SnapshotBuilder(storeName: plan.name, access: plan.access, clock: WallClock.now),
            sources: StoreMonitor.Sources(
                store: store, detection: detection, jobs: jobs, meter: meter, log: log, board: board,
                upkeep: upkeep))
        log.write(.info, "store", "opened \(store.address)")
        if let notice = plan.notice { log.write(.warning, "store", notice) }
        if let notice = await store.openingNotice { log.write(.warning, "store", notice) }
        background.add { [log] in await Detection.keepAlive(detection, log: log) }
        background.add { await monitor.run() }
        background.add { [log, plan] in
            await Upkeep.run(jobs: jobs, tuner: tuner, recall: plan.recall, board: upkeep, log: log)
        }
        background.add { await Upkeep.keepQuantized(keeper, board: upkeep) }
        if !plan.follow.isEmpty { startFollowing(plan.follow, pipeline: pipeline) }
        if let seed = plan.demoSeed {
            startDemo(seed: seed, pipeline: pipeline, detection: detection, monitor: monitor)
        }
        return LiveConsole(
            store: store, detection: detection, jobs: jobs, tuner: tuner, meter: meter, monitor: monitor,
            log: log, user: UserName.current,
            starters: LiveConsole.Starters(
                openLog: { path, follow in
                    try await self.openLog(path, follow: follow, pipeline: pipeline)
                },
                startDemo: {
                    self.startDemo(seed: 1, pipeline: pipeline, detection: detection, monitor: monitor)
                },
                writeFile: { text, name in try PrivateFiles.write(text, name: name) }))
    }

    private func startFollowing(_ paths: [String], pipeline: DecisionPipeline) {
        let ingester = LogIngester(pipeline: pipeline, parser: plan.parser, board: board)
        background.add { [log] in
            _ = await ingester.follow(paths, trouble: { log.write(.warning, "ingest", $0) })
        }
    }

    private func openLog(_ path: String, follow: Bool, pipeline: DecisionPipeline) async throws {
        var leftOut = LeftOutFiles()
        let sources = LogSource.expand([path], leftOut: &leftOut)
        if let failure = LogSource.commonFailure(of: sources) { throw failure }
        if follow {
            startFollowing([path], pipeline: pipeline)
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
                    "\(path): \(report.accepted) accepted, \(report.duplicates) known already, "
                        + "\(report.merged) merged, \(report.rejected) rejected")
            } catch {
                log.write(.error, "ingest", "\(path): \(error)")
            }
        }
    }

    private func startDemo(
        seed: UInt64, pipeline: DecisionPipeline, detection: DetectionService, monitor: StoreMonitor
    ) {
        let recorder = DecisionRecorder()
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
        background.add { await worker.run() }
    }
}

/// The console ended because a signal asked for it.
struct TerminatedBySignal: Error {
    var signal: Int32
}

/// Who sits at the terminal.
enum UserName {
    /// `$VERDICT_USER`, else `$USER`, else who the system says this process is.
    static var current: String {
        EnvironmentVariables.value("VERDICT_USER") ?? EnvironmentVariables.value("USER") ?? account
    }

    private static var account: String {
        // Safe: the record is copied before anything else can ask for one.
        guard let record = unsafe getpwuid(geteuid()), let name = unsafe record.pointee.pw_name else {
            return "user \(geteuid())"
        }
        return unsafe String(cString: name)
    }
}
