/// Runs each job on a thread of its own.
///
/// The pool of tasks has a thread for each processor: what computes for long, waits for the disk or for another
/// writer would take one from everything else, and on a small machine the last one.
final class ThreadExecutor: TaskExecutor {
    static let shared = ThreadExecutor()

    private init() {}

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isStarted = BackgroundThread.start { [self] in run(job) }
        // Where the system has no thread to give, this one does it.
        if !isStarted { run(job) }
    }

    private func run(_ job: UnownedJob) {
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }
}

extension MemoryStore {
    /// Does long or blocking work off the pool of tasks; cancelling is seen there as everywhere.
    @concurrent
    func offPool<Value: Sendable>(_ work: @concurrent () async throws -> Value) async rethrows -> Value {
        try await withTaskExecutorPreference(ThreadExecutor.shared, operation: work)
    }
}
