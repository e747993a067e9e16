public import Decisions
import Locks

/// What decisions are read from, and how each source is doing.
///
/// A followed source is silent when nothing came for longer than usual. What is usual is learned
/// over at least ten minutes of wall time, so a source is never called silent before that.
public final class SourceBoard: Sendable {
    /// Wall time over which a source's usual gap is learned, in seconds.
    public static let learningSeconds: Int64 = 600
    /// How many times its longest usual gap a source may be quiet.
    public static let quietFactor: Int64 = 3
    /// The shortest gap that counts as silence, in seconds.
    public static let shortestSilenceSeconds: Int64 = 60

    private struct Source {
        var summary: SourceSummary
        var started: Timestamp
        var lastHeard: Timestamp
        var longestGapSeconds: Int64 = 0
        var acceptedAtLastReading = 0
    }

    private let sources = Mutex<[String: Source]>([:])
    private let clock: @Sendable () -> Timestamp

    /// Creates an empty board.
    public init(clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
    }

    /// Starts or restarts a source.
    public func begin(_ id: String, following: Bool) {
        let now = clock()
        sources.withLock { sources in
            let state = following ? SourceSummary.State.following : .reading
            if sources[id] == nil {
                sources[id] = Source(
                    summary: SourceSummary(id: id, state: state), started: now, lastHeard: now)
            } else {
                // A source that could not be read was not quiet: its gap begins anew.
                let before = sources[id]?.summary.state
                if before == .failed || before == .waiting { sources[id]?.lastHeard = now }
                if before == .waiting { sources[id]?.started = now }
                sources[id]?.summary.state = state
            }
        }
    }

    /// Says that a followed source does not exist yet.
    public func wait(for id: String) {
        sources.withLock { $0[id]?.summary.state = .waiting }
    }

    /// Notes what came from a source.
    ///
    /// What rules leave out came too: a source all of which is dropped is not silent.
    public func note(
        _ id: String, accepted: Int, duplicates: Int = 0, rejected: Int, leftOut: Int = 0,
        lastEvent: Timestamp?, lastReject: String? = nil
    ) {
        let now = clock()
        sources.withLock { sources in
            guard var source = sources[id] else { return }
            if accepted + leftOut > 0 {
                // An outage is not usual, however long it was.
                if Self.state(of: source, now: now) != .silent {
                    source.longestGapSeconds = max(
                        source.longestGapSeconds, now.seconds - source.lastHeard.seconds)
                }
                source.lastHeard = now
            }
            source.summary.accepted += accepted
            source.summary.duplicates += duplicates
            source.summary.rejected += rejected
            source.summary.leftOut += leftOut
            if let lastEvent, source.summary.lastEvent.map({ $0 < lastEvent }) ?? true {
                source.summary.lastEvent = lastEvent
            }
            if let lastReject { source.summary.lastReject = lastReject }
            sources[id] = source
        }
    }

    /// Notes what was noticed of the order and the times of a source's decisions.
    func note(_ id: String, order: FollowedLane.Order) {
        let now = clock()
        sources.withLock { sources in
            guard var summary = sources[id]?.summary else { return }
            summary.late += order.late
            if order.ahead > 0 {
                summary.ahead += order.ahead
                summary.aheadSeconds = max(summary.aheadSeconds, order.aheadSeconds)
                summary.lastAhead = now
            }
            if let gap = order.gaps.last {
                summary.gaps += order.gaps.count
                summary.lastGap = gap
                summary.lastGapNoticed = now
            }
            sources[id]?.summary = summary
        }
    }

    /// Ends a source.
    public func end(_ id: String, failure: String? = nil) {
        sources.withLock { sources in
            sources[id]?.summary.state = failure == nil ? .done : .failed
            if let failure { sources[id]?.summary.lastReject = failure }
        }
    }

    /// The sources by name; `elapsed` is the time since the last call, for rates, which stay when it is 0.
    public func summaries(elapsedSeconds elapsed: Double) -> [SourceSummary] {
        let now = clock()
        return sources.withLock { sources in
            for id in sources.keys {
                guard var source = sources[id] else { continue }
                if elapsed > 0 {
                    let fresh = source.summary.accepted - source.acceptedAtLastReading
                    source.acceptedAtLastReading = source.summary.accepted
                    source.summary.ratePerSecond = Double(fresh) / elapsed
                }
                source.summary.lagSeconds = source.summary.lastEvent.map {
                    max(0, now.secondsSince1970 - $0.secondsSince1970)
                }
                source.summary.state = Self.state(of: source, now: now)
                source.summary.lastHeard = source.summary.heard > 0 ? source.lastHeard : nil
                source.summary.longestGapSeconds = source.longestGapSeconds
                sources[id] = source
            }
            return sources.values.map(\.summary).sorted { $0.id < $1.id }
        }
    }

    private static func state(of source: Source, now: Timestamp) -> SourceSummary.State {
        guard source.summary.state == .following || source.summary.state == .silent else {
            return source.summary.state
        }
        let isLearned = now.seconds - source.started.seconds >= learningSeconds
        let quiet = now.seconds - source.lastHeard.seconds
        let limit = max(shortestSilenceSeconds, source.longestGapSeconds * quietFactor)
        return isLearned && quiet > limit ? .silent : .following
    }
}
