import Locks
import VectorStores

extension PostgresLog {
    /// How long who ends moves rows on, and past how many rows for longer, so that the inbox does not grow from one
    /// short process to the next.
    static let settleLimit = Duration.seconds(10)
    private static let settledBacklog = 20_000
    private static let longSettleLimit = Duration.seconds(600)
    /// How long another process that moves rows is left alone.
    private static let lookMilliseconds = 50

    func settle(_ goesOn: (_ waiting: Int) -> Bool) -> Int { settle(within: Self.settleLimit, goesOn) }

    /// Moves rows out of the inbox for a time, with the thread that does so and with other processes.
    func settle(within limit: Duration, _ goesOn: (_ waiting: Int) -> Bool) -> Int {
        guard found.withLock({ $0 != nil }), readOnlyReason == nil, facts.entryRefusal == nil, !isAway else {
            return 0
        }
        let start = ContinuousClock.now
        var waiting = standing.withLock { $0.backlog }
        do throws(PostgresError) {
            while !threads.isStopped {
                let moved = try moveRows()
                waiting = try pool.withConnection(deadline: .now + Self.moveLimit) {
                    connection throws(PostgresError) in try Self.backlog(connection)
                }
                let time = waiting > Self.settledBacklog ? max(limit, Self.longSettleLimit) : limit
                guard waiting > 0, .now - start < time, goesOn(waiting) else { break }
                if moved == 0 { threads.pause(milliseconds: Self.lookMilliseconds) }
            }
            try prune()
        } catch {
            // What waits is safe where it is, and is moved by whoever writes next.
        }
        return waiting
    }
}
