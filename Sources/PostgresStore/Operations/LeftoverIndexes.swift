/// Indexes that a rebuild of the server's index makes on its way, and that a cut one leaves behind.
enum LeftoverIndexes {
    /// What an index with other parameters is called until it takes the place of the old one.
    static let new = newName(of: Schema.vectors)
    /// What the old one is called from then on until it is dropped.
    static let old = oldName(of: Schema.vectors)

    /// ``new`` of another table, or of a partition.
    static func newName(of table: String) -> String { "\(table)_verdict_new" }

    /// ``old`` of another table, or of a partition.
    static func oldName(of table: String) -> String { "\(table)_verdict_old" }

    /// Whether an index is of that kind, by its name: the server's own are `NAME_ccnew` and `NAME_ccold`.
    static func isLeftover(_ name: String) -> Bool {
        isOurs(name) || name.contains(#/_cc(?:new|old)[0-9]*$/#)
    }

    /// Whether a rebuild of Verdict's gave an index its name: whole or not, it serves nothing once that is over.
    static func isOurs(_ name: String) -> Bool {
        name == new || name == old || name.contains(#/^decision_rows(?:_[0-9]+)?_verdict_(?:new|old)$/#)
    }

    /// An index that was found.
    private struct Found {
        var name: String
        /// Whether it is the frame that the indexes of partitions are in.
        var isFrame: Bool
        /// Whether somebody builds an index of its table just now, which may be this one.
        var isInWork: Bool
    }

    /// The tables that rows may be in: the user's, that by tenant, and its partitions.
    private static let tables: SQL = """
        (select named.relation::oid from (values (to_regclass(\(Schema.vectors))), (to_regclass(\(Schema.rows))))
                as named (relation) where named.relation is not null
            union select relid::oid from pg_partition_tree(to_regclass(\(Schema.rows))))
        """

    /// Those that are there, frames first; an index within a frame goes with that.
    private static func find(_ connection: PostgresConnection) throws(PostgresError) -> [Found] {
        let answer = try connection.run(
            """
            select relation.relname::text, part.indisvalid, relation.relkind = 'I',
                exists (select from pg_stat_progress_create_index as building
                    where building.datname = current_database() and coalesce(building.relid = part.indrelid, true))
            from pg_index as part
            join pg_class as relation on relation.oid = part.indexrelid
            join pg_am as method on method.oid = relation.relam
            where part.indrelid in \(sql: tables) and method.amname = 'hnsw'
                and not exists (select from pg_inherits where inhrelid = relation.oid)
            order by 3 desc, 1
            """)
        var found: [Found] = []
        for row in answer.rows {
            let name = try row.text(0)
            // One of the server's own that is whole was made by somebody else for a reason of theirs.
            let isWhole = try row.bool(1)
            guard isLeftover(name), isOurs(name) || !isWhole else { continue }
            found.append(Found(name: name, isFrame: try row.bool(2), isInWork: try row.bool(3)))
        }
        return found
    }

    /// The names of those that are there; not of what the server is making for somebody, with Verdict or by hand.
    static func names(_ connection: PostgresConnection) throws(PostgresError) -> [String] {
        try find(connection).filter { isOurs($0.name) || !$0.isInWork }.map(\.name)
    }

    /// Drops those of the rows' tables that nobody is building; answers which.
    ///
    /// Nobody waits for it, and it waits for transactions that are open; only a frame of partitions' indexes takes the
    /// table to itself for a moment.
    static func drop(
        _ connection: PostgresConnection, sparing spared: Set<String> = []
    ) throws(PostgresError) -> [String] {
        let found = try find(connection).filter { !spared.contains($0.name) }
        for index in found {
            let quoted = SQL.quoted(identifier: index.name)
            if index.isFrame {
                try connection.takingTurns("drop index if exists \(quoted)")
            } else {
                try connection.script("drop index concurrently if exists \(quoted)")
            }
        }
        return found.map(\.name)
    }

    /// The process that builds an index of the rows' tables now, where one does.
    static func builder(_ connection: PostgresConnection) throws(PostgresError) -> Int? {
        try connection.run(
            """
            select pid::int8 from pg_stat_progress_create_index
            where datname = current_database() and pid <> pg_backend_pid()
                and coalesce(relid in \(sql: tables), true)
            limit 1
            """
        ).rows.first?.int(0)
    }
}

extension PostgresConnection {
    /// How often a lock that keeps others waiting is asked for, and how many seconds they have in between.
    private static let turns = 12
    private static let pauseSeconds = 2

    /// Runs a statement that needs a table, or an index that searches read, to itself for a moment.
    ///
    /// Who comes after it waits behind it for as long as it waits itself: so it gives up soon, lets them through, and
    /// comes again. It is the whole statement that is short: one that needs every partition would wait as long for each
    /// of them, with those before it in hand. Throws `.conflict` where there was no such moment in any turn.
    func takingTurns(
        _ statement: String, _ check: () throws(PostgresError) -> Void = {}
    ) throws(PostgresError) {
        var turn = 1
        while true {
            do throws(PostgresError) {
                return try transaction { connection throws(PostgresError) in
                    let limit = "\(Schema.lockTimeoutSeconds)s"
                    _ = try connection.run(
                        """
                        select set_config('lock_timeout', \(limit), true),
                            set_config('statement_timeout', \(limit), true)
                        """)
                    try connection.script(statement)
                }
            } catch {
                // What somebody here stopped has no code of the server's.
                let isBusy = ["55P03", "40P01", "57014"].contains(error.sqlState)
                guard isHealthy, isBusy else { throw error }
                guard turn < Self.turns else {
                    throw PostgresError(
                        .conflict, sqlState: error.sqlState,
                        "\(address): transactions used the table all the time, in \(Self.turns) turns of "
                            + "\(Schema.lockTimeoutSeconds) s: try again when it is quieter")
                }
            }
            turn += 1
            try check()
            _ = try run("select pg_sleep(\(Self.pauseSeconds))")
        }
    }
}
