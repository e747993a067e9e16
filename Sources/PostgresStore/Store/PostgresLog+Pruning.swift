import Locks
import VectorStores

extension PostgresLog {
    /// How long changes are kept for those who follow, and how long where there are many: who was away for longer reads
    /// everything anew.
    private static let changesKept = Duration.seconds(86_400)
    private static let manyChangesKept = Duration.seconds(600)
    /// Reading more changes than this takes longer than reading everything.
    private static let manyChanges = 1_000_000
    /// How many removed entries are remembered, and how many more make it worth forgetting the oldest.
    private static let retiredKept = 2_097_152
    private static let retiredSlack = 65_536

    /// Which changes are old: the oldest transaction under way at some times in the past.
    struct Pruning {
        fileprivate var horizons: [(time: ContinuousClock.Instant, transaction: UInt64)] = []
        private var lastTime = ContinuousClock.now

        mutating func isDue(every interval: Duration) -> Bool {
            guard .now - lastTime >= interval else { return false }
            lastTime = .now
            return true
        }
    }

    /// Removes changes that everybody has had the time to read, and says up to where.
    func prune(_ pruning: inout Pruning) throws(PostgresError) {
        let known = pruning.horizons
        let horizon = try inTransaction(limit: Self.moveLimit) {
            connection throws(PostgresError) -> UInt64? in
            guard try hasMoverLock(connection) else { return nil }
            let now = try connection.run(
                "select pg_snapshot_xmin(pg_current_snapshot())"
            ).onlyRow().xid8(0)
            // The number of rows is what vacuum counted: near enough, and it costs nothing.
            let changes = try connection.run(
                "select greatest(reltuples, 0)::int8 from pg_class where oid = to_regclass(\(Schema.changes))"
            ).onlyRow().int(0)
            let kept = changes > Self.manyChanges ? Self.manyChangesKept : Self.changesKept
            let old = known.last { .now - $0.time >= kept }
            try pruneRetired(connection)
            guard let old else { return now }
            let removed = try connection.run(
                "delete from verdict_changes where transaction < \(.xid8(old.transaction))"
            ).affected
            if removed == 0 { return now }
            _ = try connection.run(
                """
                insert into verdict_records as held (collection, key, value, revision)
                values ('verdict.mirror', 'pruned', \("\(old.transaction)"), 1)
                on conflict (collection, key) do update set value = excluded.value,
                    revision = held.revision + 1, changed = pg_current_xact_id()
                """)
            return now
        }
        // Who did not get the lock keeps what it knows: times in the past stay true.
        guard let horizon else { return }
        pruning.horizons.append((.now, horizon))
        let past = pruning.horizons.lastIndex { .now - $0.time >= Self.changesKept } ?? 0
        pruning.horizons.removeFirst(past)
    }

    /// Forgets the oldest of what retention removed; every mirror remembers as many of the newest only.
    private func pruneRetired(_ connection: PostgresConnection) throws(PostgresError) {
        // The number of rows is what vacuum counted: near enough, and it costs nothing.
        let counted = try connection.run(
            "select greatest(reltuples, 0)::int8 from pg_class where oid = to_regclass(\(Schema.retired))"
        ).onlyRow().int(0)
        guard counted > Self.retiredKept + Self.retiredSlack else { return }
        _ = try connection.run(
            """
            delete from verdict_retired where removed_at < (
                select removed_at from verdict_retired order by removed_at desc
                offset \(Self.retiredKept) limit 1)
            """)
    }
}
