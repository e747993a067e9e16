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
    }

    /// After so many nodes it is looked at whether to stop: about a millisecond.
    private static let linkedAtOnce = 16

    private let core: StoreCore
    private let state = Monitor(State())
    /// Runs work on another thread, and answers false when it cannot.
    private let start: @Sendable (@escaping @Sendable () -> Void) -> Bool

    init(
        _ core: StoreCore,
        starting start: @escaping @Sendable (@escaping @Sendable () -> Void) -> Bool = {
            BackgroundThread.start($0)
        }
    ) {
        self.core = core
        self.start = start
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
            while core.index.linkTail(atMost: Self.linkedAtOnce) > 0 {
                if state.read({ $0.isStopped }) { break }
            }
        }
    }
}
