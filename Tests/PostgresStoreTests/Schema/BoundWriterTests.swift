import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

extension RightsTests {
    /// A store whose login policies bind to one tenant, beside rows of another that it does not see.
    @Suite(.timeLimit(.minutes(5))) struct BoundWriterTests {
        /// A store of a login that sees `acme` alone, and its tables as the superuser sees them.
        private func withBoundStore(
            _ version: PostgresVersion,
            _ body: (StoreDatabase, PostgresConnection, any DecisionStore) async throws -> Void
        ) async throws {
            let database = try StoreDatabase(version)
            defer { database.drop() }
            let connection = try database.database.connect()
            defer { connection.close() }
            try RightsTests.applyRoles(connection)
            #expect(try Migrator(connection).migrate(rowSecurity: true).problems.isEmpty)
            let role = try connection.makeRole()
            try connection.run("grant verdict_writer to \(identifier: role)")
            try connection.run("alter role \(identifier: role) set verdict.tenant = 'acme'")
            let store = try PostgresStore.open(
                .postgres(database.address + "&user=\(role)"), options: StoreOptions(clock: Sample.clock))
            try await body(database, connection, store)
            await store.close()
            try connection.dropRole(role)
        }

        /// Waits until the table holds so many rows of the tenant; the server says when to look again.
        private func waitForRows(_ count: Int, _ connection: PostgresConnection) async throws {
            let held: SQL =
                "select count(*), pg_sleep(0.02) from decision_vectors where metadata->>'tenant' = 'acme'"
            while try connection.run(held).onlyRow().int(0) < count { await Task.yield() }
        }

        private static let derived = IdentityResolver.derivedID(ofTenant: "acme", from: "d-7")

        @Test(arguments: PostgresVersion.allCases)
        func `an identifier that a hidden row of the inbox has is derived, and the insert accepted`(
            version: PostgresVersion
        ) async throws {
            try await withBoundStore(version) { database, connection, store in
                // What is derived first may be taken as well.
                for id in ["d-7", Self.derived] {
                    try connection.store(id, tenant: "globex", in: Schema.inbox)
                }
                let report = try await store.insert(Sample.entries(5..<9, tenant: "acme"))
                #expect(report.outcomes.map(\.disposition) == Array(repeating: .accepted, count: 4))
                try await waitForRows(4, connection)
                let twice = IdentityResolver.derivedID(ofTenant: "acme", from: Self.derived)
                #expect(
                    try connection.texts("select id from decision_vectors order by id collate \"C\"")
                        == ["d-5", "d-6", twice, "d-8"])
                #expect(
                    try connection.texts(
                        "select id || (metadata->>'tenant') as named from decision_inbox order by id collate \"C\""
                    )
                        == ["d-7globex", "\(Self.derived)globex"].sorted())
                #expect(try await store.entries(id: "d-7", tenant: nil).map(\.decision.tenant) == ["acme"])
                // A log that is read again adds nothing, and what is deleted is its own.
                let again = try await store.insert(Sample.entries(5..<9, tenant: "acme"))
                #expect(again.outcomes.map(\.disposition) == Array(repeating: .duplicate, count: 4))
                #expect(try await store.delete(.ids(["d-7"], tenant: "acme")).deleted == 1)
                #expect(try database.count(Schema.vectors) == 3 && database.count(Schema.inbox) == 2)
            }
        }

        @Test(arguments: PostgresVersion.allCases)
        func `a hidden row of the table keeps nothing waiting`(version: PostgresVersion) async throws {
            try await withBoundStore(version) { database, connection, store in
                for id in ["d-6", "d-7"] { try connection.store(id, tenant: "globex") }
                _ = try await store.insert(Sample.entries(0..<30, tenant: "acme"))
                try await database.waitForEmptyInbox()
                #expect(try database.count(Schema.vectors) == 32)
                let renamed = try connection.texts(
                    """
                    select id from decision_vectors where metadata->>'original_id' in ('d-6', 'd-7')
                    order by metadata->>'original_id'
                    """)
                #expect(
                    renamed == ["d-6", "d-7"].map { IdentityResolver.derivedID(ofTenant: "acme", from: $0) })
                let others: SQL =
                    "select id from decision_vectors where metadata->>'tenant' = 'globex' order by 1"
                #expect(try connection.texts(others) == ["d-6", "d-7"])
                let health = try await store.health()
                #expect(health.contains { $0.name == "inbox" && $0.status == .ok }, "\(health)")
                // Both are known by their new names to who reads all, and to who wrote them.
                let reader = try database.open(.read)
                #expect(try await reader.entries(id: "d-7", tenant: nil).count == 2)
                await reader.close()
                // A row that is its own is written over, as everywhere.
                try connection.run(
                    """
                    insert into decision_inbox select id, embedding, metadata || '{"late": 1}', created_at
                    from decision_vectors where id = 'd-9'
                    """)
                try await database.waitForEmptyInbox()
                let late: SQL = "select count(*) from decision_vectors where metadata->>'late' = '1'"
                #expect(try connection.number(late) == 1)
                #expect(try database.count(Schema.vectors) == 32)
            }
        }
    }
}
