import PostgresStore
import PostgresTesting
import Testing

/// Which server tests use, and what they ask it.
@Suite struct ServerChoiceTests {
    private static let address = "postgres://ada@db.example:5433/postgres?sslmode=require"

    @Test func `a server that the environment names stands for the one with vectors alone`() {
        let environment = [ServerChoice.variable: Self.address, "PATH": "/bin"]
        #expect(ServerChoice(.eighteenWithVectors, environment: environment) == .named(Self.address))
        #expect(ServerChoice(.fifteen, environment: environment) == .started)
        #expect(ServerChoice.variable == "VERDICT_TEST_POSTGRES")
    }

    @Test(arguments: [[:], [ServerChoice.variable: ""], ["verdict_test_postgres": address]])
    func `where none is named the tests start theirs`(environment: [String: String]) {
        for version in PostgresVersion.allCases {
            #expect(ServerChoice(version, environment: environment) == .started)
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a server says of itself what tests expect of it`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let traits = try ServerTraits(of: database)
        #expect((traits.pgvector != nil) == (version == .eighteenWithVectors))
        let connection = try database.connect()
        defer { connection.close() }
        let isSafe = try connection.run("select current_setting('fsync') = 'on'").onlyRow().bool(0)
        #expect(traits.dangers.contains("fsync is off") == !isSafe)
    }

    @Test func `a setting that is off is told, and one that is on is not`() throws {
        let database = try TestDatabase(.fifteen)
        defer { database.drop() }
        let connection = try database.connect()
        defer { connection.close() }
        try connection.run(
            "alter database \(identifier: database.name) set synchronous_commit = off")
        #expect(try ServerTraits(of: database).dangers == ["fsync is off", "synchronous_commit is off"])
    }
}
