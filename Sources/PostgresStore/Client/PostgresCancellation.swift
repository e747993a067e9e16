import CPostgres
import Glibc
import VectorStores

/// Stops what a connection does, from any thread.
///
/// It never waits: the thread that waits for the server is woken, and asks the server to stop.
///
/// Sound although unchecked: what changes is guarded by the lock of `state`, the rest is constant; libpq allows a
/// cancel object to be used on any thread.
@safe package final class PostgresCancellation: @unchecked Sendable {
    private struct State {
        var isWorking = false
        var isAsked = false
        /// Whether whatever comes next is to stop as well.
        var isForGood = false
    }

    /// How long the server may take to stop before its connection is given up.
    static let graceMilliseconds = 2_000
    /// How long until it is asked again: a request that comes before the statement does stops nothing.
    static let repeatMilliseconds = 100

    private let object: OpaquePointer?
    /// Readable while it is asked.
    let signal: Int32
    private let state = Monitor(State())
    /// How many requests to stop are on their way to the server.
    private let requests = Monitor(0)

    init(_ connection: OpaquePointer) {
        unsafe object = unsafe PQgetCancel(connection)
        signal = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    }

    deinit {
        unsafe PQfreeCancel(object)
        if signal >= 0 { close(signal) }
    }

    /// Stops the statement that runs now, or the wait for notifications; nothing happens if there is none.
    package func cancel() {
        state.update { state in
            guard state.isWorking, !state.isAsked else { return }
            state.isAsked = true
            var one: UInt64 = 1
            _ = unsafe write(signal, &one, 8)
        }
    }

    /// Stops what runs now and everything after it, until ``reset()``.
    func cancelForGood() {
        state.update { $0.isForGood = true }
        cancel()
    }

    /// Lets the next who uses the connection work.
    func reset() { state.update { $0.isForGood = false } }

    /// Says that there is something to stop from now on; false where nothing more is wanted.
    func begin() -> Bool {
        state.update { state in
            state.isWorking = !state.isForGood
            return state.isWorking
        }
    }

    /// Says that there is nothing to stop any more.
    func end() {
        state.update { state in
            if state.isAsked {
                var count: UInt64 = 0
                _ = unsafe read(signal, &count, 8)
            }
            state = State(isForGood: state.isForGood)
        }
    }

    /// Asks the server on a thread of its own: that connects, and a server that is cut off does not answer.
    ///
    /// Nothing happens while the server is being asked already.
    func askServer() {
        let isFirst = requests.update { count in
            guard count == 0 else { return false }
            count += 1
            return true
        }
        guard isFirst else { return }
        let isStarted = BackgroundThread.start { [self] in
            var reason: [CChar] = Array(repeating: 0, count: 256)
            _ = unsafe PQcancel(object, &reason, Int32(reason.count))
            requests.update { $0 -= 1 }
        }
        if !isStarted { requests.update { $0 -= 1 } }
    }

    /// Waits until no request is on its way, so that none stops the next statement; false where one hangs.
    func settle() -> Bool {
        requests.wait(milliseconds: Self.graceMilliseconds) { $0 == 0 }
        return requests.read { $0 == 0 }
    }
}
