import Locks

/// What a worker holds because its store does not take it, and what it could not store at all.
public final class WorkerProgress: Sendable {
    /// How a worker is doing.
    public struct Reading: Sendable, Hashable {
        /// Decisions that were stored, or known already.
        public var carried = 0
        /// Decisions at hand that the store does not take yet.
        public var held = 0
        /// Decisions that were given up.
        public var lost = 0
        /// Runs of the worker that have not ended: what it works in are those and nothing else.
        public var running = 0
        /// Why decisions are held or were lost last; `nil` while all goes well.
        public var reason: String?

        /// A worker that did nothing yet.
        public init() {}
    }

    private let reading = Mutex(Reading())

    /// Nothing was done yet.
    public init() {}

    /// How the worker is doing.
    public var current: Reading { reading.withLock { $0 } }

    /// A run began.
    func begin() { reading.withLock { $0.running += 1 } }

    /// A run ended.
    func end() { reading.withLock { $0.running -= 1 } }

    /// Decisions were stored.
    func carry(_ count: Int) {
        reading.withLock { reading in
            reading.carried += count
            reading.held = 0
            reading.reason = nil
        }
    }

    /// Decisions wait for a store that does not take them.
    func hold(_ count: Int, because reason: String) {
        reading.withLock { reading in
            reading.held = count
            reading.reason = reason
        }
    }

    /// Decisions were given up.
    func lose(_ count: Int, because reason: String) {
        reading.withLock { reading in
            reading.lost += count
            reading.held = 0
            reading.reason = reason
        }
    }
}
