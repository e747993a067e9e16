package import PostgresStore

/// A database of its own for one test, with Verdict's schema in it; dropped when nobody holds it any more.
package final class StoreDatabase: Sendable {
    /// The database.
    package let database: TestDatabase

    /// Its address, for the superuser.
    package var address: String { database.address }

    /// Makes one on the shared server of a version.
    package convenience init(_ version: PostgresVersion) throws { try self.init(TestDatabase(version), nil) }

    /// Makes one as a home has it.
    package convenience init(in home: StoreHome) throws {
        try self.init(TestDatabase(home.version), home.wish)
    }

    /// Makes one on a server of its own.
    package convenience init(on server: PostgresServer) throws {
        try self.init(TestDatabase(on: server), nil)
    }

    private init(_ database: TestDatabase, _ layout: LayoutWish?) throws {
        self.database = database
        let connection = try database.connect()
        defer { connection.close() }
        if layout == .distribute { try connection.pretendToHaveCitus() }
        let report = try Migrator(connection).migrate(layout: layout)
        guard report.problems.isEmpty else {
            throw PostgresServer.Failure(
                description: "the schema cannot be made: \(report.problems.joined(separator: "; "))")
        }
    }

    /// Drops it with all who are connected; a test that does so in a `defer` also keeps it until then.
    package func drop() { database.drop() }

    /// Does one statement on a connection of its own, as another program does.
    @discardableResult
    package func run(_ sql: SQL) throws -> [PostgresRow] {
        let connection = try database.connect()
        defer { connection.close() }
        return try connection.run(sql).rows
    }

    /// How many rows a table has.
    package func count(_ table: String) throws -> Int {
        try run("select count(*) from \(identifier: table)")[0].int(0)
    }
}
