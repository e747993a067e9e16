import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What is told of a server that is away or refuses, and how a store comes back by itself.
@Suite(.timeLimit(.minutes(5))) struct StoreOutageTests {
    @Test func `pauses grow from a second to fifteen, and differ`() {
        func policy(_ random: Double) -> RetryPolicy {
            RetryPolicy(firstPause: .seconds(1), longestPause: .seconds(14), random: { random })
        }
        func pauses(_ random: Double) -> [Duration] {
            (0..<8).map { PostgresLog.pause(after: $0, by: policy(random)) }
        }
        #expect(pauses(0).allSatisfy { $0 == .seconds(1) })
        let longest = pauses(0.999)
        #expect(longest == longest.sorted() && longest[0] < .seconds(2) && longest[7] > .seconds(14))
        #expect(longest.allSatisfy { $0 < .seconds(15) })
        let bounds = Duration.seconds(1)...Duration.seconds(15)
        #expect((0..<100).allSatisfy { bounds.contains(PostgresLog.pause(after: $0)) })
    }

    @Test func `a server that is away is told with when it is asked again`() async throws {
        let server = try PostgresServer(.fifteen)
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let store = try database.open()
        _ = try await store.insert(Sample.entries(0..<20))
        try server.stop()
        // Told as shutting down at first, perhaps; and while it is being asked there is no next time.
        var outage: ServerReport.Outage?
        var check: HealthCheck?
        repeat {
            await Task.yield()
            outage = try await store.statistics().server?.outage
            check = try await store.health().first { $0.name == "server" }
        } while outage?.retrySeconds == nil
            || outage?.reason.contains("check that the server runs") != true
            || check?.detail.contains("asked again in") != true
        let wait = try #require(outage?.retrySeconds)
        #expect(wait >= 0 && wait <= 15)
        #expect(check?.status == .degraded)
        let target = SearchRequest(target: .embedding(Sample.entry(3).embedding), limit: 1, exact: true)
        #expect(try await store.search(target).results.count == 1)
        // What the server last knew of itself stays, with its age.
        #expect(try await store.statistics().server?.relations != nil)
        try server.start()
        try await store.waitForCheck("server", .ok)
        #expect(try await store.statistics().server?.outage == nil)
        _ = try await store.insert(Sample.entries(20..<30))
        #expect(try await store.statistics().vectors == 30)
        await store.close()
    }

    @Test func `closing does not wait for a connection to a server that says nothing`() async throws {
        let server = try PostgresServer.shared(.fifteen)
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        let far = proxy.address(of: server, database: database.database.name) + "?connect_timeout=600"
        let store = try PostgresStore.open(.postgres(far), options: StoreOptions(clock: Sample.clock))
        proxy.set(.silent)
        proxy.cut()
        while !proxy.isUsed { await Task.yield() }
        let writing = Task { try await store.insert(Sample.entries(0..<3)) }
        await store.close()
        // Not the end of its time, which would be of another kind.
        let failure = await #expect(throws: StoreError.self) { try await writing.value }
        #expect(failure?.code != .inputOutput, "\(failure?.description ?? "")")
    }

    @Test func `connecting to a silent server is given up when nobody wants it any more`() async throws {
        let server = try PostgresServer.shared(.fifteen)
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        proxy.set(.silent)
        let address = try PostgresServerAddress(proxy.address(of: server) + "?connect_timeout=3600")
        let pool = PostgresPool(address)
        let waiting = Task {
            try await pool.perform(deadline: .now + .seconds(3_600)) { _ throws(PostgresError) in true }
        }
        while !proxy.isUsed { await Task.yield() }
        pool.stopConnecting()
        let failure = await #expect(throws: PostgresError.self) { try await waiting.value }
        #expect(failure?.code == .cancelled)
        pool.close()
    }

    @Test(arguments: [TestProxy.Mode.silent, .losingAnswers])
    func `a network that is cut and mended costs nothing`(mode: TestProxy.Mode) async throws {
        let server = try PostgresServer.shared(.fifteen)
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        let far = proxy.address(of: server, database: database.database.name) + "?connect_timeout=10"
        let store = try PostgresStore.open(.postgres(far), options: StoreOptions(clock: Sample.clock))
        _ = try await store.insert(Sample.entries(0..<10))
        proxy.set(mode)
        proxy.cut()
        while try await store.statistics().server?.outage == nil { await Task.yield() }
        async let report = store.insert(Sample.entries(5..<25))
        proxy.set(.passing)
        proxy.cut()
        let outcomes = try await report.outcomes
        #expect(outcomes.count { $0.disposition == .duplicate } == 5)
        while try await store.statistics().server?.outage != nil { await Task.yield() }
        let other = try database.open(.read)
        #expect(try await other.statistics().vectors == 25)
        let mirror = try #require(store as? MemoryStore)
        #expect(try await other.everything() == mirror.everything())
        await other.close()
        await store.close()
    }

    @Test func `a server that takes no writes for a while takes them again without a new opening`()
        async throws
    {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        let connection = try database.database.connect()
        defer { connection.close() }
        let name = database.database.name
        try connection.run("alter database \(identifier: name) set default_transaction_read_only = on")
        try connection.endOthers()
        var (refusal, stored): (StoreError?, Int) = (nil, 0)
        while refusal == nil {
            do {
                _ = try await store.insert(Sample.entries(stored..<stored + 1))
                // The first may still meet an old session.
                stored += 1
            } catch let error as StoreError {
                refusal = error
            }
        }
        #expect(refusal?.code == .readOnly, "\(refusal?.description ?? "")")
        try await store.waitForCheck("inbox", .degraded)
        try connection.run("alter database \(identifier: name) reset default_transaction_read_only")
        // The first may have a session from before, and is the last that does.
        var report: InsertReport?
        while report == nil { report = try? await store.insert(Sample.entries(0..<stored + 6)) }
        #expect(try await store.statistics().vectors == stored + 6)
        try await store.waitForCheck("inbox", .ok)
        await store.close()
    }

    @Test func `statements that were given no time work once they have it again`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        _ = try await store.insert(Sample.entries(0..<10))
        let connection = try database.database.connect()
        defer { connection.close() }
        let name = database.database.name
        try connection.run("alter database \(identifier: name) set statement_timeout = '100ms'")
        try connection.script("begin; lock table verdict_changes")
        try connection.endOthers()
        try await store.waitForCheck("server", .degraded)
        try connection.script("commit")
        try connection.run("alter database \(identifier: name) reset statement_timeout")
        try await store.waitForCheck("server", .ok)
        // The first may have a session from before, and is the last that does.
        var report: InsertReport?
        while report == nil { report = try? await store.insert(Sample.entries(5..<15)) }
        #expect(try await store.statistics().vectors == 15)
        await store.close()
    }

    @Test func `a server without a free connection is told, and found again`() async throws {
        let server = try PostgresServer(
            .fifteen, settings: ["max_connections = 12", "superuser_reserved_connections = 0"])
        let database = try StoreDatabase(on: server)
        let store = try database.open()
        _ = try await store.insert(Sample.entries(0..<10))
        let connection = try database.database.connect()
        var hogs: [PostgresConnection] = []
        while try await store.statistics().server?.outage == nil {
            try connection.endOthers(named: "verdict")
            while let hog = try? PostgresConnection.open(
                try PostgresServerAddress(database.address).with("application_name", "hog"))
            {
                hogs.append(hog)
            }
        }
        let outage = try #require(try await store.statistics().server?.outage)
        #expect(!outage.reason.isEmpty)
        for hog in hogs { hog.close() }
        while try await store.statistics().server?.outage != nil { await Task.yield() }
        let report = try await store.insert(Sample.entries(5..<15))
        #expect(report.outcomes.count { $0.disposition == .accepted } == 5)
        connection.close()
        await store.close()
        database.drop()
    }

    @Test func `retention removes a bounded part at a time`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        _ = try await store.insert(Sample.entries(0..<6_200))
        await store.close()
        let keeping = try database.open(.write, keeping: RetentionPolicy(maximumRows: 100))
        _ = try await keeping.insert(Sample.entries(6_200..<6_201))
        #expect(try await keeping.statistics().vectors == 101)
        let parts = try database.run(
            "select count(*) from verdict_changes where kind = 'r' group by transaction order by 1")
        let sizes = try parts.map { try $0.int(0) }
        #expect(sizes.reduce(0, +) == 6_100 && sizes.count == 2)
        #expect(sizes.allSatisfy { $0 <= MemoryStore.removedAtATime })
        #expect(try database.count(Schema.retired) == 6_100)
        await keeping.close()
    }

    @Test func `a deletion goes on where one ended that was cut, a bounded part at a time`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        _ = try await store.insert(Sample.entries(0..<6_200))
        try await database.waitForEmptyInbox()
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.script(
            """
            create function refuse() returns trigger language plpgsql as
                'begin raise exception ''not this one''; end';
            create trigger refuse before delete on decision_vectors for each row
                when (old.id = 'd-5500') execute function refuse();
            """)
        let selection = DeleteSelection.query(try Query(parsing: "kind:invoice", now: Sample.clock()))
        let error = await #expect(throws: StoreError.self) { try await store.delete(selection) }
        #expect(error?.description.contains("not this one") == true)
        #expect(error?.description.contains("5000 of 6200 were deleted before and stay so") == true)
        #expect(try await store.statistics().vectors == 1_200)
        #expect(try database.count(Schema.vectors) == 1_200)
        try connection.script("drop trigger refuse on decision_vectors")
        let report = try await store.delete(selection)
        #expect(report.matched == 1_200 && report.deleted == 1_200)
        let none = try await store.delete(selection)
        #expect(none.matched == 0 && none.deleted == 0)
        let parts = try database.run(
            "select count(*) from verdict_changes where kind = 'd' group by transaction order by min(sequence)"
        )
        #expect(try parts.map { try $0.int(0) } == [5_000, 1_200])
        #expect(try database.count(Schema.vectors) + database.count(Schema.inbox) == 0)
        await store.close()
    }

    @Test func `a deletion of several parts tells of all of them`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        let entries = Sample.entries(0..<6_200)
        _ = try await store.insert(entries)
        let ids = entries.prefix(5_300).map(\.decision.id)
        let report = try await store.delete(.ids(ids + ["nobody"], tenant: nil))
        #expect(report.matched == 5_300 && report.deleted == 5_300)
        #expect(try await store.statistics().vectors == 900)
        let other = try database.open(.read)
        #expect(try await other.everything() == store.everything())
        await store.close()
        await other.close()
    }
}

extension PostgresConnection {
    /// Ends the sessions of all others in this database, or of those of one program.
    fileprivate func endOthers(named program: String? = nil) throws {
        try run(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
                and (\(program)::text is null or application_name = \(program)::text)
            """)
    }
}
