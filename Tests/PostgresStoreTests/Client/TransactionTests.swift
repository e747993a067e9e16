import PostgresStore
import PostgresTesting
import Testing

/// All or nothing, and knowing which.
@Suite struct TransactionTests {
    private struct Stopped: Error {}

    @Test(arguments: PostgresVersion.allCases)
    func `all of a transaction is kept, or nothing`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script("create table t (a int)")
        let answer = try connection.transaction { connection throws(PostgresError) in
            try connection.run("insert into t values (1)")
            return try connection.run("select count(*) from t").onlyRow().int(0)
        }
        #expect(answer == 1)
        #expect(throws: PostgresError(.usage, "changed my mind")) {
            try connection.transaction(.serializable) { connection throws(PostgresError) in
                try connection.run("insert into t values (2)")
                throw PostgresError(.usage, "changed my mind")
            }
        }
        #expect(!connection.isInTransaction)
        #expect(try connection.run("select count(*) from t").onlyRow().int(0) == 1)
    }

    @Test func `a transaction that hides a failure is not taken for kept`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script("create table t (a int)")
        let error = try #require(throws: PostgresError.self) {
            try connection.transaction { connection throws(PostgresError) in
                try connection.run("insert into t values (1)")
                _ = try? connection.run("select * from nowhere")
            }
        }
        #expect(error.code == .server && error.description.contains("rolled the transaction back"))
        #expect(try connection.run("select count(*) from t").onlyRow().int(0) == 0)
    }

    @Test func `transactions do not nest`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        let error = try #require(throws: PostgresError.self) {
            try connection.transaction { connection throws(PostgresError) in
                try connection.transaction { _ throws(PostgresError) in }
            }
        }
        #expect(error.code == .usage)
    }

    @Test func `a snapshot sees nothing that comes later and writes nothing`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let reader = try database.connect()
        let writer = try database.connect()
        try writer.script("create table t (a int)")
        let limit = try reader.transaction(
            .readOnlySnapshot, settings: "set local statement_timeout = '7s'; set local jit = off"
        ) { reader throws(PostgresError) in try reader.run("show statement_timeout").onlyRow().text(0) }
        #expect(limit == "7s")
        #expect(try reader.run("show statement_timeout").onlyRow().text(0) == "0")
        #expect(throws: PostgresError.self) {
            try reader.transaction(.readOnlySnapshot, settings: "set local nothing_known = 1") { _ in }
        }
        #expect(reader.isHealthy && !reader.isInTransaction)
        let counts = try reader.transaction(.readOnlySnapshot) { reader throws(PostgresError) in
            let before = try reader.run("select count(*) from t").onlyRow().int(0)
            try writer.run("insert into t values (1)")
            return [before, try reader.run("select count(*) from t").onlyRow().int(0)]
        }
        #expect(counts == [0, 0])
        let error = try #require(throws: PostgresError.self) {
            try reader.transaction(.readOnlySnapshot) { reader throws(PostgresError) in
                _ = try reader.run("insert into t values (2)")
            }
        }
        #expect(error.code == .readOnlyServer)
    }

    @Test func `who is in the way is told as a conflict`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let first = try database.connect()
        let second = try database.connect()
        try first.script("create table t (a int); insert into t values (1)")
        let error = try #require(throws: PostgresError.self) {
            try first.transaction(.repeatableRead) { first throws(PostgresError) in
                _ = try first.run("select * from t")
                try second.run("update t set a = 2")
                _ = try first.run("update t set a = 3")
            }
        }
        #expect(error.code == .conflict && error.isTransient && error.sqlState == "40001")
        #expect(try first.run("select a from t").onlyRow().int(0) == 2)
        try second.run("begin")
        try second.run("lock table t")
        try first.run("set lock_timeout = '10ms'")
        #expect(
            try #require(throws: PostgresError.self) { try first.run("select * from t") }.code == .conflict)
    }

    @Test func `a commit whose answer is lost may have been done, and says so`() throws {
        let server = try PostgresServer.shared(.fifteen)
        let database = try TestDatabase(on: server)
        defer { database.drop() }
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        let direct = try database.connect()
        try direct.script("create table t (a int)")
        let connection = try PostgresConnection.open(
            PostgresServerAddress(proxy.address(of: server, database: database.name)))
        let error = try #require(throws: PostgresError.self) {
            try connection.transaction { connection throws(PostgresError) in
                try connection.run("insert into t values (1)")
                proxy.set(.losingAnswers)
            }
        }
        #expect(error.code == .unknownOutcome && !error.isTransient)
        #expect(!connection.isHealthy)
        #expect(try direct.run("select count(*) from t").onlyRow().int(0) == 1)
    }

    @Test func `a connection that breaks before the commit lost nothing that was kept`() throws {
        let server = try PostgresServer.shared(.fifteen)
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        let connection = try PostgresConnection.open(PostgresServerAddress(proxy.address(of: server)))
        let error = try #require(throws: PostgresError.self) {
            try connection.transaction { connection throws(PostgresError) in
                proxy.cut()
                _ = try connection.run("create temporary table t (a int)")
            }
        }
        #expect(error.code == .connection && error.isTransient)
    }

    @Test func `a single write whose answer is lost may have been done, a read has not`() throws {
        let server = try PostgresServer.shared(.fifteen)
        for (sql, code) in [
            ("create temporary table t (a int)", .unknownOutcome), ("select 1", .connection),
        ] as [(SQL, PostgresError.Code)] {
            let proxy = try TestProxy(to: server.port)
            defer { proxy.end() }
            let connection = try PostgresConnection.open(
                PostgresServerAddress(proxy.address(of: server) + "?prepare=off"))
            proxy.set(.losingAnswers)
            let error = try #require(throws: PostgresError.self) { try connection.run(sql) }
            #expect(error.code == code)
            #expect(throws: PostgresError.self) { try connection.run("select 1") }
        }
    }
}
