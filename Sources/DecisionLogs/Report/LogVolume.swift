public import Decisions

/// How much of a log there is in how long a time, and from that what a day brings.
public struct LogVolume: Sendable {
    /// How many seconds a log must span for a day to be estimated from it.
    public static let shortestSeconds = 60.0
    /// What is dated before this was not dated by a clock that was set: 2000-01-01.
    private static let earliest = Timestamp(seconds: 946_684_800)

    /// The time of the first event.
    public private(set) var first: Timestamp?
    /// The time of the last event.
    public private(set) var last: Timestamp?
    /// How many decisions are taken in.
    public private(set) var rows = 0
    /// How many bytes these have as native lines.
    public private(set) var lineBytes = 0
    /// How many events are dated as no log is: they count for nothing else here.
    public private(set) var misdated = 0
    private let latest: Timestamp?
    private var writer = JSONWriter()

    /// What a day brings, by the average of the time that the log spans.
    public struct Day: Sendable, Hashable {
        /// Decisions.
        public let rows: Double
        /// Bytes of these as native lines, before vectors and index.
        public let lineBytes: Double
        /// Bytes of the log as it lies there, compressed if it is.
        public let logBytes: Double
    }

    /// Creates the volume of an empty log; no event later than `latest` is believed.
    init(latest: Timestamp?) {
        self.latest = latest
    }

    mutating func add(_ decision: Decision, isTakenIn: Bool) {
        let time = decision.time
        guard time >= Self.earliest, latest.map({ time <= $0 }) ?? true else {
            misdated += 1
            return
        }
        first = first.map { min($0, time) } ?? time
        last = last.map { max($0, time) } ?? time
        guard isTakenIn else { return }
        rows += 1
        writer.removeAll()
        decision.write(to: &writer)
        lineBytes += writer.bytes.count + 1
    }

    /// Seconds from the first event to the last; nil when there is none.
    public var spanSeconds: Double? {
        guard let first, let last else { return nil }
        return last.secondsSince1970 - first.secondsSince1970
    }

    /// What a day brings, of a log that took so many bytes; nil when it spans too little to tell.
    public func day(logBytes: Int) -> Day? {
        guard let spanSeconds, spanSeconds >= Self.shortestSeconds else { return nil }
        let share = 86_400 / spanSeconds
        return Day(
            rows: Double(rows) * share, lineBytes: Double(lineBytes) * share,
            logBytes: Double(logBytes) * share)
    }
}
