package import PostgresStore

/// What the server of a database is: tests expect of another one what it says of itself.
package struct ServerTraits: Sendable, Hashable {
    /// What `verdict health` must say of its settings, the beginning of each sentence.
    package let dangers: [String]
    /// The pgvector that a new database gets there; `nil` where there is none.
    package let pgvector: ExtensionVersion?

    /// Asks the server.
    package init(of database: TestDatabase) throws {
        let connection = try database.connect()
        defer { connection.close() }
        let row = try connection.run(
            """
            select current_setting('fsync')::bool, current_setting('synchronous_commit') <> 'off',
                current_setting('autovacuum')::bool,
                (select default_version from pg_available_extensions where name = 'vector')
            """
        ).onlyRow()
        dangers = try ["fsync", "synchronous_commit", "autovacuum"].enumerated().filter { position, _ in
            try !row.bool(position)
        }.map { "\($1) is off" }
        pgvector = try row.optionalText(3).map { ExtensionVersion($0) }
    }
}
