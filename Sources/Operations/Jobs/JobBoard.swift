public import VectorStores

/// The long pieces of work of this session: started, watched, cancelled, kept for the record.
public actor JobBoard {
    /// Ended jobs kept.
    public static let maximumKept = 20

    private struct Job {
        var summary: JobSummary
        var started: ContinuousClock.Instant
        var phaseStarted: ContinuousClock.Instant
        var task: Task<Void, Never>?
    }

    private let store: any VectorStore
    private let log: EventLog
    private var jobs: [Job] = []
    private var nextID = 1
    private let time = ContinuousClock()

    /// Creates an empty board for a store.
    public init(store: any VectorStore, log: EventLog) {
        self.store = store
        self.log = log
    }

    /// Whether a job runs.
    public var isBusy: Bool { jobs.contains { $0.task != nil } }

    /// The jobs, newest first.
    public func summaries() -> [JobSummary] {
        jobs.reversed().map { job in
            var summary = job.summary
            if job.task != nil {
                summary.elapsedSeconds = secondsBetween(job.started, time.now)
                let phase = secondsBetween(job.phaseStarted, time.now)
                summary.remainingSeconds =
                    summary.fraction > 0.02 ? phase / summary.fraction * (1 - summary.fraction) : nil
            }
            return summary
        }
    }

    /// Starts a rebuild; one runs at a time.
    ///
    /// Throws ``StoreError`` when one runs already or this opening of the store may not write.
    public func startRebuild(_ request: RebuildRequest) async throws -> Int {
        if let reason = await store.capabilities.readOnlyReason {
            throw StoreError(.readOnly, "rebuild needs write access: \(reason)")
        }
        guard !isBusy else {
            throw StoreError(.usage, "a rebuild is running; wait for it or cancel it")
        }
        let id = nextID
        nextID += 1
        var title = "rebuild"
        if let m = request.m { title += " m=\(m)" }
        if let breadth = request.efConstruction { title += " ef-construction=\(breadth)" }
        if let quantization = request.quantization { title += " \(quantization)" }
        let now = time.now
        let summary = JobSummary(id: id, title: title, state: .running)
        let task = Task { await self.run(id, request) }
        jobs.append(Job(summary: summary, started: now, phaseStarted: now, task: task))
        trim()
        log.write(.info, "jobs", "\(title) started")
        return id
    }

    /// Asks a running job to stop; a job that ended is left alone.
    public func cancel(_ id: Int) {
        guard let place = jobs.firstIndex(where: { $0.summary.id == id }), let task = jobs[place].task else {
            return
        }
        jobs[place].summary.state = .cancelling
        task.cancel()
    }

    /// Waits until no job runs.
    public func waitUntilIdle() async {
        for job in jobs { await job.task?.value }
    }

    private func run(_ id: Int, _ request: RebuildRequest) async {
        let (progress, feed) = AsyncStream.makeStream(
            of: RebuildProgress.self, bufferingPolicy: .bufferingNewest(1))
        let watcher = Task {
            for await step in progress { self.note(step, of: id) }
        }
        let state: JobSummary.State
        var report: RebuildReport?
        do {
            report = try await store.rebuild(request) { feed.yield($0) }
            state = .done
        } catch let error as StoreError where error.code == .cancelled {
            state = .cancelled
        } catch is CancellationError {
            state = .cancelled
        } catch {
            state = .failed("\(error)")
        }
        feed.finish()
        await watcher.value
        finish(id, state, report)
    }

    private func note(_ step: RebuildProgress, of id: Int) {
        guard let place = jobs.firstIndex(where: { $0.summary.id == id }) else { return }
        if jobs[place].summary.phase != step.phase.rawValue { jobs[place].phaseStarted = time.now }
        jobs[place].summary.phase = step.phase.rawValue
        jobs[place].summary.fraction = step.fraction
    }

    private func finish(_ id: Int, _ state: JobSummary.State, _ report: RebuildReport?) {
        guard let place = jobs.firstIndex(where: { $0.summary.id == id }) else { return }
        jobs[place].summary.elapsedSeconds = secondsBetween(jobs[place].started, time.now)
        jobs[place].summary.state = state
        jobs[place].summary.report = report
        jobs[place].summary.remainingSeconds = nil
        if state == .done { jobs[place].summary.fraction = 1 }
        jobs[place].task = nil
        switch state {
        case .failed(let reason):
            log.write(.error, "jobs", "\(jobs[place].summary.title) failed: \(reason)")
        case .cancelled:
            log.write(.info, "jobs", "\(jobs[place].summary.title) cancelled; the old index serves")
        default:
            log.write(.info, "jobs", "\(jobs[place].summary.title) done")
        }
    }

    private func trim() {
        while jobs.count > Self.maximumKept, let oldest = jobs.firstIndex(where: { $0.task == nil }) {
            jobs.remove(at: oldest)
        }
    }
}
