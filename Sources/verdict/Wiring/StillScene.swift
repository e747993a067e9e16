import AnomalyDetection
import Decisions
import Operations
import VectorStores

/// A store at rest, as a picture of it is drawn: loaded, scored, and with nothing running.
struct StillScene {
    var snapshot: ConsoleSnapshot
    var client: any ConsoleClient
    var now: Timestamp
    private var end: @Sendable () async -> Void

    /// The scene of an address.
    static func store(_ resolved: StoreOptionGroup.Resolved, now named: Timestamp?) async throws -> StillScene
    {
        // Checks say since when they hold: by the picture's own clock, so that it can be drawn again.
        let clock = FixedClock(named ?? Timestamp(seconds: 0))
        let store = try await StoreOpening.open(resolved, access: .read, clock: { clock.now })
        let newest = try await store.statistics().newestDecision
        let now = named ?? newest ?? WallClock.now()
        clock.now = now
        return try await scene(
            of: store, name: resolved.name, now: now, access: .view, board: SourceBoard { now },
            measurements: SnapshotBuilder.Measurements())
    }

    /// The scene of the demonstration some minutes after its start.
    static func demo(seed: UInt64, now named: Timestamp?) async throws -> StillScene {
        let now = named ?? demoNow
        let start = now.advanced(bySeconds: -storySeconds)
        let store = try MemoryStore(options: StoreOptions(clock: { now }))
        let detection = Detection.service(for: store, clock: { now })
        try await detection.start()
        let pipeline = DecisionPipeline(store: store, detection: detection)
        let board = SourceBoard { now }
        var demo = try DemoSession(
            seed: seed, start: start, pipeline: pipeline, detection: detection, board: board)
        try await demo.fill { _ in }
        try await demo.tell(until: now)
        let statistics = DemoMeasurements.settled(try await store.statistics())
        var scene = try await scene(
            of: store, detection: detection, name: "demo", now: now, access: .operate, board: board,
            measurements: DemoMeasurements.measurements(
                seed: seed, now: now, vectors: statistics, tenants: try await store.tenants()))
        scene.snapshot.statistics = statistics
        scene.snapshot.care = DemoMeasurements.care(now: now)
        return scene
    }

    /// Ends the scene.
    func close() async {
        await end()
    }

    private static let storySeconds: Int64 = 240
    private static let demoNow = Timestamp(seconds: 1_772_460_151, fractionDigits: 0)

    private static func scene(
        of store: any DecisionStore, detection known: DetectionService? = nil, name: String, now: Timestamp,
        access: AccessLevel, board: SourceBoard, measurements: SnapshotBuilder.Measurements
    ) async throws -> StillScene {
        var detection = DetectionSnapshot()
        if let known {
            detection = await known.snapshot()
        } else {
            detection.incidents = try await IncidentReading.incidents(of: store) {
                StandardError.write("verdict: \(printable($0))\n")
            }
            detection.anomalies = try await AnomalyCounts.counts(of: store)
            detection.hunts = try await Hunt.live(of: store)
            detection.taught = try await TaughtReading.items(of: store, now: now)
            detection.holder = try await Detection.service(for: store).leaseHolder()
        }
        let builder = SnapshotBuilder(storeName: name, access: access, clock: { now })
        var snapshot = try await builder.build(
            store: store, detection: detection, measurements: measurements)
        // What the machine has left is not the store's, and would differ from picture to picture.
        // Nor is when this process opened it.
        for place in snapshot.health.indices {
            if snapshot.health[place].name == "disk" { snapshot.health[place].detail = "–" }
            snapshot.health[place].since = now
        }
        if known == nil {
            snapshot.care = try await DetectionCare(of: store)
            for var check in snapshot.care?.checks(at: now) ?? [] {
                check.since = now
                snapshot.health.append(check)
            }
        }
        snapshot.sources = board.summaries(elapsedSeconds: 0)
        let log = EventLog { now }
        log.write(.info, "store", "opened \(store.address)")
        (snapshot.log, snapshot.logDropped) = log.snapshot()
        // The demonstration has none that somebody did.
        if known == nil {
            snapshot.log = try await SnapshotBuilder.log(snapshot.log, withActivityOf: store)
        }
        let service = known ?? Detection.service(for: store, clock: { now })
        let jobs = Upkeep.jobs(of: store, log: log)
        snapshot.jobs = await jobs.summaries()
        snapshot.recallSetting = try await RecallTuner.setting(of: store)
        snapshot.recording = try await RecordingSetting.setting(of: store).policy()
        let monitor = StoreMonitor(
            builder: builder,
            sources: StoreMonitor.Sources(
                store: store, detection: service, jobs: jobs, meter: SearchMeter(), log: log, board: board))
        try await monitor.recallGuard.takeUp(from: store)
        snapshot.health += monitor.recallGuard.checks()
        snapshot.health.sort { ($0.status, $1.name) > ($1.status, $0.name) }
        let client = LiveConsole(
            store: store, detection: service, jobs: jobs, tuner: Upkeep.tuner(of: store),
            meter: SearchMeter(), monitor: monitor,
            log: log, user: UserName.current, showsTimes: false,
            starters: LiveConsole.Starters(
                openLog: { _, _ in throw CommandFailure.failed("a picture opens no log") },
                startDemo: { throw CommandFailure.failed("a picture starts nothing") },
                writeFile: { _, name in name }))
        return StillScene(snapshot: snapshot, client: client, now: now) {
            await store.close()
        }
    }
}
