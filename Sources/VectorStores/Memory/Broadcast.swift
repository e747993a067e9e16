import Locks

/// Hands values to any number of streams; a slow reader loses the oldest, never holds up the writer.
final class Broadcast<Value: Sendable>: Sendable {
    private struct Reader {
        let continuation: AsyncStream<Value>.Continuation
        let wants: @Sendable (Value) -> Bool
    }

    private struct State {
        var next = 0
        var readers: [Int: Reader] = [:]
        var isFinished = false
    }

    private let state = Mutex(State())
    private let buffered: Int

    /// Each stream keeps up to `buffered` values that were not read yet.
    init(buffered: Int) {
        self.buffered = buffered
    }

    /// A stream of the values from now on, of those that are wanted.
    func stream(where wants: @escaping @Sendable (Value) -> Bool = { _ in true }) -> AsyncStream<Value> {
        AsyncStream(bufferingPolicy: .bufferingNewest(buffered)) { continuation in
            let number = state.withLock { state -> Int? in
                guard !state.isFinished else { return nil }
                state.next += 1
                state.readers[state.next] = Reader(continuation: continuation, wants: wants)
                return state.next
            }
            guard let number else { return continuation.finish() }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.readers.removeValue(forKey: number) }
            }
        }
    }

    func send(_ value: Value) {
        let readers = state.withLock { Array($0.readers.values) }
        for reader in readers where reader.wants(value) { reader.continuation.yield(value) }
    }

    func finish() {
        let readers = state.withLock { state in
            state.isFinished = true
            return Array(state.readers.values)
        }
        for reader in readers { reader.continuation.finish() }
    }
}
