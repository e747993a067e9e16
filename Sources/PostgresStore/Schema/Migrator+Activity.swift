package import VectorStores

extension Migrator {
    /// Adds an event to the activity log that the database keeps, in the turn of whoever writes into it.
    ///
    /// For what is done to a database that nobody opened as a store. Where the log's head was lost or set back the
    /// event comes behind the last entry.
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
            if let end = try end(connection, after: head) { head = end }
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

    /// Where a log ends whose head is lost or was set back, as a store that writes goes on there too; `nil` where the
    /// head tells its end.
    private func end(
        _ connection: PostgresConnection, after head: ActivityLog.Head
    ) throws(PostgresError) -> ActivityLog.Head? {
        let next = ActivityLog.key(head.sequence + 1)
        let isSetBack = try connection.run(
            """
            select exists (select from verdict_records
                where collection = \(ActivityLog.collection) and key = \(next) and value is not null)
            """
        ).onlyRow().bool(0)
        guard isSetBack else { return nil }
        // Digits alone, so that the order of the keys is that of the entries.
        let last = try connection.run(
            """
            select key, value from verdict_records
            where collection = \(ActivityLog.collection) and key ~ '^[0-9]{16}$' and value is not null
            order by key collate "C" desc limit 1
            """
        ).rows.first
        guard let last else { return nil }
        return ActivityLog.Head(
            endingWith: try last.text(0), StoredJSON.value(of: try last.text(1)))
    }
}
