public import Decisions
import Locks

/// The program's own log: the newest lines, kept in memory for the Log view and for tests.
///
/// Writing is one short lock; the oldest lines make room and are counted.
public final class EventLog: Sendable {
    private struct Lines {
        var kept: [LogLine] = []
        var start = 0
        var dropped = 0
    }

    private let lines = Mutex(Lines())
    let clock: @Sendable () -> Timestamp
    private let capacity: Int

    /// Creates an empty log that asks `clock` for the time of each line.
    public init(capacity: Int = LogLine.maximumKept, clock: @escaping @Sendable () -> Timestamp) {
        precondition(capacity > 0, "a log keeps at least one line")
        self.capacity = capacity
        self.clock = clock
    }

    /// Adds a line, in constant time.
    public func write(_ level: LogLine.Level, _ label: String, _ message: String) {
        let line = LogLine(time: clock(), level: level, label: label, message: message)
        lines.withLock { lines in
            if lines.kept.count < capacity {
                lines.kept.append(line)
            } else {
                lines.kept[lines.start] = line
                lines.start = (lines.start + 1) % capacity
                lines.dropped += 1
            }
        }
    }

    /// The kept lines, oldest first, and how many older ones were dropped.
    public func snapshot() -> (lines: [LogLine], dropped: Int) {
        lines.withLock { lines in
            (Array(lines.kept[lines.start...] + lines.kept[..<lines.start]), lines.dropped)
        }
    }
}
