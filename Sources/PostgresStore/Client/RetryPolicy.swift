import Glibc

/// Doing the same again after errors that pass, with growing pauses of random length between.
///
/// The pauses differ so that those who failed together do not come back together. Source: M. Brooker, "Exponential
/// Backoff And Jitter", AWS Architecture Blog, 2015, the variant "full jitter".
package struct RetryPolicy: Sendable {
    /// How often it is tried at most.
    package var attempts: Int
    /// The longest first pause; each next may be twice as long.
    package var firstPause: Duration
    /// The longest pause of all.
    package var longestPause: Duration
    /// A random number from 0 up to 1.
    package var random: @Sendable () -> Double
    /// Waits, blocking the thread.
    package var sleep: @Sendable (Duration) -> Void

    package init(
        attempts: Int = 6, firstPause: Duration = .milliseconds(20), longestPause: Duration = .seconds(2),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        sleep: @escaping @Sendable (Duration) -> Void = RetryPolicy.blockThread
    ) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.random = random
        self.sleep = sleep
    }

    /// The pause after an attempt, counted from 0.
    package func pause(after attempt: Int) -> Duration {
        // 2 to the 30th is past every limit, and does not overflow.
        let longest = min(longestPause, firstPause * (1 << min(attempt, 30)))
        return longest * random()
    }

    /// Does something until it works, its error would stay, the attempts are used up or the deadline would pass.
    ///
    /// The closure gets the number of the attempt, from 0, and opens a new connection where the last one broke.
    package func run<Value>(
        deadline: Deadline? = nil, _ body: (Int) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        var attempt = 0
        while true {
            do throws(PostgresError) {
                return try body(attempt)
            } catch {
                let pause = pause(after: attempt)
                attempt += 1
                guard error.isTransient, attempt < attempts else { throw error }
                if let deadline, Deadline.now + pause >= deadline { throw error }
                sleep(pause)
            }
        }
    }

    /// Sleeps without giving the thread to anybody.
    package static func blockThread(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        var rest = timespec()
        while unsafe nanosleep(&time, &rest) == -1, errno == EINTR { time = rest }
    }
}
