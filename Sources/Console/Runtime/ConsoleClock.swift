public import Decisions
import Glibc

/// The times the console lives by; passed in, so that tests hold them.
public protocol ConsoleClock: Sendable {
    /// The wall clock.
    func now() -> Timestamp
    /// A clock that never goes back, in milliseconds.
    func milliseconds() -> Int64
    /// Returns after a time; throws when cancelled.
    func sleep(milliseconds: Int64) async throws
}

/// The machine's clocks.
public struct SystemConsoleClock: ConsoleClock {
    private let start = ContinuousClock.now

    /// The machine's clocks, counted from now.
    public init() {}

    /// The wall clock.
    public func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec), fractionDigits: 3)
    }

    /// Milliseconds since this clock was made.
    public func milliseconds() -> Int64 {
        let elapsed = (ContinuousClock.now - start).components
        return elapsed.seconds * 1_000 + elapsed.attoseconds / 1_000_000_000_000_000
    }

    /// Waits without holding a thread.
    public func sleep(milliseconds: Int64) async throws {
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
}
