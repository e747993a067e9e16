import VectorStores

extension Migrator {
    /// Rows that are copied in one transaction: a tenth of a second or so.
    private static let rowsPerBatch = 1_000
    /// How often a batch is tried that others were in the way of.
    private static let batchAttempts = 5
    /// How often both tables are compared before it is given up.
    private static let comparisons = 3

    /// Copies every row that is not in the table by tenant yet, in the order of identifiers.
    ///
    /// One that was stopped begins at the first row again, and finds what it copied before. A row cannot be deleted
    /// between being read and being copied; one that was changed meanwhile is there already, by the trigger.
    func moveRows(
        of total: Int, _ tell: (LayoutNews) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        var last: String?
        var moved = 0
        while true {
            let batch = try retrying { () throws(PostgresError) in try self.moveBatch(after: last) }
            guard let batch else { return }
            last = batch.last
            moved += batch.rows
            try tell(.moved(rows: moved, of: max(total, moved)))
        }
    }

    private func moveBatch(after last: String?) throws(PostgresError) -> (last: String, rows: Int)? {
        // An identifier may be empty, and none comes before that.
        var start: SQL = "true"
        if let last { start = "id > \(last)" }
        let answer = try connection.run(
            """
            with source as (
                select id, embedding, metadata, created_at from decision_vectors
                where \(sql: start) order by id limit \(Self.rowsPerBatch) for key share
            ), copied as (
                insert into decision_rows (tenant, id, embedding, metadata, created_at)
                select coalesce(metadata->>'tenant', ''), id, embedding, metadata, created_at from source
                on conflict (tenant, id) do nothing returning 1
            )
            select max(id), count(*), (select count(*) from copied) from source
            """
        ).onlyRow()
        let last = try answer.optionalText(0)
        let rows = try answer.int(1)
        return last.map { ($0, rows) }
    }

    private func retrying<Value>(
        _ work: () throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        var attempts = 1
        while true {
            do throws(PostgresError) {
                return try work()
            } catch {
                // Waited for in vain, or one of two that waited for each other.
                guard connection.isHealthy, ["55P03", "40P01"].contains(error.sqlState),
                    attempts < Self.batchAttempts
                else { throw error }
                attempts += 1
            }
        }
    }

    /// Compares both tables row by row; what differs is copied again, and compared again.
    func compareRows() throws(PostgresError) {
        var left = try differences()
        for _ in 1..<Self.comparisons where left > 0 {
            try mendDifferences()
            left = try differences()
        }
        // Who searches by the view at once is to have plans that know the rows.
        guard left > 0 else { return try connection.script("analyze decision_rows") }
        throw PostgresError(
            .conflict,
            "\(PrintedNumber.counted(left, "row")) \(left == 1 ? "differs" : "differ") between "
                + "\(Schema.vectors) and \(Schema.rows), since something writes without triggers: "
                + "stop it, then migrate again")
    }

    /// Rows that one of both lacks or holds otherwise, at one moment.
    private func differences() throws(PostgresError) -> Int {
        try connection.run(
            """
            select count(*) from decision_vectors as plain
            full join decision_rows as held
                on held.tenant = coalesce(plain.metadata->>'tenant', '') and held.id = plain.id
            where held.id is null or plain.id is null
                or not row(held.embedding, held.metadata, held.created_at)::record
                    operator(pg_catalog.*=) row(plain.embedding, plain.metadata, plain.created_at)::record
            """
        ).onlyRow().int(0)
    }

    private func mendDifferences() throws(PostgresError) {
        try connection.transaction { connection throws(PostgresError) in
            // What is written meanwhile waits: this is rare, and short.
            try connection.script("lock table decision_vectors in share row exclusive mode")
            _ = try connection.run(
                """
                delete from decision_rows as held where not exists (
                    select from decision_vectors as plain
                    where held.tenant = coalesce(plain.metadata->>'tenant', '') and held.id = plain.id
                        and row(held.embedding, held.metadata, held.created_at)::record
                            operator(pg_catalog.*=) row(plain.embedding, plain.metadata, plain.created_at)::record)
                """)
            _ = try connection.run(
                """
                insert into decision_rows (tenant, id, embedding, metadata, created_at)
                select coalesce(metadata->>'tenant', ''), id, embedding, metadata, created_at
                from decision_vectors on conflict (tenant, id) do nothing
                """)
        }
    }

    /// Builds what the table by tenant lacks, a partition at a time beside writers where there are rows.
    func buildIndexes(_ facts: DatabaseFacts, partitions: [String]) throws(PostgresError) {
        let isEmpty = try !connection.run("select exists (select from decision_rows)").onlyRow().bool(0)
        for index in facts.neededTenantIndexes {
            let isThere = try isIndex(index.name)
            if isEmpty, !isThere {
                try connection.script(index.statement(concurrently: false))
                continue
            }
            if partitions.isEmpty {
                try buildBeside(index)
                continue
            }
            if !isThere { try connection.script(index.statement(concurrently: false, only: true)) }
            let attached = try attachedIndexes(of: index.name)
            for partition in partitions {
                let own = index.on(partition: partition)
                if attached.contains(own.name) { continue }
                try buildBeside(own)
                try connection.script("alter index \(index.name) attach partition \(own.name)")
            }
        }
    }

    /// Builds one index beside writers; what a cut build left is dropped before.
    private func buildBeside(_ index: IndexDefinition) throws(PostgresError) {
        try connection.script("set lock_timeout = '\(Schema.concurrentLockTimeoutSeconds)s'")
        let outcome = Result { () throws(PostgresError) in
            let isWhole = try connection.run(
                "select indisvalid from pg_index where indexrelid = to_regclass(\(index.name))"
            ).rows.first?.bool(0)
            if isWhole == true { return }
            if isWhole == false { try connection.script("drop index concurrently \(index.name)") }
            try connection.script(index.statement(concurrently: true))
        }
        try connection.script("set lock_timeout = \(lockTimeoutMilliseconds)")
        try outcome.get()
    }

    private func isIndex(_ name: String) throws(PostgresError) -> Bool {
        try connection.run("select to_regclass(\(name)) is not null").onlyRow().bool(0)
    }

    private func attachedIndexes(of name: String) throws(PostgresError) -> Set<String> {
        var names: Set<String> = []
        let rows = try connection.run(
            """
            select child.relname::text from pg_inherits as held join pg_class as child on child.oid = held.inhrelid
            where held.inhparent = to_regclass(\(name))
            """
        ).rows
        for row in rows { names.insert(try row.text(0)) }
        return names
    }
}
