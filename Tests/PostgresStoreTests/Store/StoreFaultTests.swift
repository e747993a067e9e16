import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What a store does while its server is away, and when that comes back.
@Suite(.timeLimit(.minutes(5))) struct StoreFaultTests {
    @Test(arguments: [PostgresServer.Stop.fast, .immediate])
    func `a server that restarts costs no decision and doubles none`(how: PostgresServer.Stop) async throws {
        // What is acknowledged must be on the disk when the power fails.
        let server = try PostgresServer(.fifteen, settings: ["fsync = on"])
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let store = try database.open()
        let before = Sample.entries(0..<100)
        _ = try await store.insert(before)
        try server.stop(how)
        let target = SearchRequest(target: .embedding(before[7].embedding), limit: 3, exact: true)
        #expect(try await store.search(target).results.count == 3)
        try await store.waitForCheck("server", .degraded)
        async let report = store.insert(Sample.entries(90..<150))
        try server.start()
        let outcomes = try await report.outcomes
        #expect(outcomes.count { $0.disposition == .duplicate } == 10)
        #expect(outcomes.count { $0.disposition == .accepted } == 50)
        try await store.waitForCheck("server", .ok)
        try await store.waitForCheck("mirror", .ok)
        let other = try database.open(.read)
        #expect(try await other.everything() == store.everything())
        #expect(try await other.statistics().vectors == 150)
        await store.close()
        await other.close()
    }

    @Test(arguments: ["acme", "globex"])
    func `an identifier that another program takes at the same moment is looked at again`(
        tenant: String
    ) async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        let other = try database.database.connect()
        defer { other.close() }
        try other.script("begin")
        try other.store("d-7", tenant: tenant, in: Schema.inbox)
        async let report = store.insert(Sample.entries(6..<8, tenant: "acme"))
        // It was not seen, and its place in the key is waited for.
        var waiting = 0
        while waiting == 0 {
            waiting = try database.run(
                """
                select count(*), pg_sleep(0.02) from pg_stat_activity
                where datname = current_database() and query ilike 'copy%decision_inbox%'
                    and wait_event_type = 'Lock'
                """)[0].int(0)
            await Task.yield()
        }
        try other.script("commit")
        let outcomes = try await report.outcomes
        // Another tenant's identifier is none of this one's; its own is another decision's by then.
        #expect(outcomes.map(\.disposition) == [.accepted, tenant == "acme" ? .conflict : .accepted])
        #expect(try await store.statistics().vectors == 3)
        let reader = try database.open(.read)
        #expect(try await reader.everything() == store.everything())
        #expect(try await reader.entries(id: "d-7", tenant: nil).count == (tenant == "acme" ? 1 : 2))
        await store.close()
        await reader.close()
    }

    @Test func `a connection that is cut again and again costs nothing`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        let cutter = Task {
            let connection = try database.database.connect()
            defer { connection.close() }
            // Longer each time: on a slow machine something gets through as well.
            var pause = 0.1
            while !Task.isCancelled {
                try connection.run(
                    """
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()
                    """)
                try connection.run("select pg_sleep(\(pause))")
                pause = min(pause * 1.1, 3)
                await Task.yield()
            }
        }
        var accepted = 0
        for start in stride(from: 0, to: 400, by: 20) {
            let report = try await store.insert(Sample.entries(start..<start + 20))
            accepted += report.outcomes.count { $0.disposition == .accepted }
        }
        cutter.cancel()
        _ = await cutter.result
        #expect(accepted == 400)
        #expect(try await store.statistics().vectors == 400)
        let rows = try database.run(
            """
            select count(*), count(distinct id) from
                (select id from decision_inbox union all select id from decision_vectors) as rows
            """)
        #expect(try rows[0].int(1) == 400)
        let other = try database.open(.read)
        #expect(try await other.everything() == store.everything())
        await store.close()
        await other.close()
    }

    @Test func `an answer that is lost neither loses a decision nor doubles one`() async throws {
        let server = try PostgresServer.shared(.fifteen)
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        let far = proxy.address(of: server, database: database.database.name)
        let store = try PostgresStore.open(.postgres(far), options: StoreOptions(clock: Sample.clock))
        let loser = Task {
            let clock = try database.database.connect()
            defer { clock.close() }
            var passing = 0.03
            while !Task.isCancelled {
                proxy.set(.losingAnswers)
                try clock.run("select pg_sleep(0.001)")
                proxy.set(.passing)
                try clock.run("select pg_sleep(\(passing))")
                passing = min(passing * 1.03, 2)
                await Task.yield()
            }
        }
        for start in stride(from: 0, to: 300, by: 10) {
            let entries = Sample.entries(start..<start + 10)
            let report = try await store.insert(entries)
            #expect(report.outcomes.allSatisfy { $0.disposition == .accepted && $0.novelty != nil })
            try await store.write([
                RecordChange(
                    collection: "c", key: "k", value: .number("\(start)"), expected: UInt64(start / 10))
            ])
        }
        loser.cancel()
        _ = await loser.result
        #expect(try await store.statistics().vectors == 300)
        let other = try database.open(.read)
        #expect(try await other.statistics().vectors == 300)
        #expect(try await other.record(in: "c", key: "k")?.revision == 30)
        await store.close()
        await other.close()
    }

    @Test func `a full disk refuses what is written and keeps what was`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        _ = try database.run(
            """
            create function disk_is_full() returns trigger language plpgsql as $$ begin
                raise exception 'could not extend file "base/5/16384": No space left on device'
                    using errcode = 'disk_full', hint = 'Check free disk space.';
            end $$
            """)
        _ = try database.run(Self.filled("decision_vectors"))
        let before = Sample.entries(0..<100)
        _ = try await store.insert(before)
        try await store.waitForCheck("inbox", .degraded)
        let told = try await store.health().first { $0.name == "inbox" }?.detail ?? ""
        #expect(told.contains("cannot be moved into the table"), "\(told)")
        #expect(told.contains("give the server more disk"), "\(told)")

        _ = try database.run(Self.filled("decision_inbox"))
        for _ in 0..<3 {
            let refusal = await #expect(throws: StoreError.self) {
                try await store.insert(Sample.entries(100..<150))
            }
            #expect(refusal?.code == .inputOutput)
            #expect(refusal?.description.contains("give the server more disk") == true)
        }
        let target = SearchRequest(target: .embedding(before[7].embedding), limit: 3, exact: true)
        #expect(try await store.search(target).results.count == 3)
        #expect(try await store.statistics().vectors == 100)

        for table in ["decision_inbox", "decision_vectors"] {
            _ = try database.run("drop trigger disk_is_full on \(identifier: table)")
        }
        let report = try await store.insert(Sample.entries(90..<150))
        #expect(report.outcomes.count { $0.disposition == .duplicate } == 10)
        #expect(report.outcomes.count { $0.disposition == .accepted } == 50)
        try await store.waitForCheck("inbox", .ok)
        try await database.waitForEmptyInbox()
        #expect(try database.run("select count(*) from decision_vectors")[0].int(0) == 150)
        #expect(try await store.everything().count == 150)
        await store.close()
    }

    /// Makes the server answer what is written to a table as it does on a full disk.
    private static func filled(_ table: String) -> SQL {
        """
        create trigger disk_is_full before insert on \(identifier: table) for each row
        execute function disk_is_full()
        """
    }
}
