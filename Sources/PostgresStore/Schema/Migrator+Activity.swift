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
            head = try end(connection, told: head)
            let changes = ActivityLog.changes(
                adding: [event], after: head, revision: UInt64(clamping: revision))
            for change in changes {
                let value = change.value.map { StoredJSON.text(of: $0) } ?? ""
                let next = Int64(clamping: (change.expected ?? 0) + 1)
                _ = try connection.run(
                    """
                    insert into verdict_records as held (collection, key, value, revision)
                    values (\(change.collection), \(change.key), \(value), \(next))
                    on conflict (collection, key) do update set value = excluded.value,
                        revision = least(held.revision, \(Int64.max - 1)) + 1, changed = pg_current_xact_id()
                    where held.key = \(ActivityLog.headKey) or held.value is null
                    """)
            }
        }
    }

    /// Where a log ends, as a store that writes goes on there too.
    private func end(
        _ connection: PostgresConnection, told head: ActivityLog.Head
    ) throws(PostgresError) -> ActivityLog.Head {
        if head.isGoneOnFrom {
            let next = ActivityLog.key(head.sequence + 1)
            let isSetBack = try connection.run(
                """
                select exists (select from verdict_records
                    where collection = \(ActivityLog.collection) and key = \(next) and value is not null)
                """
            ).onlyRow().bool(0)
            guard isSetBack else { return head }
            // Digits alone, so that the order of the keys is that of the entries.
            let last = try entry(
                connection,
                """
                select key, value from verdict_records
                where collection = \(ActivityLog.collection) and key ~ '^[0-9]{16}$' and value is not null
                order by key collate "C" desc limit 1
                """)
            if let last, last.isGoneOnFrom { return last }
        }
        // A number was forged: the first entry behind which none follows. A condition may be looked at in any order.
        let first = try entry(
            connection,
            """
            select key, value from verdict_records as held
            where collection = \(ActivityLog.collection) and key ~ '^[0-9]{16}$' and value is not null
                and key collate "C" > \(ActivityLog.key(0)) and not exists (
                    select from verdict_records as next
                    where next.collection = held.collection and next.value is not null and next.key = lpad(
                        (case when held.key ~ '^[0-9]{16}$' then held.key::bigint else 0 end + 1)::text, 16, '0'))
            order by key collate "C" limit 1
            """)
        return first.flatMap { $0.isGoneOnFrom ? $0 : nil } ?? .none
    }

    private func entry(
        _ connection: PostgresConnection, _ statement: SQL
    ) throws(PostgresError) -> ActivityLog.Head? {
        guard let row = try connection.run(statement).rows.first else { return nil }
        return ActivityLog.Head(endingWith: try row.text(0), StoredJSON.value(of: try row.text(1)))
    }
}
