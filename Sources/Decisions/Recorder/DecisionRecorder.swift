import Synchronization

/// Takes decisions from an engine without ever making it wait.
///
/// Producers append under a lock that is held for one append; when the buffer is full the decision is dropped
/// and counted, for an authorization must never wait for its record. One consumer drains whole batches: it
/// swaps the buffers, so that producers never wait for a copy either.
public final class DecisionRecorder: Sendable {
    private struct State {
        var buffer: [Decision] = []
        var spare: [Decision] = []
        var recorded = 0
        var dropped = 0
    }

    /// How many decisions are held at most.
    public let capacity: Int
    private let state: Mutex<State>

    /// Creates a recorder that holds up to `capacity` decisions.
    public init(capacity: Int = 8192) {
        precondition(capacity > 0, "a recorder holds at least one decision")
        self.capacity = capacity
        var initial = State()
        initial.buffer.reserveCapacity(capacity)
        state = Mutex(initial)
    }

    /// Hands a decision over; false when the recorder was full and the decision was dropped.
    @discardableResult
    public func record(_ decision: consuming Decision) -> Bool {
        // The lock takes a function, which cannot consume what it captures: the optional is emptied instead.
        var decision = Optional(decision)
        return state.withLock { state in
            guard state.buffer.count < capacity, let taken = decision.take() else {
                state.dropped += 1
                return false
            }
            state.buffer.append(taken)
            state.recorded += 1
            return true
        }
    }

    /// Takes up to `limit` decisions out, oldest first; empty when there are none.
    public func drain(max limit: Int = .max) -> [Decision] {
        precondition(limit > 0, "a batch holds at least one decision")
        return state.withLock { state in
            if state.buffer.count <= limit {
                var batch = state.spare
                state.spare = []
                batch.reserveCapacity(capacity)
                swap(&batch, &state.buffer)
                return batch
            }
            let batch = Array(state.buffer.prefix(limit))
            state.buffer.removeFirst(limit)
            return batch
        }
    }

    /// Gives a drained batch's memory back for reuse.
    public func recycle(_ batch: consuming [Decision]) {
        var batch = batch
        batch.removeAll(keepingCapacity: true)
        state.withLock { $0.spare = batch }
    }

    /// How many decisions were taken since the start.
    public var recorded: Int { state.withLock { $0.recorded } }

    /// How many decisions were dropped since the start.
    public var dropped: Int { state.withLock { $0.dropped } }

    /// How many decisions wait.
    public var pending: Int { state.withLock { $0.buffer.count } }

    /// Delivers batches until the task is cancelled, and what is left once more after that.
    ///
    /// It looks again after `interval` when nothing waits. An error from `deliver` ends it.
    public func run(
        every interval: Duration, on clock: any Clock<Duration>, batch limit: Int = 1024,
        deliver: ([Decision]) async throws -> Void
    ) async throws {
        while true {
            let batch = drain(max: limit)
            if !batch.isEmpty {
                try await deliver(batch)
                continue
            }
            if Task.isCancelled { return }
            do {
                try await clock.sleep(for: interval)
            } catch is CancellationError {
                continue
            }
        }
    }
}
