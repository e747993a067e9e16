import Decisions
import Locks
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What waits in the inbox when a process ends, and what is told of it.
@Suite(.timeLimit(.minutes(5))) struct SettlingTests {
    @Test func `who ends moves rows on, and says how many are left where somebody is in the way`()
        async throws
    {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let holder = try database.holdingMover()
        defer { holder.close() }
        let opened = try OpenedStore(database.address, in: ScratchFolder())
        _ = try await opened.store.insert(Sample.entries(0..<1_200))
        #expect(opened.log.settle(within: .zero) { _ in true } == 1_200)
        let told = Mutex<[Int]>([])
        // Whoever waits may have enough of it.
        let left = opened.log.settle(within: .seconds(600)) { waiting in
            told.withLock { told in
                told.append(waiting)
                return told.count < 3
            }
        }
        #expect(left == 1_200 && told.withLock { $0 } == [1_200, 1_200, 1_200])
        // The server's report says so too.
        while try await opened.store.statistics().server?.inboxRows != 1_200 { await Task.yield() }
        try holder.run("select pg_advisory_unlock_all()")
        #expect(await opened.store.settle { _ in true } == 0)
        #expect(try database.count(Schema.inbox) == 0 && database.count(Schema.vectors) == 1_200)
        while try await opened.store.statistics().server?.inboxRows != 0 { await Task.yield() }
        await opened.store.close()
        let reader = try database.open(.read)
        #expect(await reader.settle { _ in true } == 0)
        await reader.close()
    }

    @Test func `a full inbox slows writers, by how full it is`() {
        let limit = PostgresLog.slowingBacklog
        #expect(PostgresLog.slowingMilliseconds(backlog: 0) == 0)
        #expect(PostgresLog.slowingMilliseconds(backlog: limit) == 0)
        #expect(PostgresLog.slowingMilliseconds(backlog: limit + 1) == 10)
        #expect(PostgresLog.slowingMilliseconds(backlog: limit + 50_000) == 510)
        #expect(PostgresLog.slowingMilliseconds(backlog: 10 * limit) == 2_000)
    }

    @Test func `moving waits for who writes without a pause, unless the inbox is half full`() {
        func yields(_ writing: Int64, _ backlog: Int) -> Bool {
            PostgresLog.yields(
                writing: .milliseconds(writing), of: .seconds(1), backlog: backlog)
        }
        #expect(!yields(0, 0) && !yields(500, 0) && yields(501, 0))
        #expect(yields(1_000, PostgresLog.slowingBacklog / 2 - 1))
        #expect(!yields(1_000, PostgresLog.slowingBacklog / 2))
    }

    @Test func `the check of the inbox says how long it takes to be empty`() {
        func check(_ backlog: Int, _ movedPerSecond: Double) -> HealthCheck {
            var standing = Standing()
            standing.backlog = backlog
            standing.movedPerSecond = movedPerSecond
            return PostgresLog.inboxCheck(standing, since: Sample.start)
        }
        #expect(check(0, 300).detail == "empty" && check(0, 300).status == .ok)
        #expect(check(1_000, 0).detail == "1,000 rows on the way into the table")
        #expect(check(1_000, 300).detail == "1,000 rows on the way into the table, done in 4 s")
        let full = check(PostgresLog.slowingBacklog, 1_000)
        #expect(full.status == .degraded)
        #expect(
            full.detail == "4,000,000 rows on the way into the table, done in 4,000 s: writers are slowed")
    }

    @Test func `a mirror that is late says so with each answer`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let opened = try OpenedStore(database.address, in: ScratchFolder())
        _ = try await opened.store.insert(Sample.entries(0..<3))
        let request = SearchRequest(target: .embedding(Sample.entry(1).embedding), limit: 1, exact: true)
        #expect(try await opened.store.search(request).mirrorAgeSeconds == nil)
        // Nobody reads the changes, and nobody answers in the mirror's place.
        let holder = try database.database.connect()
        defer { holder.close() }
        try holder.run("begin")
        try holder.run("lock table verdict_changes, decision_vectors in access exclusive mode")
        // The next look waits: one that began before would end as if the mirror were fresh.
        let limit = ContinuousClock.now + .seconds(60)
        let waits: SQL = """
            select 1 from pg_locks where not granted and relation = 'verdict_changes'::regclass
                and database = (select oid from pg_database where datname = current_database())
            """
        while try holder.run(waits).rows.isEmpty, ContinuousClock.now < limit { await Task.yield() }
        opened.log.standing.withLock { $0.opened(age: .seconds(30)) }
        opened.log.searchesResume.withLock { $0 = .now + .seconds(600) }
        let answer = try await opened.store.search(request)
        #expect(answer.strategy == .mirrorExact && (answer.mirrorAgeSeconds ?? 0) >= 30)
        // One that is compared in slices as well.
        let sliced = try await opened.store.exactSearch(request, rowsAtATime: 1)
        #expect(sliced.strategy == .mirrorExact && (sliced.mirrorAgeSeconds ?? 0) >= 30)
        try holder.run("rollback")
        await opened.store.close()
    }

    @Test func `without pgvector health says how searches are answered`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open(.read)
        let detail = try await store.health().first { $0.name == "pgvector" }?.detail
        #expect(detail?.contains("this server has no pgvector") == true, "\(detail ?? "")")
        #expect(detail?.contains("real[]") == true && detail?.contains("the mirror") == true)
        await store.close()
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a store listens, so that a change is seen before it is asked for`(version: PostgresVersion)
        async throws
    {
        let database = try StoreDatabase(version)
        defer { database.drop() }
        let store = try database.open(.read)
        var listening: [Int] = []
        while listening.isEmpty {
            listening = try database.run(
                """
                select pid::int8 from pg_stat_activity
                where datname = current_database() and query ilike 'listen %verdict_changes%'
                """
            ).map { try $0.int(0) }
            await Task.yield()
        }
        #expect(listening.count == 1)
        // Without it a change is not missed, and the listener comes back.
        try database.run("select pg_terminate_backend(\(.int4(Int32(listening[0]))), 5000)")
        try database.run(
            """
            insert into decision_vectors (id, embedding, metadata)
            values ('foreign', \(Sample.floats(1))::real[], '{"tenant": "acme"}')
            """)
        #expect(try await store.becomes { try await $0.statistics().vectors == 1 })
        await store.close()
    }
}
