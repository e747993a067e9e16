/// Indexes that a rebuild of the server's index makes on its way, and that a cut one leaves behind.
enum LeftoverIndexes {
    /// What an index with other parameters is called until it takes the place of the old one.
    static let new = "decision_vectors_verdict_new"
    /// What the old one is called from then on until it is dropped.
    static let old = "decision_vectors_verdict_old"

    /// Whether an index is of that kind, by its name: the server's own are `NAME_ccnew` and `NAME_ccold`.
    static func isLeftover(_ name: String) -> Bool {
        isOurs(name) || name.contains(#/_cc(?:new|old)[0-9]*$/#)
    }

    /// Whether a rebuild of Verdict's gave an index its name: whole or not, it serves nothing once that is over.
    static func isOurs(_ name: String) -> Bool { name == new || name == old }

    /// Drops those of the user's table that nobody is building; answers which.
    ///
    /// Nobody waits for it, and it waits for transactions that are open.
    static func drop(_ connection: PostgresConnection) throws(PostgresError) -> [String] {
        let answer = try connection.run(
            """
            select relation.relname::text, part.indisvalid from pg_index as part
            join pg_class as relation on relation.oid = part.indexrelid
            join pg_am as method on method.oid = relation.relam
            where part.indrelid = to_regclass(\(Schema.vectors)) and method.amname = 'hnsw'
            """)
        var dropped: [String] = []
        for row in answer.rows {
            let name = try row.text(0)
            // One of the server's own that is whole was made by somebody else for a reason of theirs.
            let isWhole = try row.bool(1)
            guard isLeftover(name), isOurs(name) || !isWhole else { continue }
            try connection.script("drop index concurrently if exists \(SQL.quoted(identifier: name))")
            dropped.append(name)
        }
        return dropped
    }

    /// The process that builds an index of the user's table now, where one does.
    static func builder(_ connection: PostgresConnection) throws(PostgresError) -> Int? {
        try connection.run(
            """
            select pid::int8 from pg_stat_progress_create_index
            where datname = current_database() and pid <> pg_backend_pid()
                and coalesce(relid = to_regclass(\(Schema.vectors)), true)
            limit 1
            """
        ).rows.first?.int(0)
    }
}
