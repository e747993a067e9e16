import Locks
import VectorStores

/// An answer about somebody's own table that is held for a while: the longer it took, the longer.
///
/// A console asks every second. The table is somebody else's, and may be large: counting it takes a twentieth of its
/// server's time at most.
final class HeldAnswer<Value: Sendable>: Sendable {
    /// How long any answer holds.
    private static var shortest: Duration { .seconds(10) }
    /// How many times as long as it took an answer holds.
    private static var patience: Int { 20 }

    private let held = Mutex<(value: Value, until: ContinuousClock.Instant)?>(nil)

    /// The answer that still holds, else a new one.
    func get(
        _ ask: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        if let held = held.withLock({ $0 }), held.until > .now { return held.value }
        let start = ContinuousClock.now
        let value = try await ask()
        let end = ContinuousClock.now
        let until = end + max(Self.shortest, (end - start) * Self.patience)
        held.withLock { $0 = (value, until) }
        return value
    }
}
