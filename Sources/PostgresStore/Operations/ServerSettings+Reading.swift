import VectorStores

extension ServerSettings {
    /// Reads the settings that a session has.
    init(reading connection: PostgresConnection) throws(PostgresError) {
        let row = try connection.run(
            """
            select pg_size_bytes(current_setting('shared_buffers')),
                pg_size_bytes(current_setting('maintenance_work_mem')),
                (select source in ('client', 'environment variable') from pg_settings
                    where name = 'maintenance_work_mem'),
                current_setting('autovacuum')::bool, current_setting('synchronous_commit'),
                current_setting('fsync')::bool, pg_jit_available(),
                (select setting::int8 from pg_settings where name = 'statement_timeout'),
                current_setting('max_connections')::int8,
                current_setting('superuser_reserved_connections')::int8,
                (select coalesce(sum(numbackends), 0)::int8 from pg_stat_database),
                current_setting('max_parallel_maintenance_workers')::int8,
                (select extversion from pg_extension where extname = 'vector'), current_database()::text
            """
        ).onlyRow()
        sharedBuffers = try row.int(0)
        maintenanceBytes = try row.int(1)
        isMaintenanceChosen = try row.bool(2)
        autovacuum = try row.bool(3)
        synchronousCommit = try row.text(4)
        fsync = try row.bool(5)
        jit = try row.bool(6)
        statementTimeoutMilliseconds = try row.int(7)
        maximumConnections = try row.int(8)
        reservedConnections = try row.int(9)
        connections = try row.int(10)
        maintenanceWorkers = try row.int(11)
        pgvector = try row.optionalText(12).map { ExtensionVersion($0) }
        let database = try row.text(13)
        timeZones = try SessionTimeZone.foreign(connection).map { $0.sentence(in: database) }
    }
}

extension HeldLock {
    /// Kinds of locks that keep readers or writers waiting.
    private static let strong = [
        "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
    ]

    /// The locks on our tables that others feel, and those that are waited for, the oldest first.
    static func reading(_ connection: PostgresConnection) throws(PostgresError) -> [HeldLock] {
        let names = [
            Schema.vectors, Schema.rows, Schema.inbox, Schema.records, Schema.changes, Schema.retired,
        ]
        let answer = try connection.run(
            """
            select wanted.name, held.mode, held.granted, held.pid::int8, coalesce(activity.application_name, ''),
                coalesce(extract(epoch from clock_timestamp()
                    - case when held.granted then activity.xact_start else held.waitstart end), 0)::float8
            from unnest(\(names)) as wanted (name)
            cross join lateral (
                select to_regclass(wanted.name)::oid as oid
                union select relid::oid from pg_partition_tree(to_regclass(wanted.name))
            ) as part
            join pg_locks as held on held.locktype = 'relation' and held.relation = part.oid
                and held.database = (select oid from pg_database where datname = current_database())
            left join pg_stat_activity as activity on activity.pid = held.pid
            where held.pid <> pg_backend_pid() and (not held.granted or held.mode = any(\(strong)))
            order by 6 desc, 4 limit 100
            """)
        var locks: [HeldLock] = []
        for row in answer.rows {
            locks.append(
                HeldLock(
                    table: try row.text(0), mode: try row.text(1), isGranted: try row.bool(2),
                    process: try row.int(3), program: try row.text(4), seconds: try row.float8(5)))
        }
        return locks
    }
}
