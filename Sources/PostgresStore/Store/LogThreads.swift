import Locks
import VectorStores

/// Threads that run until they are told to stop, and what wakes those that wait for a server.
final class LogThreads: Sendable {
    private struct State {
        var isStopped = false
        var running = 0
        var waits: [Int: PostgresCancellation] = [:]
        var next = 0
    }

    private let state = Monitor(State())
    /// How long stopping waits for what is under way.
    private static let patienceMilliseconds = 3_000

    var isStopped: Bool { state.read { $0.isStopped } }

    /// Starts a thread; nothing happens where the system has none to give.
    func start(_ run: @escaping @Sendable () -> Void) {
        let mayRun = state.update { state in
            if state.isStopped { return false }
            state.running += 1
            return true
        }
        guard mayRun else { return }
        let isStarted = BackgroundThread.start { [state] in
            run()
            state.update { $0.running -= 1 }
        }
        if !isStarted { state.update { $0.running -= 1 } }
    }

    /// Waits for a time or until it is told to stop.
    func pause(milliseconds: Int) { state.wait(milliseconds: milliseconds) { $0.isStopped } }

    /// Lets a stop cancel what a connection does meanwhile.
    func cancelling<Value>(
        _ cancellation: PostgresCancellation, _ body: () throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        let number = state.update { state -> Int? in
            if state.isStopped { return nil }
            state.next += 1
            state.waits[state.next] = cancellation
            return state.next
        }
        guard let number else { throw PostgresError(.cancelled, "the store is closed") }
        defer { state.update { _ = $0.waits.removeValue(forKey: number) } }
        return try body()
    }

    /// Tells all to stop; more than once does no harm.
    func interrupt() {
        let waits = state.update { state in
            state.isStopped = true
            return Array(state.waits.values)
        }
        // Not one statement alone: whoever is between two of them is to stop as well.
        for cancellation in waits { cancellation.cancelForGood() }
    }

    /// Tells all to stop and waits a moment until they did.
    func stop() {
        interrupt()
        state.wait(milliseconds: Self.patienceMilliseconds) { $0.running == 0 }
    }
}
