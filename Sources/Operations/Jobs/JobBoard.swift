public import Decisions
public import VectorStores

/// The long pieces of work on a store: started, watched, cancelled, and recorded in the store itself.
///
/// Every console of the store sees them all with their owners; only the process that runs one can stop it.
public actor JobBoard {
    /// Ended jobs kept.
    public static let maximumKept = 20
    /// Pause between two records of a job that runs: progress waits for the next one, the work for none.
    static let beatPause = Duration.seconds(1)

    let store: any DecisionStore
    private let owner: JobOwner
    private let log: EventLog
    let clock: @Sendable () -> Timestamp
    private let isGone: @Sendable (JobOwner) -> Bool
    /// What runs here, and what ended here and could not be recorded.
    private var own: [Int: JobRecord] = [:]
    private var tasks: [Int: Task<RebuildReport, any Error>] = [:]

    /// Creates the board of a store for one process.
    ///
    /// `isGone` says whether an owner's process is known to have ended; what cannot be known is told by
    /// its silence.
    public init(
        store: any DecisionStore, owner: JobOwner, log: EventLog,
        clock: @escaping @Sendable () -> Timestamp,
        isGone: @escaping @Sendable (JobOwner) -> Bool = { _ in false }
    ) {
        self.store = store
        self.owner = owner
        self.log = log
        self.clock = clock
        self.isGone = isGone
    }

    /// Whether a job of this process runs.
    public var isBusy: Bool { own.values.contains(where: \.isRunning) }

    /// The jobs, newest first.
    public func summaries() async -> [JobSummary] {
        // A store that does not answer is told by who watches it; what runs here is known without it.
        let kept = (try? await JobRecord.all(of: store)) ?? []
        let now = clock()
        var jobs = Dictionary(uniqueKeysWithValues: kept.map { ($0.job.id, $0.job) })
        jobs.merge(own) { _, mine in mine }
        return jobs.values.sorted { $0.id > $1.id }.map { job in
            let isOwn = job.owner.isSameProcess(as: owner)
            return job.summary(at: now, isOwn: isOwn, isOrphaned: own[job.id] == nil && isOrphaned(job))
        }
    }

    /// Starts a rebuild and returns its number; one runs at a time.
    ///
    /// It is told as that of `person`, where one was named, else as that of the account. Throws ``StoreError`` when one
    /// runs already or this opening of the store may not write.
    public func startRebuild(_ request: RebuildRequest, by person: String? = nil) async throws -> Int {
        let id = try await begin(request, by: person)
        start(id, request) { _ in }
        return id
    }

    /// Rebuilds and returns what it changed; recorded as one that was started, and stopped with the caller.
    ///
    /// What `noting` gives for the job's number is written together with its first record.
    public func rebuild(
        _ request: RebuildRequest, noting: @Sendable (Int) -> [RecordChange] = { _ in [] },
        progress: @escaping @Sendable (RebuildProgress) -> Void = { _ in }
    ) async throws -> RebuildReport {
        let work = start(try await begin(request, noting: noting), request, progress)
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }

    /// Asks a running job to stop; one that ended, or that another process runs, is left alone.
    public func cancel(_ id: Int) {
        guard own[id]?.isRunning == true, let task = tasks[id] else { return }
        own[id]?.state = .cancelling
        task.cancel()
    }

    /// Waits until no job runs that was started here.
    public func waitUntilIdle() async {
        for task in tasks.values { _ = await task.result }
    }

    /// Records the ends that nobody recorded: those of this board that could not be, and those of jobs whose
    /// process ended, which the first who may write says in its log.
    public func endOrphans() async throws {
        guard await store.capabilities.readOnlyReason == nil else { return }
        try await recordEnds()
        for (job, revision) in try await JobRecord.all(of: store)
        where own[job.id] == nil && isOrphaned(job) {
            var job = job
            job.state = .failed("its process ended")
            job.ended = job.heartbeat
            do {
                try await store.write([job.change(expected: revision)])
            } catch let error as StoreError where error.code == .revisionConflict {
                continue
            }
            log.write(.warning, "jobs", "\(job.title) by \(job.owner): its process ended")
        }
    }

    func isOrphaned(_ job: JobRecord) -> Bool {
        job.isRunning && job.isOrphaned(at: clock(), ownerIsGone: isGone(job.owner))
    }

    // MARK: Running

    private func begin(
        _ request: RebuildRequest, by person: String? = nil,
        noting: @Sendable (Int) -> [RecordChange] = { _ in [] }
    ) async throws -> Int {
        if let reason = await store.capabilities.readOnlyReason {
            throw StoreError(.readOnly, "rebuild needs write access: \(reason)")
        }
        do {
            try await endOrphans()
        } catch {
            // Who cannot write now may yet build, as below.
            log.write(.warning, "jobs", "ended jobs could not be recorded: \(error)")
        }
        let kept = try await JobRecord.all(of: store).map(\.job)
        let next = try await JobRecord.nextID(in: store)
        // No other start comes between here and the record, which only one of two can make.
        guard !isBusy else {
            throw StoreError(.usage, "a rebuild is running; wait for it or cancel it")
        }
        if let other = kept.first(where: { $0.isRunning && own[$0.id] == nil }) {
            throw StoreError(.usage, "a \(other.kind.rawValue) by \(other.owner) runs; wait for it")
        }
        let id = max(next, (own.keys.max() ?? 0) + 1)
        var owner = owner
        if let person { owner.user = person }
        let job = JobRecord(
            id: id, owner: owner, kind: .rebuild, title: request.jobTitle, started: clock())
        own[id] = job
        do {
            try await store.write([job.change(expected: 0)] + noting(id))
        } catch let error as StoreError where error.code == .revisionConflict {
            own[id] = nil
            throw StoreError(.usage, "another job was started at the same moment; wait for it")
        } catch {
            // A full disk is no reason not to build: what is kept of it fails or makes room by itself.
            log.write(.warning, "jobs", "\(job.title): it could not be recorded: \(error)")
        }
        log.write(.info, "jobs", "\(job.title) started")
        return id
    }

    @discardableResult
    private func start(
        _ id: Int, _ request: RebuildRequest, _ progress: @escaping @Sendable (RebuildProgress) -> Void
    ) -> Task<RebuildReport, any Error> {
        let work = Task { try await run(id, request, progress) }
        tasks[id] = work
        return work
    }

    private func run(
        _ id: Int, _ request: RebuildRequest, _ progress: @escaping @Sendable (RebuildProgress) -> Void
    ) async throws -> RebuildReport {
        let (steps, feed) = AsyncStream.makeStream(
            of: RebuildProgress.self, bufferingPolicy: .bufferingNewest(1))
        let watcher = Task {
            for await step in steps { own[id]?.note(step, at: clock()) }
        }
        let beats = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.beatPause)
                await beat(id)
            }
        }
        let outcome: Result<RebuildReport, any Error>
        do {
            outcome = .success(
                try await store.rebuild(request) { step in
                    feed.yield(step)
                    progress(step)
                })
        } catch {
            outcome = .failure(error)
        }
        feed.finish()
        await watcher.value
        // No beat may come after the end.
        beats.cancel()
        await beats.value
        await finish(id, outcome)
        return try outcome.get()
    }

    /// Records where a job is, at most once a second.
    func beat(_ id: Int) async {
        let now = clock()
        guard var job = own[id], job.isRunning,
            now.secondsSince1970 - job.heartbeat.secondsSince1970 >= 1
        else { return }
        job.heartbeat = now
        own[id]?.heartbeat = now
        do {
            try await store.write([job.change()])
        } catch {
            log.write(.warning, "jobs", "\(job.title): its progress could not be recorded: \(error)")
        }
    }

    private func finish(_ id: Int, _ outcome: Result<RebuildReport, any Error>) async {
        guard var job = own[id] else { return }
        let now = clock()
        job.ended = now
        job.heartbeat = now
        switch outcome {
        case .success(let report):
            job.state = .done
            job.fraction = 1
            job.report = report
            log.write(.info, "jobs", "\(job.title) done")
            if let built = report.built { log.write(.info, "jobs", "\(job.title) \(built.sentence)") }
            if let server = report.server {
                log.write(
                    server.refusal == nil ? .info : .warning, "jobs", "\(job.title): \(server.sentence)")
            }
        case .failure(let error) where error.isCancellation:
            job.state = .cancelled
            log.write(.info, "jobs", "\(job.title) cancelled; the old index serves")
        case .failure(let error):
            job.state = .failed("\(error)")
            log.write(.error, "jobs", "\(job.title) failed: \(error)")
        }
        own[id] = job
        do {
            try await recordEnd(of: job)
        } catch {
            log.write(.warning, "jobs", "\(job.title): its end could not be recorded: \(error)")
        }
        tasks[id] = nil
    }

    /// Records what ended here and could not be recorded then; to others it would seem to run.
    private func recordEnds() async throws {
        for job in own.values.sorted(by: { $0.id < $1.id }) where !job.isRunning {
            try await recordEnd(of: job)
        }
    }

    /// Records a job that ended, in the place of the oldest of those that are kept.
    private func recordEnd(of job: JobRecord) async throws {
        let older = try await JobRecord.all(of: store).map(\.job).filter {
            !$0.isRunning && $0.id != job.id
        }
        let leaving = older.dropLast(Self.maximumKept - 1)
        let changes =
            [job.change()]
            + leaving.map { RecordChange(collection: JobRecord.collection, key: $0.key, value: nil) }
        if let event = job.activity {
            try await ActivityLog.append([event], to: store, with: changes)
        } else {
            try await store.write(changes)
        }
        own[job.id] = nil
    }
}

extension RebuildReport.BuiltGraph {
    /// What was built, in a sentence.
    fileprivate var sentence: String {
        "linked \(nodes) distinct, left \(tombstonesDropped) deleted behind, "
            + "carried over \(rowsCarriedOver) changed meanwhile"
    }
}

extension Error {
    /// Whether somebody asked for the end.
    var isCancellation: Bool {
        self is CancellationError || (self as? StoreError)?.code == .cancelled
    }
}
