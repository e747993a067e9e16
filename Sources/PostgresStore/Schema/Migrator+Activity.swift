package import VectorStores

extension Migrator {
    /// Adds an event to the activity log that the database keeps, in the turn of whoever writes into it.
    ///
    /// For what is done to a database that nobody opened as a store.
    package func record(_ event: ActivityEvent) throws(PostgresError) {
        try connection.transaction { connection throws(PostgresError) in
            _ = try connection.run(
                """
                select pg_advisory_xact_lock(
                    \(.int4(Int32(PostgresLog.writerLock))), \(sql: PostgresLog.lockedTables))
                """)
            let row = try connection.run(
                """
                select coalesce(value, ''), revision from verdict_records
                where collection = \(ActivityLog.collection) and key = \(ActivityLog.headKey)
                """
            ).rows.first
            var (head, revision) = (ActivityLog.Head.none, Int64(0))
            if let row {
                revision = try row.int8(1)
                head = StoredJSON.value(of: try row.text(0)).flatMap { ActivityLog.Head(json: $0) } ?? head
            }
            let changes = ActivityLog.changes(
                adding: [event], after: head, revision: UInt64(clamping: revision))
            for change in changes {
                let value = change.value.map { StoredJSON.text(of: $0) } ?? ""
                let next = Int64(clamping: change.expected ?? 0) + 1
                _ = try connection.run(
                    """
                    insert into verdict_records as held (collection, key, value, revision)
                    values (\(change.collection), \(change.key), \(value), \(next))
                    on conflict (collection, key) do update set value = excluded.value,
                        revision = excluded.revision, changed = pg_current_xact_id()
                    where held.key = \(ActivityLog.headKey)
                    """)
            }
        }
    }
}
