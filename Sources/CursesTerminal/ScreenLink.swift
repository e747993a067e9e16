import Locks
import TerminalUI

/// Who waits for an answer of the screen's thread; the first answer counts, later ones are dropped.
final class Reply<Value: Sendable>: Sendable {
    private let waiting: Mutex<CheckedContinuation<Value, Never>?>

    init(_ continuation: CheckedContinuation<Value, Never>) {
        waiting = Mutex(continuation)
    }

    func resume(returning value: Value) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: value)
    }
}

extension Reply<Void> {
    func resume() { resume(returning: ()) }
}

/// Something the screen's thread is asked to do.
enum ScreenRequest: Sendable {
    case present(Surface, Theme, Reply<Void>)
    case write([UInt8], Reply<Bool>)
    case suspend(Reply<Void>)
    case redraw(Reply<Void>)
    case restore(Reply<Void>)
    case readBack(Reply<[String]>)

    /// Answers a request that can no longer be met.
    func refuse() {
        switch self {
        case .present(_, _, let done), .suspend(let done), .redraw(let done), .restore(let done):
            done.resume()
        case .write(_, let done): done.resume(returning: false)
        case .readBack(let done): done.resume(returning: [])
        }
    }
}

/// What the screen's thread and everyone else share: a queue of requests, a pipe that wakes the
/// thread, the size, and the stream of events.
final class ScreenLink: Sendable {
    private struct State {
        var requests: [ScreenRequest] = []
        /// What the thread is busy with, and how many requests it began.
        var inHand: ScreenRequest?
        var begun = 0
        var isOpen = true
        var size = Size(width: 0, height: 0)
    }

    let events: AsyncStream<TerminalEvent>.Continuation
    let pipe: SignalPipe
    private let state = Mutex(State())

    init(events: AsyncStream<TerminalEvent>.Continuation) throws(TerminalError) {
        self.events = events
        pipe = try SignalPipe()
    }

    var size: Size {
        get { state.withLock { $0.size } }
        set { state.withLock { $0.size = newValue } }
    }

    /// Queues a request and wakes the thread; after the end it is refused at once.
    func send(_ request: ScreenRequest) {
        let isOpen = state.withLock { state in
            if state.isOpen { state.requests.append(request) }
            return state.isOpen
        }
        guard isOpen else {
            request.refuse()
            return
        }
        pipe.wake()
    }

    /// The next request, which is in hand until the next call; `nil` when none waits.
    func next() -> ScreenRequest? {
        state.withLock { state in
            state.inHand = state.requests.isEmpty ? nil : state.requests.removeFirst()
            if state.inHand != nil { state.begun += 1 }
            return state.inHand
        }
    }

    /// Which request the thread is busy with, counted from the first; `nil` when it is idle.
    var numberInHand: Int? {
        state.withLock { state in state.inHand == nil ? nil : state.begun }
    }

    /// Whether requests are still taken.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Refuses what is in hand, what waits and what is to come, and ends the events.
    func finish() {
        let waiting = state.withLock { state in
            state.isOpen = false
            defer { (state.inHand, state.requests) = (nil, []) }
            return [state.inHand].compactMap { $0 } + state.requests
        }
        for request in waiting { request.refuse() }
        events.finish()
    }
}
