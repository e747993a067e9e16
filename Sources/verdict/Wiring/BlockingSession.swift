import Locks
import PostgresStore
import VectorStores

/// A connection for a command that talks to a server by itself, on a thread that may wait.
enum BlockingSession {
    /// Stops the work, whether it has begun or not.
    private final class Stop: Sendable {
        private struct State {
            var isAsked = false
            var cancellation: PostgresCancellation?
        }

        private let state = Mutex(State())

        /// Says what there is to stop.
        func begin(_ cancellation: PostgresCancellation) throws(PostgresError) {
            state.withLock { $0.cancellation = cancellation }
            try check()
        }

        func ask() {
            let cancellation = state.withLock { state in
                state.isAsked = true
                return state.cancellation
            }
            cancellation?.cancel()
        }

        func check() throws(PostgresError) {
            if state.withLock({ $0.isAsked }) { throw PostgresError(.cancelled, "cancelled") }
        }
    }

    /// Opens a connection, works with it on a thread of its own and closes it; Ctrl-C stops the statement that runs.
    ///
    /// The work gets what throws once Ctrl-C was pressed, for the places between statements. Who only reads is given a
    /// server by the rule that stores read by, others the one that the address leads to. Who reads within a limit fails
    /// past it, with whatever statement runs.
    static func run<Value: Sendable>(
        at address: PostgresServerAddress, isReading: Bool = false, limit: Duration? = nil,
        _ work:
            @escaping @Sendable (
                PostgresConnection, _ checkCancellation: () throws(PostgresError) -> Void
            ) throws(PostgresError) -> Value
    ) async throws -> Value {
        let stop = Stop()
        let start = ContinuousClock.now
        let servers = ReadableServers(address)
        defer { servers.close() }
        let result = try await Interruption.cancelling {
            await withTaskCancellationHandler {
                await withCheckedContinuation {
                    (done: CheckedContinuation<Result<Value, PostgresError>, Never>) in
                    @Sendable func session(_ connection: PostgresConnection) throws(PostgresError) -> Value {
                        try stop.begin(connection.cancellation)
                        return try work(connection, stop.check)
                    }
                    let body: @Sendable () -> Void = {
                        done.resume(
                            returning: Result { () throws(PostgresError) in
                                if isReading {
                                    return try servers.reading(deadline: limit.map { start + $0 }, session)
                                }
                                let connection = try PostgresConnection.open(address)
                                defer { connection.close() }
                                return try session(connection)
                            })
                    }
                    if !BackgroundThread.start(body) { body() }
                }
            } onCancel: {
                stop.ask()
                servers.stopConnecting()
            }
        }
        do {
            return try result.get()
        } catch {
            let isLate = limit.map { .now - start >= $0 } ?? false
            if let limit, isLate, [.timeout, .connection].contains(error.code) {
                throw CommandFailure.late(address, limit)
            }
            throw CommandFailure(postgres: error)
        }
    }
}

extension CommandFailure {
    /// A server that did not answer in time.
    static func late(_ address: PostgresServerAddress, _ limit: Duration) -> CommandFailure {
        .failed(
            "\(address): no answer within \(grouped(Int(limit.components.seconds))) s, so it was given up: look "
                + "whether the server hangs or is busy with verdict health, or give it longer with --timeout")
    }
}

extension CommandFailure {
    /// A server's refusal, with the exit code it has.
    init(postgres error: PostgresError) {
        let exit: CommandExit =
            switch error.code {
            case .usage: .usage
            case .cancelled: .cancelled
            default: .failed
            }
        self.init(exit: exit, message: error.description)
    }
}
