import Locks
import VectorStores

extension PostgresLog {
    /// How often the changes are looked at where nothing tells of them.
    private static let pollMilliseconds = 1_000
    /// How long several changes are waited for, so that they are read together.
    private static let gatherMilliseconds = 20
    /// How long a listener that could not be had is left alone.
    private static let retryMilliseconds = 1_000
    /// The shortest pause before a server that was away is asked again; ``reconnecting`` adds to it.
    private static let shortestPause = Duration.seconds(1)
    /// Pauses that grow to 15 s with the first one, and differ, so that not all who wait come back at once.
    private static let reconnecting = RetryPolicy(firstPause: .seconds(1), longestPause: .seconds(14))
    /// How often who waits looks whether somebody else has reached the server meanwhile.
    private static let lookMilliseconds = 200

    /// Follows until it is told to stop: at once where the server tells of a change, else once a second.
    func runFollowing(_ turn: @escaping Turn) {
        var listener: PostgresConnection?
        var failures = 0
        while !threads.isStopped {
            do throws(StoreError) {
                try turn { mirror throws(StoreError) in try follow(into: mirror) }
                failures = 0
                measure()
                auditIfDue(turn)
            } catch {
                // Told by the health check, which the log itself has noted.
                listener = nil
                waitForServer(after: failures)
                failures += 1
                continue
            }
            wait(&listener)
        }
        listener?.close()
    }

    /// How long a server is left alone that could not be asked so many times before.
    static func pause(after failures: Int, by policy: RetryPolicy = reconnecting) -> Duration {
        shortestPause + policy.pause(after: failures)
    }

    /// Waits until the server is to be asked again, or until a write has reached it.
    private func waitForServer(after failures: Int) {
        let next = ContinuousClock.now + Self.pause(after: failures)
        let isAway = standing.withLock { standing in
            standing.nextAttempt = next
            return standing.failure != nil
        }
        while !threads.isStopped, next > .now, !isAway || standing.withLock({ $0.failure != nil }) {
            threads.pause(milliseconds: min(Self.lookMilliseconds, next.remainingMilliseconds))
        }
        standing.withLock { $0.nextAttempt = nil }
    }

    /// Waits for a notification, or a second.
    private func wait(_ listener: inout PostgresConnection?) {
        do throws(PostgresError) {
            if listener == nil { listener = try listening() }
            guard let connection = listener else {
                return threads.pause(milliseconds: Self.pollMilliseconds)
            }
            let told = try threads.cancelling(connection.cancellation) { () throws(PostgresError) in
                try connection.waitForNotification(milliseconds: Self.pollMilliseconds)
            }
            if !told.isEmpty { threads.pause(milliseconds: Self.gatherMilliseconds) }
        } catch {
            listener = nil
            threads.pause(milliseconds: Self.retryMilliseconds)
        }
    }

    /// A connection that is told of changes; `nil` where a pooler or a standby passes nothing on.
    private func listening() throws(PostgresError) -> PostgresConnection? {
        guard address.isPreparing, !facts.isStandby, !isMute.withLock({ $0 }),
            !address.readsFromStandby || readOnlyReason == nil
        else { return nil }
        let deadline = ContinuousClock.now + Self.followLimit
        let connection = try PostgresConnection.open(pool.address, deadline: deadline) { threads.isStopped }
        guard !connection.isPooled else {
            isMute.withLock { $0 = true }
            connection.close()
            return nil
        }
        try connection.listen(Schema.channel)
        return connection
    }

    /// Past this many rows in the inbox who writes is slowed: ten minutes at 5,000 a second come before.
    static let slowingBacklog = 4_000_000
    /// The longest pause of one write.
    private static let longestPause = 2_000

    /// Waits a moment where the inbox is too full: nothing is refused, and nothing is lost.
    func slowDown() {
        let pause = Self.slowingMilliseconds(backlog: standing.withLock { $0.backlog })
        if pause > 0 { threads.pause(milliseconds: pause) }
    }

    /// How long a write waits where so many rows are in the inbox.
    static func slowingMilliseconds(backlog: Int) -> Int {
        let over = backlog - slowingBacklog
        return over > 0 ? min(longestPause, 10 + over / 100) : 0
    }
}
