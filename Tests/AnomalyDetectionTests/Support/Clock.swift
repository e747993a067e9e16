import Decisions
import Locks

/// A clock that stands still until it is moved.
final class Clock: Sendable {
    private let seconds = Mutex<Int64>(1_800_000_000)

    var now: Timestamp { Timestamp(seconds: seconds.withLock { $0 }, fractionDigits: 0) }

    func advance(_ delta: Int64) {
        seconds.withLock { $0 += delta }
    }
}
