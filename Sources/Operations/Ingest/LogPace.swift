public import Decisions

/// A stretch of a log's time in which nothing is where something usually is.
public struct LogGap: Sendable, Hashable {
    /// The time of what came before it.
    public var from: Timestamp
    /// The time of what came after it.
    public var to: Timestamp

    /// Names a gap.
    public init(from: Timestamp, to: Timestamp) {
        self.from = from
        self.to = to
    }
}

/// Learns how long a log is usually quiet, in its own time, and tells when it was so for longer.
///
/// A gap that comes again is told once: who works by day is quiet every night.
struct LogPace {
    /// Time of the log over which its usual gap is learned, in seconds.
    static let learningSeconds: Int64 = 600
    /// Decisions over which it is learned.
    static let learningCount = 100
    /// How many times its longest usual gap a log may be quiet.
    static let quietFactor: Int64 = 3
    /// The shortest quiet that counts, in seconds.
    static let shortestGapSeconds: Int64 = 60

    private var first: Timestamp?
    private var last: Timestamp?
    private var count = 0
    private var longestSeconds: Int64 = 0

    /// Notes the time of the next decision, in order; answers the gap that it ends.
    mutating func note(_ time: Timestamp) -> LogGap? {
        defer {
            last = max(last ?? time, time)
            count += 1
        }
        guard let first, let last else {
            first = time
            return nil
        }
        guard time > last else { return nil }
        let quiet = Self.seconds(from: last, to: time)
        let isLearned =
            count >= Self.learningCount && Self.seconds(from: first, to: last) >= Self.learningSeconds
        let isGap =
            isLearned
            && quiet > max(Self.shortestGapSeconds, Self.seconds(longestSeconds, times: Self.quietFactor))
        // Half of it, so that one that is as long again is usual, and one that is much longer is not.
        longestSeconds = max(longestSeconds, isGap ? quiet / 2 : quiet)
        return isGap ? LogGap(from: last, to: time) : nil
    }

    private static func seconds(from start: Timestamp, to end: Timestamp) -> Int64 {
        let (seconds, overflow) = end.seconds.subtractingReportingOverflow(start.seconds)
        return overflow ? .max : seconds
    }

    private static func seconds(_ seconds: Int64, times factor: Int64) -> Int64 {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
