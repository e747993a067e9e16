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
        try database.waitForEmptyInbox()
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
}
