extension Migrator {
    /// Builds an index, beside writers where the table may hold rows, and records it.
    ///
    /// What is built beside writers cannot be part of a transaction. Stopped on its way, it leaves an index that is
    /// not whole and that every write pays for: it is dropped, at once or before the next attempt.
    func build(_ usual: IndexDefinition, for step: MigrationStep) throws(PostgresError) {
        let facts = try DatabaseFacts(reading: connection)
        let index = facts.wanted(usual)
        let found = facts.tables[index.table]?.indexes ?? []
        if found.contains(where: index.isServed) {
            return try Self.record(step.migration, on: connection)
        }
        if let leftover = found.first(where: { $0.name == index.name }) {
            guard !leftover.isUsable, leftover.builder == nil else {
                throw PostgresError(
                    .server,
                    "there is an index of that name that is another one, or is being built: rename it or wait, then "
                        + "migrate again")
            }
            try drop(index)
        }
        guard step.isConcurrent else {
            return try connection.transaction { connection throws(PostgresError) in
                try connection.script(index.statement(concurrently: false))
                try Self.record(step.migration, on: connection)
            }
        }
        try connection.script("set lock_timeout = '\(Schema.concurrentLockTimeoutSeconds)s'")
        let outcome = Result { () throws(PostgresError) in
            try connection.script(index.statement(concurrently: true))
        }
        if case .failure(let error) = outcome {
            // The error is what counts; where the server is gone, the next attempt drops it.
            try? dropLeftover(of: index)
            try? waitBriefly()
            throw error
        }
        try waitBriefly()
        try Self.record(step.migration, on: connection)
    }

    /// Drops what a failed build left, and nothing else of that name.
    private func dropLeftover(of index: IndexDefinition) throws(PostgresError) {
        let found = try DatabaseFacts(reading: connection).tables[index.table]?.indexes ?? []
        if found.contains(where: { $0.name == index.name && !$0.isUsable && $0.builder == nil }) {
            try drop(index)
        }
    }

    private func drop(_ index: IndexDefinition) throws(PostgresError) {
        try connection.script("drop index concurrently if exists \(index.name)")
    }

    private func waitBriefly() throws(PostgresError) {
        try connection.script("set lock_timeout = \(lockTimeoutMilliseconds)")
    }

    /// Makes the session one that waits briefly for locks and long for work.
    func prepareSession() throws(PostgresError) {
        try waitBriefly()
        try connection.script("set statement_timeout = 0; set client_min_messages = warning")
    }

    /// Takes the lock of whoever migrates this schema; false where another has it.
    func lock() throws(PostgresError) -> Bool {
        try connection.run("select pg_try_advisory_lock(\(sql: Schema.migrationLockKeys))").onlyRow().bool(0)
    }

    /// Gives the lock up; where the connection is gone, the server has done so.
    func restoreSession() {
        guard connection.isHealthy else { return }
        // To unlock what another holds only warns.
        _ = try? connection.run("select pg_advisory_unlock(\(sql: Schema.migrationLockKeys))")
        try? connection.script("reset lock_timeout; reset statement_timeout; reset client_min_messages")
    }

    /// Who holds a lock on one of the tables, for the message that it was waited for in vain.
    func holders(of tables: [String]) throws(PostgresError) -> String {
        let rows = try connection.run(
            """
            select distinct activity.pid::int8, coalesce(activity.application_name, ''),
                coalesce(to_char(activity.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), '')
            from unnest(\(tables)) as wanted (name)
            join pg_locks as held on held.relation = to_regclass(wanted.name) and held.granted
                and held.database = (select oid from pg_database where datname = current_database())
            join pg_stat_activity as activity on activity.pid = held.pid
            where held.pid <> pg_backend_pid() order by 1 limit 3
            """
        ).rows
        var names: [String] = []
        for row in rows {
            let program = try row.text(1)
            let start = try row.text(2)
            names.append(
                "process \(try row.int8(0))" + (program.isEmpty ? "" : " (\(printed(program)))")
                    + (start.isEmpty ? "" : " since \(start)Z"))
        }
        let waited = "; it waited \(lockTimeoutMilliseconds / 1_000) s"
        return names.isEmpty ? waited : "\(waited) for \(names.joined(separator: ", "))"
    }
}
