import Foundation
import PostgresStore
import PostgresTesting
import Testing

/// Deadlines and stopping: what the server still does, and what the connection is good for after it.
@Suite struct StoppingTests {
    /// Cancels once the server works for a connection; another connection sees that.
    private func cancel(_ cancellation: PostgresCancellation, of process: Int32, at address: String) throws {
        let address = try PostgresServerAddress(address)
        Thread.detachNewThread {
            guard let watcher = try? PostgresConnection.open(address) else { return }
            let busy: SQL = """
                select 1 from pg_stat_activity where pid = \(PostgresValue.int4(process)) \
                and state = 'active' and query like '%pg_sleep%'
                """
            while (try? watcher.run(busy).rows.isEmpty) == true {}
            cancellation.cancel()
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a statement is stopped from another thread`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        try cancel(connection.cancellation, of: connection.processNumber, at: database.address)
        let error = try #require(throws: PostgresError.self) { try connection.run("select pg_sleep(3600)") }
        #expect(error.code == .cancelled)
        #expect(connection.isHealthy)
        #expect(try connection.run("select 1").onlyRow().int(0) == 1)
    }

    @Test func `stopping what does not run stops nothing later`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        for number in 0..<20 {
            connection.cancellation.cancel()
            #expect(try connection.run("select \(number)").onlyRow().int(0) == number)
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a deadline stops a statement, and a transaction with it`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script("create table t (a int)")
        let error = try #require(throws: PostgresError.self) {
            try connection.transaction { connection throws(PostgresError) in
                try connection.run("insert into t values (1)")
                _ = try connection.run("select pg_sleep(3600)", deadline: .now + .milliseconds(50))
            }
        }
        #expect(error.code == .timeout)
        #expect(connection.isHealthy && !connection.isInTransaction)
        #expect(try connection.run("select count(*) from t").onlyRow().int(0) == 0)
    }

    @Test func `the connection's own deadline holds for each statement`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        for milliseconds in [0, 1, 2, 5, 20] {
            // The request to stop may come before the statement does.
            connection.deadline = .now + .milliseconds(milliseconds)
            let error = try #require(throws: PostgresError.self) {
                try connection.run("select pg_sleep(3600)")
            }
            #expect(error.code == .timeout && connection.isHealthy)
        }
        connection.deadline = nil
        #expect(try connection.run("select 1").onlyRow().int(0) == 1)
    }

    @Test func `the server's own limit is a timeout too`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        try connection.run("set statement_timeout = 20")
        let error = try #require(throws: PostgresError.self) { try connection.run("select pg_sleep(3600)") }
        #expect(error.code == .timeout && error.sqlState == "57014")
    }

    @Test func `a timeout is one in every language of a server`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        let error = try #require(throws: PostgresError.self) {
            try connection.script(
                """
                do $$ begin
                    raise exception 'storniere Anfrage wegen Zeitüberschreitung der Anfrage' using errcode = '57014';
                end $$
                """)
        }
        #expect(error.code == .timeout && error.sqlState == "57014")
    }

    @Test func `a server that falls silent is given up`() throws {
        let server = try PostgresServer.shared(.fifteen)
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        let connection = try PostgresConnection.open(PostgresServerAddress(proxy.address(of: server)))
        proxy.set(.silent)
        let error = try #require(throws: PostgresError.self) {
            try connection.run("select 1", deadline: .now + .milliseconds(20))
        }
        #expect(error.code == .timeout)
        #expect(!connection.isHealthy)
    }

    @Test func `a connection that is cut is told at once`() throws {
        let server = try PostgresServer.shared(.eighteenWithVectors)
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        let connection = try PostgresConnection.open(PostgresServerAddress(proxy.address(of: server)))
        proxy.cut()
        let error = try #require(throws: PostgresError.self) { try connection.run("select 1") }
        #expect(error.code == .connection && error.isTransient)
        #expect(!connection.isHealthy)
    }

    @Test func `a session that an administrator ends says so`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        let other = try database.connect()
        try other.run("select pg_terminate_backend(\(PostgresValue.int4(connection.processNumber)), 5000)")
        let error = try #require(throws: PostgresError.self) { try connection.run("select 1") }
        #expect(error.code == .shuttingDown && error.sqlState == "57P01" && error.isTransient)
        #expect(!connection.isHealthy)
        connection.close()
        #expect(throws: PostgresError.self) { try connection.run("select 1") }
    }
}
