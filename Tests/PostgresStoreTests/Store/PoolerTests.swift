import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// The store behind a PgBouncer that gives another session to each transaction, and with many users at once.
@Suite(.timeLimit(.minutes(5))) struct PoolerTests {
    private static func open(_ address: String) throws -> any DecisionStore {
        try PostgresStore.open(.postgres(address), options: StoreOptions(clock: Sample.clock))
    }

    @Test(arguments: ["", "?prepare=off"])
    func `a store works behind a pooler, and follows by asking`(parameters: String) async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let pooler = try TestPooler(before: database.database)
        let address = pooler.address(database.database, parameters: parameters)
        let connection = try PostgresConnection.open(try PostgresServerAddress(address))
        #expect(connection.isPooled)
        connection.close()
        let writer = try Self.open(address)
        let follower = try Self.open(address)
        _ = try await writer.insert(Sample.entries(0..<1_200))
        try await writer.write([RecordChange(collection: "tests", key: "a", value: .string("b"))])
        var changes = follower.changes().makeAsyncIterator()
        while try await follower.statistics().vectors < 1_200, await changes.next() != nil {}
        while try await follower.record(in: "tests", key: "a") == nil, await changes.next() != nil {}
        #expect(try await follower.record(in: "tests", key: "a")?.value == .string("b"))
        let deleted = try await follower.delete(.ids(["d-0"], tenant: "acme"))
        #expect(deleted.deleted == 1)
        // What has moved into the table meanwhile is still there once.
        try await database.waitForEmptyInbox()
        #expect(try database.count("decision_vectors") == 1_199)
        // Nobody listens: a session that is another's a moment later would tell nobody.
        #expect(
            try database.run(
                """
                select count(*) from pg_stat_activity
                where datname = current_database() and query ilike 'listen%'
                """)[0].int(0) == 0)
        await writer.close()
        await follower.close()
    }

    private static let users = 100

    @Test(arguments: [false, true])
    func `a hundred users at once are served, each once, although sessions break`(isPooled: Bool)
        async throws
    {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let pooler = isPooled ? try TestPooler(before: database.database) : nil
        let address = pooler?.address(database.database) ?? database.address
        let store = try Self.open(address)
        let served = try await withThrowingTaskGroup(of: Int.self) { group in
            for user in 0..<Self.users {
                group.addTask {
                    var accepted = 0
                    for round in 0..<4 {
                        let number = user * 4 + round
                        let report = try await store.insert([Sample.entry(number)])
                        accepted += report.outcomes.count { $0.disposition == .accepted }
                        let found = try await store.search(
                            SearchRequest(target: .embedding(Sample.entry(number).embedding), limit: 5))
                        #expect(!found.results.isEmpty)
                        if user == 50, round == 1 {
                            try database.run(
                                """
                                select pg_terminate_backend(pid) from pg_stat_activity
                                where datname = current_database() and pid <> pg_backend_pid()
                                """)
                        }
                    }
                    return accepted
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(served == Self.users * 4)
        #expect(try await store.statistics().vectors == Self.users * 4)
        await store.close()
        let rows = try database.run(
            """
            select count(*), count(distinct id) from
                (select id from decision_inbox union all select id from decision_vectors) as rows
            """)[0]
        #expect(try rows.int(0) == Self.users * 4 && rows.int(1) == Self.users * 4)
    }

    @Test func `a hundred users share few connections and leave none behind`() async throws {
        let database = try TestDatabase()
        defer { database.drop() }
        var limits = PostgresPool.Limits()
        limits.connections = 5
        let pool = PostgresPool(try PostgresServerAddress(database.address), limits: limits)
        defer { pool.close() }
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for user in 0..<Self.users {
                group.addTask {
                    var sum = 0
                    for round in 0..<10 {
                        sum += try await pool.perform { connection throws(PostgresError) in
                            try connection.run("select \(user) + \(round)").onlyRow().int(0)
                        }
                    }
                    return sum
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == (0..<Self.users).reduce(0) { $0 + $1 * 10 + 45 })
        let status = pool.status
        #expect(status.opened <= 5 && status.lent == 0 && status.waiting == 0)
    }
}
