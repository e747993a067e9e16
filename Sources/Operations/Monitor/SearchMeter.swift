import Locks
public import VectorStores

/// Counts live searches and their times since it was last read; shared by everyone who searches.
public final class SearchMeter: Sendable {
    /// What was measured between two readings.
    public struct Reading: Sendable {
        /// Searches answered.
        public var searches = 0
        /// Their times, by strategy.
        public var latency: [SearchStrategy: LatencyHistogram] = [:]
        /// Their times together.
        public var all = LatencyHistogram()
    }

    private let current = Mutex(Reading())

    /// Creates a meter.
    public init() {}

    /// Notes one answer.
    public func record(_ answer: SearchAnswer) {
        current.withLock { reading in
            reading.searches += 1
            reading.latency[answer.strategy, default: LatencyHistogram()]
                .record(microseconds: answer.elapsedMicroseconds)
            reading.all.record(microseconds: answer.elapsedMicroseconds)
        }
    }

    /// What was measured since the last call.
    public func take() -> Reading {
        current.withLock { reading in
            defer { reading = Reading() }
            return reading
        }
    }
}
