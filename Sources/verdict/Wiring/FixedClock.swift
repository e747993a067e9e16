import Decisions
import Locks

/// A clock that stands still, for pictures that must come out the same each time.
final class FixedClock: Sendable {
    private let time: Mutex<Timestamp>

    init(_ time: Timestamp) {
        self.time = Mutex(time)
    }

    /// What it shows.
    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}
