import Locks

import struct Synchronization.Atomic

/// The tasks of a session, ended together.
final class TaskBag: Sendable {
    private let tasks = Mutex<[Task<Void, Never>]>([])
    private let isClosed = Atomic<Bool>(false)

    /// Starts a task that lives as long as the session at most.
    func add(_ operation: @escaping @Sendable () async -> Void) {
        guard !isClosed.load(ordering: .acquiring) else { return }
        let task = Task.detached { await operation() }
        tasks.withLock { $0.append(task) }
    }

    /// Cancels every task and waits for their ends.
    func cancelAndWait() async {
        isClosed.store(true, ordering: .releasing)
        let running = tasks.withLock { $0 }
        for task in running { task.cancel() }
        for task in running { await task.value }
    }
}
