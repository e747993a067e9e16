import Locks

/// The tasks of a session, ended together.
final class TaskBag: Sendable {
    private struct State {
        var running: [Int: Task<Void, Never>] = [:]
        var added = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Starts a task that lives as long as the session at most; after the end of the session none is started.
    func add(_ operation: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.added += 1
            let number = state.added
            state.running[number] = Task.detached { [self] in
                await operation()
                forget(number)
            }
        }
    }

    /// How many tasks run.
    var count: Int { state.withLock { $0.running.count } }

    private func forget(_ number: Int) {
        state.withLock { $0.running[number] = nil }
    }

    /// Cancels every task and waits for their ends.
    func cancelAndWait() async {
        let running = state.withLock { state in
            state.isClosed = true
            return Array(state.running.values)
        }
        for task in running { task.cancel() }
        for task in running { await task.value }
    }
}
