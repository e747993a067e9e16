import Foundation
import Locks
import PostgresStore
import PostgresTesting
import Testing

/// Lending a few connections to many.
@Suite struct PoolTests {
    private func pool(_ database: TestDatabase, _ change: (inout PostgresPool.Limits) -> Void = { _ in })
        throws
        -> PostgresPool
    {
        var limits = PostgresPool.Limits()
        change(&limits)
        return PostgresPool(try PostgresServerAddress(database.address), limits: limits)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a hundred users share eight connections`(version: PostgresVersion) async throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let pool = try pool(database)
        defer { pool.close() }
        try pool.withConnection { connection throws(PostgresError) in
            try connection.script(
                "create table t (id bigint primary key, n bigint); insert into t values (0, 0)")
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in 1...100 {
                group.addTask {
                    for _ in 0..<5 {
                        try await pool.perform { connection throws(PostgresError) in
                            try connection.transaction { connection throws(PostgresError) in
                                try connection.run("update t set n = n + 1 where id = 0")
                                try connection.run(
                                    "insert into t values (\(user), 1) on conflict (id) do update set n = t.n + 1"
                                )
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let sums = try await pool.perform { connection throws(PostgresError) in
            let row = try connection.run(
                "select n, (select sum(n) from t where id > 0)::bigint from t where id = 0"
            )
            .onlyRow()
            return [try row.int(0), try row.int(1)]
        }
        #expect(sums == [500, 500])
        #expect(pool.status.opened <= 8 && pool.status.lent == 0 && pool.status.waiting == 0)
    }

    @Test func `who finds none free in time is told`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let pool = try pool(database) { $0.connections = 1 }
        try pool.withConnection { _ throws(PostgresError) in
            let error = #expect(throws: PostgresError.self) {
                try pool.withConnection(deadline: .now + .milliseconds(20)) { _ throws(PostgresError) in }
            }
            #expect(error?.code == .timeout)
        }
        let status = pool.status
        #expect(status.lent == 0 && status.idle == 1 && status.waiting == 0 && status.opened == 1)
    }

    @Test func `who finds too many in line is told at once`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let pool = try pool(database) {
            $0.connections = 1
            $0.waiting = 0
        }
        let error = try #require(throws: PostgresError.self) {
            try pool.withConnection { _ throws(PostgresError) in }
        }
        #expect(error.code == .tooManyConnections && error.isTransient)
    }

    @Test func `a transaction that is left open is rolled back`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let pool = try pool(database)
        defer { pool.close() }
        try pool.withConnection { connection throws(PostgresError) in
            try connection.run("create table t (a int)")
            try connection.run("begin")
            try connection.run("insert into t values (1)")
        }
        let rows = try pool.withConnection { connection throws(PostgresError) in
            try connection.run("select * from t").rows.count
        }
        #expect(rows == 0 && pool.status.opened == 1)
    }

    @Test func `what is idle for long is asked, and what is old is replaced`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let asked = try pool(database) { $0.idle = .zero }
        let replaced = try pool(database) { $0.age = .zero }
        for _ in 0..<3 {
            for pool in [asked, replaced] {
                try pool.withConnection { connection throws(PostgresError) in try connection.run("select 1") }
            }
        }
        #expect(asked.status.opened == 1 && replaced.status.opened == 3)
        #expect(replaced.status.idle == 0)
    }

    @Test func `a connection that the server ended is not lent again`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let pool = try pool(database)
        defer { pool.close() }
        let process = try pool.withConnection { connection throws(PostgresError) in connection.processNumber }
        let other = try database.connect()
        try other.run("select pg_terminate_backend(\(PostgresValue.int4(process)), 5000)")
        let next = try pool.withConnection { connection throws(PostgresError) in
            try connection.run("select pg_backend_pid()").onlyRow().int(0)
        }
        #expect(next != Int(process) && pool.status.opened == 2)
    }

    @Test func `a server that restarts is found again`() throws {
        let server = try PostgresServer(.fifteen)
        let pool = PostgresPool(try PostgresServerAddress(server.address()))
        defer { pool.close() }
        try pool.withConnection { connection throws(PostgresError) in try connection.run("select 1") }
        try server.stop(.immediate)
        let gone = try #require(throws: PostgresError.self) {
            try pool.withConnection { connection throws(PostgresError) in try connection.run("select 1") }
        }
        #expect(gone.isTransient)
        #expect(pool.status.lent == 0)
        try server.start()
        let answer = try pool.withConnection { connection throws(PostgresError) in
            try connection.run("select 7").onlyRow().int(0)
        }
        #expect(answer == 7)
    }

    @Test func `a closed pool lends nothing`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let pool = try pool(database)
        try pool.withConnection { _ throws(PostgresError) in pool.close() }
        #expect(pool.status.idle == 0)
        let error = try #require(throws: PostgresError.self) {
            try pool.withConnection { _ throws(PostgresError) in }
        }
        #expect(error.code == .usage)
    }

    @Test func `a cancelled task stops what it runs and what it would run`() async throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let pool = try pool(database)
        defer { pool.close() }
        let started = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await pool.perform { connection throws(PostgresError) in
                started.continuation.yield()
                _ = try? connection.run("select pg_sleep(3600)")
                // What was stopped goes on to nothing else.
                return try connection.run("select 1").rows.count
            }
        }
        for await _ in started.stream.prefix(1) { task.cancel() }
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        let next = try await pool.perform { connection throws(PostgresError) in
            try connection.run("select 2").onlyRow().int(0)
        }
        #expect(next == 2)
    }

    @Test func `a cancelled task leaves the line`() async throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let pool = try pool(database) { $0.connections = 1 }
        defer { pool.close() }
        try await pool.perform { _ throws(PostgresError) in
            let done = DispatchSemaphore(value: 0)
            let code = Mutex<PostgresError.Code?>(nil)
            let task = Task {
                do throws(PostgresError) {
                    try await pool.perform { _ throws(PostgresError) in }
                } catch {
                    code.withLock { $0 = error.code }
                }
                done.signal()
            }
            task.cancel()
            done.wait()
            #expect(code.withLock { $0 } == .cancelled)
        }
        #expect(pool.status.waiting == 0)
    }
}
