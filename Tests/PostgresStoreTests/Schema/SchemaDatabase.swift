import PostgresTesting
import Testing

@testable import PostgresStore

/// A database of its own for a test, with a connection of its superuser.
func withDatabase(
    _ version: PostgresVersion = .eighteenWithVectors,
    _ body: (TestDatabase, PostgresConnection) throws -> Void
) throws {
    let database = try TestDatabase(version)
    let connection = try database.connect()
    defer { connection.close() }
    try withExtendedLifetime(database) { try body(database, connection) }
}

/// A database of its own that was migrated.
func withSchema(
    _ version: PostgresVersion = .eighteenWithVectors,
    _ body: (TestDatabase, PostgresConnection) throws -> Void
) throws {
    try withDatabase(version) { database, connection in
        let report = try Migrator(connection).migrate()
        try #require(report.problems.isEmpty, "\(report.problems)")
        try body(database, connection)
    }
}

extension PostgresConnection {
    /// The only value of a statement, a whole number.
    func number(_ sql: SQL) throws -> Int { try run(sql).onlyRow().int(0) }

    /// The first column of every row, as text.
    func texts(_ sql: SQL) throws -> [String] { try run(sql).rows.map { try $0.text(0) } }

    /// Stores a row as another program would: by text, without Verdict.
    func store(_ id: String, tenant: String, in table: String = Schema.vectors) throws {
        try run(
            """
            insert into \(identifier: table) (id, embedding, metadata)
            values (\(id), array_fill(0.5::real, array[384]), jsonb_build_object('tenant', \(tenant)))
            """)
    }

    /// Makes a role that can log in, unique on the server.
    func makeRole() throws -> String {
        let name = TestDatabase.uniqueName("role")
        try run("create role \(identifier: name) login")
        return name
    }

    /// Works as a new role, once it was given its rights, in a connection of its own.
    func withLogin(
        at address: String, granting grant: (String) throws -> Void,
        _ body: (String, PostgresConnection) throws -> Void
    ) throws {
        let role = try makeRole()
        try grant(role)
        let own = try PostgresConnection.open(try PostgresServerAddress(address).with("user", role))
        defer { own.close() }
        try body(role, own)
        own.close()
        try dropRole(role)
    }

    /// Lets a role read and write tables.
    func grantWrites(on tables: [String], to role: String) throws {
        for table in tables {
            try run("grant select, insert, update, delete on \(identifier: table) to \(identifier: role)")
        }
    }

    /// Takes a role away with its rights in this database.
    func dropRole(_ name: String) throws {
        try run("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = \(name)")
        try run("drop owned by \(identifier: name)")
        try run("drop role \(identifier: name)")
    }
}

/// The titles of the steps that a storage has.
func titles(_ storage: EmbeddingStorage) -> [String] {
    Migration.all.filter { $0.script(for: storage) != nil }.map { "\($0.number) \($0.name)" }
}
