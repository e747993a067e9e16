import AnomalyDetection
import Decisions
import VectorStores

@testable import Operations

/// An ephemeral store with all that stands behind a console, on a clock moved by hand.
struct Session {
    let clock = HandClock(1_700_000_000)
    let store: MemoryStore
    let detection: DetectionService
    let pipeline: DecisionPipeline
    let log: EventLog
    let board: SourceBoard
    let jobs: JobBoard
    let tuner: RecallTuner
    let meter = SearchMeter()

    init(retention: RetentionPolicy = .keepEverything) async throws {
        let clock = clock
        var options = StoreOptions(clock: { clock.now })
        options.retention = retention
        store = try MemoryStore(options: options)
        detection = DetectionService(
            store: store, holder: LeaseHolder(host: "test", processID: 1, session: "s"), clock: { clock.now })
        try await detection.start()
        pipeline = DecisionPipeline(store: store, detection: detection)
        log = EventLog { clock.now }
        board = SourceBoard { clock.now }
        jobs = JobBoard(
            store: store,
            owner: JobOwner(user: "kim", host: "alpha", processID: 1, command: "verdict console"),
            log: log, clock: { clock.now })
        tuner = RecallTuner(store: store, clock: { clock.now })
    }

    /// A decision like many others.
    static func decision(_ number: Int, tenant: String = "acme", id: String? = nil) -> Decision {
        Decision(
            id: id ?? "d-\(number)", time: Timestamp(seconds: 1_700_000_000 - 3_000 + Int64(number)),
            tenant: tenant,
            principal: Principal(id: "user-\(number % 9)", roles: ["clerk"]),
            resource: Resource(kind: "invoice", id: "inv-\(number % 40)", scope: "eu"), actions: ["read"],
            effect: number % 11 == 0 ? .deny : .allow)
    }

    /// Takes a number of decisions in.
    func fill(_ count: Int, tenant: String = "acme") async throws {
        _ = try await pipeline.accept((0..<count).map { Self.decision($0, tenant: tenant) })
    }

    /// A monitor of this session, over another store where one is given.
    func monitor(of other: (any DecisionStore)? = nil, upkeep: UpkeepBoard? = nil) -> StoreMonitor {
        let clock = clock
        return StoreMonitor(
            builder: SnapshotBuilder(storeName: "test", access: .operate, clock: { clock.now }),
            sources: StoreMonitor.Sources(
                store: other ?? store, detection: detection, jobs: jobs, meter: meter, log: log,
                board: board, upkeep: upkeep))
    }

    /// A client of this session, over another store where one is given.
    func client(
        _ monitor: StoreMonitor, of other: (any DecisionStore)? = nil, showsTimes: Bool = true
    ) -> LiveConsole {
        LiveConsole(
            store: other ?? store, detection: detection, jobs: jobs,
            tuner: tuner, meter: meter, monitor: monitor, log: log,
            user: "kim", showsTimes: showsTimes,
            starters: LiveConsole.Starters(
                openLog: { path, _ in throw StoreError(.missing, "no \(path)") }, startDemo: {},
                writeFile: { _, name in "/private/\(name)" }))
    }
}
