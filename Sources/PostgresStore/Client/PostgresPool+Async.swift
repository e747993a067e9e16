import VectorStores

extension PostgresPool {
    /// Calls the closure with a connection of its own, on a thread of its own: the pool of tasks waits for nobody.
    ///
    /// Cancelling the task stops the wait and the statement that runs. As many threads as may wait or hold a
    /// connection are made at most.
    @discardableResult
    package func perform<Value: Sendable>(
        deadline: Deadline? = nil,
        _ body: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        try await StopFlag.performing(at: address) { [self] stop throws(PostgresError) in
            try withConnection(deadline: deadline, stop: stop, body)
        }
    }
}

extension StopFlag {
    /// Does on a thread of its own what is told when the task is cancelled.
    static func performing<Value: Sendable>(
        at address: PostgresServerAddress,
        _ body: @escaping @Sendable (StopFlag) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let stop = StopFlag()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<Value, PostgresError>, Never>) in
                let isStarted = BackgroundThread.start {
                    continuation.resume(
                        returning: Result { () throws(PostgresError) in try body(stop) })
                }
                guard !isStarted else { return }
                continuation.resume(
                    returning: .failure(
                        PostgresError(
                            .tooManyConnections,
                            "\(address): the system gives no more threads; try again")))
            }
        } onCancel: {
            stop.set()
        }
        return try result.get()
    }
}

/// Tells what waits or works for a task that it was cancelled.
final class StopFlag: Sendable {
    private struct State: Sendable {
        var isSet = false
        var stop: (@Sendable () -> Void)?
        /// Whether what was attached is being stopped now.
        var isStopping = false
    }

    private let state = Monitor(State())

    /// Whether it was cancelled.
    var isSet: Bool { state.read { $0.isSet } }

    /// Cancels what is attached, and at once what will be.
    func set() {
        let stop = state.update { state in
            state.isSet = true
            state.isStopping = state.stop != nil
            return state.stop
        }
        guard let stop else { return }
        stop()
        state.update { $0.isStopping = false }
    }

    /// Says how to stop what is done from now on.
    func attach(_ stop: @escaping @Sendable () -> Void) {
        let isSet = state.update { state in
            state.stop = stop
            return state.isSet
        }
        if isSet { stop() }
    }

    /// Says that a connection works for it from now on.
    func attach(_ cancellation: PostgresCancellation) { attach { cancellation.cancelForGood() } }

    /// Says that there is nothing to stop; afterwards nothing that was attached is stopped any more.
    ///
    /// A stop that is under way is waited for, which is soon over: it must not reach whoever gets the connection next.
    func detach() {
        state.update { $0.stop = nil }
        state.wait { !$0.isStopping }
    }
}
