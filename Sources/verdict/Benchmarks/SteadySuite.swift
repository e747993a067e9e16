import AnomalyDetection
import Decisions
import Operations
import PolicyEngine
import VectorStores

/// Measures whether an engine that records a thousand decisions a second for long leaves the queue, the memory and
/// the tasks of its process as they were.
enum SteadySuite {
    private static let perSecond = 1_000
    /// How much the store keeps: it is full long before the end, and what grows then is not what it holds.
    private static let keptRows = 50_000
    /// Different requests; each is asked again and again under new identifiers.
    private static let requests = 20_000
    private static let pause = Duration.milliseconds(50)
    /// A look at the process each second.
    private static let lookSeconds = 1.0

    /// What is looked at.
    private struct Look {
        var seconds: Double
        var pending: Int
        var memory: Double
        var threads: Int
        /// Tasks of the suite that have not ended, and runs of the worker in them: one that ended is missing, one that
        /// was started beside is too many.
        var tasks: Int
    }

    static func run(minutes: Double) async throws {
        let folder = try Interruption.temporaryDirectory()
        defer { folder.remove() }
        var options = StoreOptions(clock: WallClock.now)
        options.retention = RetentionPolicy(maximumRows: keptRows)
        let store = try MemoryStore(directory: folder.path + "/store", options: options)
        let detection = Detection.service(for: store)
        try await detection.start()
        let log = EventLog(clock: WallClock.now)
        let recorder = DecisionRecorder()
        let worker = EmbeddingWorker(
            recorder: recorder, pipeline: DecisionPipeline(store: store, detection: detection), log: log)
        let tasks = TaskBag()
        tasks.add { await worker.run() }
        tasks.add { await Detection.keepAlive(detection, log: log) }
        let engine = PolicyEngine(
            policies: try SamplePolicySet.load(), clock: CallTimes.now, recorder: recorder)
        let looks = try await load(engine, seconds: minutes * 60, recorder: recorder) {
            tasks.count + worker.progress.current.running
        }
        await tasks.cancelAndWait()
        options.access = .read
        let changes = try await changeTimes(
            store, follower: MemoryStore(directory: folder.path + "/store", options: options))
        try await detection.close()
        await store.close()
        try tell(looks, recorder: recorder, worker: worker.progress.current, changes)
    }

    /// How many times a mode is changed.
    private static let changes = 20

    /// How long it takes, in milliseconds, until a mode that is set counts in a process which follows the store.
    private static func changeTimes(_ store: MemoryStore, follower: MemoryStore) async throws -> [Double] {
        let setting = RecordingKeeper(store: store, clock: WallClock.now)
        let following = RecordingKeeper(store: follower, clock: WallClock.now)
        let recorder = DecisionRecorder()
        following.attach(recorder)
        let task = Task { await following.run() }
        var times: [Double] = []
        for change in 0..<changes {
            let began = ContinuousClock().now
            try await setting.set(change % 2 == 0 ? .off : .on, tenant: "acme", by: "bench")
            while recorder.policy != setting.policy { try await Task.sleep(for: .milliseconds(1)) }
            times.append(began.secondsUntilNow * 1_000)
        }
        task.cancel()
        await task.value
        await follower.close()
        return times.sorted()
    }

    /// Asks the engine a thousand times a second, and looks at the process each second.
    private static func load(
        _ engine: PolicyEngine, seconds: Double, recorder: DecisionRecorder, tasks: () -> Int
    ) async throws -> [Look] {
        let requests = try EmbedSuite.generatedSample(Self.requests).map { AccessRequest(asking: $0) }
        var looks: [Look] = []
        var asked = 0
        let began = ContinuousClock().now
        while true {
            let elapsed = began.secondsUntilNow
            let now = WallClock.now()
            let due = Int((min(elapsed, seconds) * Double(perSecond)).rounded())
            while asked < due {
                var request = requests[asked % requests.count]
                request.id = "steady-\(asked)"
                request.time = now
                _ = engine.check(request)
                asked += 1
            }
            if elapsed >= lookSeconds * Double(looks.count + 1) {
                looks.append(
                    Look(
                        seconds: elapsed, pending: recorder.pending,
                        memory: Double(ProcessMeter.residentAnonymousBytes() ?? 0) / 1e6,
                        threads: ProcessMeter.threads() ?? 0, tasks: tasks()))
            }
            if elapsed >= seconds { return looks }
            try await Task.sleep(for: pause)
        }
    }

    /// The begin is the first tenth after the store was full, the end the last tenth; of both the middle value.
    private static func tell(
        _ looks: [Look], recorder: DecisionRecorder, worker: WorkerProgress.Reading, _ changes: [Double]
    ) throws {
        let full = Double(keptRows) / Double(perSecond)
        let steady = looks.filter { $0.seconds > full * 2 }
        let judged = steady.count >= 10 ? steady : looks
        let share = max(1, judged.count / 10)
        func middle(_ looks: some Sequence<Look>, _ value: (Look) -> Double) -> Double {
            let sorted = looks.map(value).sorted()
            return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
        }
        let (first, last) = (judged.prefix(share), judged.suffix(share))
        try StandardOutput.shared.write(json: [
            "suite": .string("engine"), "measure": .string("steady"),
            "seconds": .decimal(looks.last?.seconds ?? 0, digits: 0),
            "judged_seconds": .decimal(
                (judged.last?.seconds ?? 0) - (judged.first?.seconds ?? 0), digits: 0),
            "recorded": .integer(recorder.recorded), "dropped": .integer(recorder.dropped),
            "carried": .integer(worker.carried), "lost": .integer(worker.lost),
            "pending_start": .decimal(middle(first) { Double($0.pending) }, digits: 0),
            "pending_end": .decimal(middle(last) { Double($0.pending) }, digits: 0),
            "pending_most": .integer(judged.map(\.pending).max() ?? 0),
            "rss_anon_start_mb": .decimal(middle(first) { $0.memory }, digits: 1),
            "rss_anon_end_mb": .decimal(middle(last) { $0.memory }, digits: 1),
            "rss_anon_grown_percent": .decimal(
                (middle(last) { $0.memory } / middle(first) { $0.memory } - 1) * 100, digits: 1),
            "threads_start": .decimal(middle(first) { Double($0.threads) }, digits: 0),
            "threads_end": .decimal(middle(last) { Double($0.threads) }, digits: 0),
            "tasks_start": .decimal(middle(first) { Double($0.tasks) }, digits: 0),
            "tasks_end": .decimal(middle(last) { Double($0.tasks) }, digits: 0),
            "mode_change_p50_ms": .decimal(changes[changes.count / 2], digits: 0),
            "mode_change_most_ms": .decimal(changes[changes.count - 1], digits: 0),
        ])
    }
}
