import Decisions

/// Brings a journal to the disk in the background: at most 50 ms after a write, once for all of them.
final class JournalSynchronizer: Sendable {
    /// How long a write may wait for company, in milliseconds, so that the disk has it within 50.
    private static let delayMilliseconds = 40

    private struct State: Sendable {
        var file: File
        /// Bytes written and bytes the disk has.
        var written: Int
        var synchronized: Int
        /// Whether someone waits for the disk.
        var hurries = false
        var isStopped = false
        var hasEnded = false
        var lastSynchronized: Timestamp?
        var failure: StoreError?
    }

    private let state: Monitor<State>
    private let clock: @Sendable () -> Timestamp

    /// Starts with a journal whose first `length` bytes the disk has.
    init(file: File, length: Int, clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
        state = Monitor(State(file: file, written: length, synchronized: length))
        let started = BackgroundThread.start { [self] in run() }
        if !started { state.update { $0.hasEnded = true } }
    }

    /// Bytes written.
    var writtenLength: Int { state.read { $0.written } }

    /// Bytes the disk has.
    var synchronizedLength: Int { state.read { $0.synchronized } }

    /// When the disk last took over what was written.
    var lastSynchronized: Timestamp? { state.read { $0.lastSynchronized } }

    /// Why the disk refused.
    var failure: StoreError? { state.read { $0.failure } }

    /// Says that the journal has grown.
    func noteWritten(_ length: Int) {
        state.update { $0.written = max($0.written, length) }
    }

    /// Waits until the disk has everything that was written.
    func synchronizeNow() throws(StoreError) {
        let target = state.update { state in
            state.hurries = true
            return state.written
        }
        state.wait { $0.synchronized >= target || $0.failure != nil || $0.hasEnded }
        if let failure { throw failure }
    }

    /// Goes on with another journal, all of which the disk has; the old one must be synchronized.
    func follow(_ file: File, length: Int) {
        state.update { state in
            state.file = file
            state.written = length
            state.synchronized = length
        }
    }

    /// Synchronizes what is left and ends the thread.
    func stop() {
        state.update { $0.isStopped = true }
        state.wait { $0.hasEnded }
    }

    private func run() {
        while true {
            state.wait { $0.written > $0.synchronized || $0.isStopped }
            state.wait(milliseconds: JournalSynchronizer.delayMilliseconds) { $0.hurries || $0.isStopped }
            let (file, target, done) = state.read { ($0.file, $0.written, $0.isStopped) }
            var failure: StoreError?
            do { try file.synchronize() } catch let error { failure = error }
            let now = clock()
            let ended = state.update { state in
                if state.file === file { state.synchronized = max(state.synchronized, target) }
                // After a failed fsync the kernel may have dropped the pages: nothing can be promised any more.
                state.failure = state.failure ?? failure
                state.lastSynchronized = now
                state.hurries = false
                state.hasEnded = done || failure != nil
                return state.hasEnded
            }
            if ended { return }
        }
    }
}
