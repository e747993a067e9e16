import VectorIndex

/// Links into the graph what was acknowledged before it was, on a thread of its own; the oldest first.
///
/// The thread begins with the first such insert, sleeps while there is nothing to link and ends with ``stop()``. Which
/// index is linked is asked each time: another may have taken its place.
final class TailLinker: Sendable {
    private struct State: Sendable {
        var isAsked = false
        var isRunning = false
        var isStopped = false
        /// How many inserts are under way that leave vectors to be linked.
        var inserts = 0
        /// Whether it waits for them.
        var givesWay = false
    }

    /// After so many nodes it is looked at whether to stop: about a millisecond.
    static let linkedAtOnce = 16
    /// While fewer vectors wait, inserts go first: a quarter of what a tail holds, which every search compares in about
    /// half the time of a walk.
    static let yieldingTail = 2_048
    /// How often it is looked at how many wait, while inserts go first.
    private static let yieldingMilliseconds = 5

    private let core: StoreCore
    private let yieldingTail: Int
    private let state = Monitor(State())
    /// Runs work on another thread, and answers false when it cannot.
    private let start: @Sendable (@escaping @Sendable () -> Void) -> Bool
    /// Called between two steps.
    private let pause: @Sendable () -> Void

    init(
        _ core: StoreCore,
        yieldingBelow yieldingTail: Int = TailLinker.yieldingTail,
        starting start: @escaping @Sendable (@escaping @Sendable () -> Void) -> Bool = {
            BackgroundThread.start($0)
        },
        pausing pause: @escaping @Sendable () -> Void = {}
    ) {
        self.core = core
        self.yieldingTail = yieldingTail
        self.start = start
        self.pause = pause
    }

    /// Whether it ends, or has ended.
    var isStopped: Bool { state.read { $0.isStopped } }

    /// Whether inserts that are under way go first at the moment.
    var givesWay: Bool { state.read { $0.givesWay } }

    /// Runs an insert that leaves vectors to be linked, and then lets them be: both want the processors.
    func around<Value>(_ insert: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        state.update { $0.inserts += 1 }
        defer {
            state.update { $0.inserts -= 1 }
            wake()
        }
        return try insert()
    }

    /// Lets what is in the tail be linked; costs a look where there is nothing.
    ///
    /// Where the system has no thread to give, the caller links it.
    func wake() {
        guard core.index.tailCount > 0 else { return }
        let isFirst = state.update { state in
            if state.isStopped { return false }
            state.isAsked = true
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst, !start({ [self] in run() }) else { return }
        state.update { $0.isRunning = false }
        core.index.linkTail()
    }

    /// Ends the thread, and waits for it: what is not linked then stays in the tail.
    func stop() {
        state.update { $0.isStopped = true }
        state.wait { !$0.isRunning }
    }

    private func run() {
        while true {
            state.wait { $0.isAsked || $0.isStopped }
            let goesOn = state.update { state in
                state.isAsked = false
                if state.isStopped { state.isRunning = false }
                return !state.isStopped
            }
            guard goesOn else { return }
            giveWay()
            while core.index.linkTail(atMost: Self.linkedAtOnce) > 0 {
                pause()
                if isStopped { break }
                giveWay()
            }
        }
    }

    /// Waits for the inserts that are under way, unless much is to be linked.
    ///
    /// Looks at that all along: one may bring much, and where they overlap there is never a moment without any.
    private func giveWay() {
        while state.read({ $0.inserts > 0 && !$0.isStopped }), core.index.tailCount < yieldingTail {
            state.update { $0.givesWay = true }
            state.wait(milliseconds: Self.yieldingMilliseconds) { $0.inserts == 0 || $0.isStopped }
        }
        state.update { $0.givesWay = false }
    }
}
