import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What a mirror makes of rows that changed while nobody told it.
@Suite(.timeLimit(.minutes(5))) struct StoreReloadingTests {
    /// Makes every mirror read everything anew, as after a time away.
    private static func loseChanges(in database: StoreDatabase) throws {
        try database.run(
            """
            insert into verdict_records as held (collection, key, value, revision)
            values ('verdict.mirror', 'pruned', '9000000000000000000', 1)
            on conflict (collection, key) do update set value = excluded.value,
                revision = held.revision + 1, changed = pg_current_xact_id()
            """)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `an entry whose row was given another identifier meanwhile stays`(
        version: PostgresVersion
    ) async throws {
        let database = try StoreDatabase(version)
        defer { database.drop() }
        let store = try database.open()
        _ = try await store.insert(Sample.entries(0..<20, tenant: "acme"))
        try await database.waitForEmptyInbox()
        let before = try await store.everything()
        let derived = IdentityResolver.derivedID(ofTenant: "acme", from: "d-7")
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.run("set session_replication_role = replica")
        try connection.run(
            """
            update decision_vectors set id = \(derived),
                metadata = jsonb_build_object('original_id', id) || metadata
            where id = 'd-7'
            """)
        try connection.run("delete from decision_vectors where id = 'd-8'")
        try Self.loseChanges(in: database)
        #expect(try await store.becomes { try await $0.statistics().vectors == before.count - 1 })
        var expected = before
        expected[EntryIdentity(tenant: "acme", id: "d-8")] = nil
        #expect(try await store.everything() == expected)
        // The row is known by its new identifier: deleting the entry removes it.
        _ = try await store.delete(.ids(["d-7"], tenant: "acme"))
        #expect(try database.count(Schema.vectors) == before.count - 2)
        await store.close()
    }

    @Test func `a row that came unnoticed is read, and nothing is stored beside it`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.run("set session_replication_role = replica")
        try connection.run(
            """
            insert into decision_vectors (id, embedding, metadata)
            values ('d-4', \(Sample.floats(4)), \(.jsonb(Sample.decision(4, tenant: "acme").metadata)))
            """)
        let report = try await store.insert(Sample.entries(4..<6, tenant: "acme"))
        #expect(report.outcomes.map(\.disposition) == [.duplicate, .accepted])
        #expect(try await store.statistics().vectors == 2)
        try await database.waitForEmptyInbox()
        #expect(try database.count(Schema.vectors) == 2)
        await store.close()
    }

    @Test func `stores in two schemas do not wait for each other`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.run("create schema other")
        try connection.run("set search_path = other")
        #expect(try Migrator(connection).migrate().problems.isEmpty)
        try connection.run("begin")
        try connection.run(
            "select pg_advisory_xact_lock(\(.int4(Int32(PostgresLog.writerLock))), \(sql: PostgresLog.lockedTables))"
        )
        let report = try await store.insert(Sample.entries(0..<3))
        #expect(report.outcomes.allSatisfy { $0.disposition == .accepted })
        try connection.run("rollback")
        await store.close()
    }

    @Test func `closing does not wait for a writer of another process`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.run("begin")
        try connection.run(
            "select pg_advisory_xact_lock(\(.int4(Int32(PostgresLog.writerLock))), \(sql: PostgresLog.lockedTables))"
        )
        let writing = Task { try await store.insert(Sample.entries(0..<3)) }
        var waiting = 0
        while waiting == 0 {
            waiting = try connection.run(
                """
                select count(*) from pg_locks where not granted and locktype = 'advisory'
                    and database = (select oid from pg_database where datname = current_database())
                """
            ).onlyRow().int(0)
            await Task.yield()
        }
        let start = ContinuousClock.now
        await store.close()
        // A writer waits a minute for its turn.
        #expect(.now - start < .seconds(30))
        let failure = await #expect(throws: StoreError.self) { try await writing.value }
        #expect(failure?.code == .cancelled)
        try connection.run("rollback")
        #expect(try database.count(Schema.inbox) == 0)
    }

    @Test func `without triggers nothing is written, and it is told what to do`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        try database.run("drop trigger verdict_stored on decision_vectors")
        let store = try database.open()
        #expect(await store.capabilities.readOnlyReason?.contains("verdict migrate") == true)
        await #expect(throws: StoreError.self) { try await store.insert(Sample.entries(0..<1)) }
        await store.close()
    }

    @Test func `a record that was taken away by hand is gone once everything is read anew`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let (store, reader) = (try database.open(), try database.open(.read))
        try await store.write(
            ["acme", "globex"].map { RecordChange(collection: "anomalies", key: $0, value: .number("3")) })
        #expect(try await reader.becomes { try await $0.records(in: "anomalies").count == 2 })
        try database.run(
            """
            with gone as (delete from verdict_records where collection = 'anomalies' and key = 'acme')
            insert into verdict_changes (kind) values ('t')
            """)
        for one in [store, reader] {
            #expect(try await one.becomes { try await $0.records(in: "anomalies").map(\.key) == ["globex"] })
        }
        // What is written under that name afterwards is there again.
        try await store.write([RecordChange(collection: "anomalies", key: "acme", value: .number("1"))])
        #expect(try await reader.becomes { try await $0.records(in: "anomalies").count == 2 })
        await store.close()
        await reader.close()
    }
}
