import Decisions

/// Holds the newest decisions of a log back for a moment, so that late and unordered ones go on in the order of
/// their times.
///
/// A log is written as requests end, and shippers mix what several machines wrote. What is held goes on when a
/// decision came that is later by the window's length, when it was held for as long, or when too many are held. One
/// that is older than what went on already is late: it goes on at once, and is counted. One that is later than the
/// clock says nothing of the others' times: it goes on at once too.
struct ReorderWindow {
    /// How long and how much is held back.
    struct Limits: Sendable, Hashable {
        /// The length, in time of the log and in time of the clock.
        var seconds: Int64
        /// The most decisions that are held.
        var count: Int

        /// What following uses: most of what is unordered is so by less than a second.
        static let standard = Limits(seconds: 2, count: 4_096)
        /// Holds nothing back: what comes together is sorted.
        static let none = Limits(seconds: 0, count: 4_096)
    }

    /// A decision with its place in the log.
    struct Held {
        var decision: Decision
        /// The mark of its log that it belongs to.
        var mark: Int
        /// Its place among those that came.
        var number: Int
        /// When it may not be held any longer.
        var deadline: ContinuousClock.Instant
        /// Whether it went on beside the order: late, or ahead of the clock.
        var isBeside = false
        /// Whether its time is not reached yet, by so little that it is held all the same.
        var isEarly = false
    }

    /// How many were older than what had gone on already.
    private(set) var late = 0
    /// How many were later than the clock.
    private(set) var ahead = 0
    /// By how many seconds the one that was the farthest ahead was.
    private(set) var aheadSeconds: Int64 = 0

    private let limits: Limits
    /// What is held, the latest first: what goes on leaves at the end.
    private var held: [Held] = []
    private var isSorted = true
    /// What goes on whatever else comes.
    private var passing: [Held] = []
    private var came = 0
    /// The latest that came, by its time.
    private var newest: Timestamp?
    /// The time of the latest that went on in order.
    private var gone: Timestamp?

    /// A clock may be so much behind that of another machine.
    static let toleratedSkewSeconds: Int64 = 60

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// How many are held.
    var count: Int { held.count + passing.count }

    /// Takes a decision in; `now` is the time of the clock by which it is told whether it is ahead.
    mutating func take(
        _ decision: Decision, mark: Int, at instant: ContinuousClock.Instant, clock now: Timestamp?
    ) {
        came += 1
        var new = Held(
            decision: decision, mark: mark, number: came,
            deadline: instant.advanced(by: .seconds(limits.seconds)))
        if let now, decision.time > now.advanced(bySeconds: Self.toleratedSkewSeconds) {
            ahead += 1
            aheadSeconds = max(aheadSeconds, decision.time.seconds.subtractingWithoutOverflow(now.seconds))
            new.isBeside = true
            passing.append(new)
            return
        }
        if let gone, decision.time < gone {
            late += 1
            new.isBeside = true
            passing.append(new)
            return
        }
        // One whose clock is a little ahead does not make late what the others bring.
        new.isEarly = now.map { decision.time > $0 } ?? false
        if !new.isEarly { newest = max(newest ?? decision.time, decision.time) }
        if isSorted, let last = held.last, !Self.follows(last, new) { isSorted = false }
        held.append(new)
    }

    /// Takes out what goes on at an instant, in order; everything when `all` is asked for.
    mutating func release(at instant: ContinuousClock.Instant, all: Bool = false) -> [Held] {
        var released = passing
        passing = []
        // Those that are late or ahead are sorted among themselves: they stand before all others.
        released.sort { Self.follows($1, $0) }
        guard !held.isEmpty else { return released }
        if !isSorted {
            held.sort { Self.follows($0, $1) }
            isSorted = true
        }
        let leaving = all ? held.count : countLeaving(at: instant)
        guard leaving > 0 else { return released }
        let left = held.count - leaving
        released.append(contentsOf: held[left...].reversed())
        if let last = held[left...].first(where: { !$0.isEarly })?.decision.time {
            gone = max(gone ?? last, last)
        }
        held.removeSubrange(left...)
        return released
    }

    /// How many leave: all up to the last one that may not be held any longer.
    private func countLeaving(at instant: ContinuousClock.Instant) -> Int {
        let horizon = newest.map { $0.advanced(bySeconds: -limits.seconds) }
        var leaving = max(0, held.count - limits.count)
        // The oldest stand at the end.
        for (place, one) in held.reversed().enumerated() {
            if one.deadline <= instant || horizon.map({ one.decision.time <= $0 }) ?? false {
                leaving = max(leaving, place + 1)
            }
        }
        return leaving
    }

    /// Whether the left one goes on after the right one: later, by identifier, then as they came.
    private static func follows(_ left: Held, _ right: Held) -> Bool {
        if left.decision.time != right.decision.time { return left.decision.time > right.decision.time }
        if left.decision.id != right.decision.id { return left.decision.id > right.decision.id }
        return left.number > right.number
    }
}

extension Int64 {
    /// The difference, or the largest number where that is too large.
    fileprivate func subtractingWithoutOverflow(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? .max : difference
    }
}
