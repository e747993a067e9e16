import Locks
import VectorStores

extension PostgresLog {
    /// How often the changes are looked at where nothing tells of them.
    private static let pollMilliseconds = 1_000
    /// How long several changes are waited for, so that they are read together.
    private static let gatherMilliseconds = 20
    /// How long a server that could not be asked is left alone.
    private static let retryMilliseconds = 1_000
    /// How often the sizes of tables are asked for, in looks.
    private static let looksBetweenSizes = 10

    /// Follows until it is told to stop: at once where the server tells of a change, else once a second.
    func runFollowing(_ follow: () throws(StoreError) -> Void) {
        var listener: PostgresConnection?
        var looks = 0
        while !threads.isStopped {
            do throws(StoreError) {
                try follow()
                measure(sizes: looks % Self.looksBetweenSizes == 0)
                looks += 1
            } catch {
                // Told by the health check, which the log itself has noted.
                listener = nil
                threads.pause(milliseconds: Self.retryMilliseconds)
                continue
            }
            wait(&listener)
        }
        listener?.close()
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
        guard address.isPreparing, !facts.isStandby, !isMute.withLock({ $0 }) else { return nil }
        let deadline = ContinuousClock.now + Self.followLimit
        let connection = try PostgresConnection.open(address, deadline: deadline)
        guard !connection.isPooled else {
            isMute.withLock { $0 = true }
            connection.close()
            return nil
        }
        try connection.listen(Schema.channel)
        return connection
    }

    private func measure(sizes: Bool) {
        do throws(PostgresError) {
            let deadline = ContinuousClock.now + Self.followLimit
            try pool.withConnection(deadline: deadline) { connection throws(PostgresError) in
                let backlog = try connection.run(
                    "select count(*) from (select from decision_inbox limit \(Self.countedBacklog)) as waiting"
                ).onlyRow().int(0)
                standing.withLock { $0.backlog = backlog }
                guard sizes else { return }
                let bytes = try connection.run(
                    """
                    select coalesce(sum(pg_total_relation_size(part.relation)), 0)::int8
                    from unnest(\([
                        Schema.vectors, Schema.rows, Schema.inbox, Schema.records, Schema.changes,
                        Schema.retired,
                    ])) as name
                    cross join lateral (
                        select to_regclass(name) as relation
                        union select relid from pg_partition_tree(to_regclass(name))) as part
                    """
                ).onlyRow().int(0)
                standing.withLock { $0.diskBytes = bytes }
            }
        } catch {
            standing.withLock { $0.failed(error) }
        }
    }

    /// How far the rows of the inbox are counted.
    private static let countedBacklog = 1_000_000
    /// Past this many rows in the inbox who writes is slowed.
    static let slowingBacklog = 200_000
    /// The longest pause of one write.
    private static let longestPause = 2_000

    /// Waits a moment where the inbox is too full: nothing is refused, and nothing is lost.
    func slowDown() {
        let over = standing.withLock { $0.backlog } - Self.slowingBacklog
        guard over > 0 else { return }
        threads.pause(milliseconds: min(Self.longestPause, 10 + over / 100))
    }
}
