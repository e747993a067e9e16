import DecisionLogs
import Decisions

/// The decisions of a followed file between the log and the store, and how far the file is read with what the store
/// acknowledged.
///
/// A position stands for all that was read before it. It is told once the store has acknowledged all of that, in
/// whatever order it went on: what a crash loses is then read again, and what is read again is known already.
struct FollowedLane {
    /// The followed path that the file was found under.
    let source: String
    /// What goes on now, in order, and is not acknowledged.
    private(set) var outgoing: ArraySlice<ReorderWindow.Held> = []
    private var window: ReorderWindow
    private var pace = LogPace()
    private var marks: ArraySlice<Mark> = []
    private var firstMark = 0
    private var acknowledged: [ReadPosition] = []
    private var told = Order()

    /// A position, and how many decisions that were read on the way to it are not acknowledged.
    private struct Mark {
        var position: ReadPosition?
        /// The file that it is of.
        var file: FileIdentity?
        var open: Int
    }

    /// What was noticed of the order of the decisions.
    struct Order: Equatable {
        /// How many were older than what had gone on already.
        var late = 0
        /// How many were later than the clock.
        var ahead = 0
        /// By how many seconds at most.
        var aheadSeconds: Int64 = 0
        /// Stretches of time without any.
        var gaps: [LogGap] = []

        /// Whether there is nothing to tell.
        var isPlain: Bool { self == Order() }
    }

    init(source: String, limits: ReorderWindow.Limits) {
        self.source = source
        window = ReorderWindow(limits)
    }

    /// Whether nothing is on its way.
    var isEmpty: Bool { outgoing.isEmpty && window.count == 0 && marks.isEmpty && acknowledged.isEmpty }

    /// Whether something is held back, and nothing was refused.
    var isHolding: Bool { outgoing.isEmpty && window.count > 0 }

    /// Whether decisions of a file are on their way here.
    func holds(_ file: FileIdentity) -> Bool { marks.contains { $0.file == file } }

    /// Takes in what was read of a file, and how far it is read with that.
    mutating func take(
        _ decisions: [Decision], of file: FileIdentity? = nil, to position: ReadPosition?,
        at instant: ContinuousClock.Instant, clock now: Timestamp?
    ) {
        if decisions.isEmpty {
            guard let position else { return }
            if marks.isEmpty {
                acknowledge(position)
            } else if let last = marks.last?.position, last.identity == position.identity {
                marks[marks.endIndex - 1].position = position
            } else {
                marks.append(Mark(position: position, file: file ?? position.identity, open: 0))
            }
            return
        }
        let mark = firstMark + marks.count
        marks.append(Mark(position: position, file: file ?? position?.identity, open: decisions.count))
        for decision in decisions { window.take(decision, mark: mark, at: instant, clock: now) }
    }

    /// Lets go on what is due, all of it when asked for, and says what was noticed of its order.
    mutating func release(at instant: ContinuousClock.Instant, all: Bool = false) -> Order {
        let released = window.release(at: instant, all: all)
        outgoing += released
        var noticed = Order()
        for held in released where !held.isBeside {
            if let gap = pace.note(held.decision.time) { noticed.gaps.append(gap) }
        }
        noticed.late = window.late - told.late
        noticed.ahead = window.ahead - told.ahead
        if noticed.ahead > 0 { noticed.aheadSeconds = window.aheadSeconds }
        (told.late, told.ahead) = (window.late, window.ahead)
        return noticed
    }

    /// The next decisions for the store.
    func next(_ count: Int) -> [Decision] { outgoing.prefix(count).map(\.decision) }

    /// Notes that the store acknowledged the first decisions that go on.
    mutating func acknowledge(first count: Int) {
        for held in outgoing.prefix(count) { marks[marks.startIndex + held.mark - firstMark].open -= 1 }
        outgoing.removeFirst(count)
        while let first = marks.first, first.open == 0 {
            marks.removeFirst()
            firstMark += 1
            if let position = first.position { acknowledge(position) }
        }
        // What is gone of a slice keeps its memory.
        if outgoing.isEmpty { outgoing = [] }
        if marks.isEmpty { marks = [] }
    }

    /// The positions that were reached since this was asked last.
    mutating func takeAcknowledged() -> [ReadPosition] {
        defer { acknowledged = [] }
        return acknowledged
    }

    private mutating func acknowledge(_ position: ReadPosition) {
        acknowledged.removeAll { $0.identity == position.identity }
        acknowledged.append(position)
    }
}
