import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// Stores that are open while their database is laid out by tenant, and what was derived before.
@Suite(.timeLimit(.minutes(5))) struct LayoutStoreTests {
    private func layOut(_ database: StoreDatabase, _ wish: LayoutWish) throws {
        let connection = try database.database.connect()
        defer { connection.close() }
        let report = try Migrator(connection).migrate(layout: wish)
        #expect(report.problems.isEmpty, "\(report)")
    }

    private static func shared(_ tenants: [String], id: String) -> [Entry] {
        tenants.map { tenant in
            var entry = Sample.entry(7, tenant: tenant)
            entry.decision.id = id
            return entry
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a store that is open goes on, reads everything anew and writes by tenant`(
        version: PostgresVersion
    ) async throws {
        let database = try StoreDatabase(version)
        defer { database.drop() }
        let store = try database.open()
        _ = try await store.insert(Sample.entries(0..<300) + Self.shared(["acme", "globex"], id: "before"))
        let writer = Task {
            var accepted = 0
            for start in stride(from: 300, to: 900, by: 20) {
                let report = try await store.insert(Sample.entries(start..<start + 20))
                accepted += report.outcomes.count { $0.disposition == .accepted }
            }
            return accepted
        }
        try layOut(database, .partition(3))
        #expect(try await writer.value == 600)
        _ = try await store.insert(Self.shared(["acme", "globex", "initech"], id: "after"))
        #expect(try await store.statistics().vectors == 905)
        try await database.waitForEmptyInbox()
        #expect(try database.count(Schema.rows) == 905)
        let ids = try database.run("select distinct id from decision_rows where id like 'after%'")
        #expect(try ids.map { try $0.text(0) } == ["after"])
        // What was derived before keeps its row's name, and its own.
        let reader = try database.open(.read)
        #expect(try await reader.everything() == store.everything())
        #expect(try await reader.entries(id: "before", tenant: "globex").count == 1)
        let again = try await store.insert(Self.shared(["acme", "globex"], id: "before"))
        #expect(again.outcomes.allSatisfy { $0.disposition == .duplicate })
        _ = try await store.delete(.ids(["before"], tenant: "globex"))
        #expect(try await reader.becomes { try await $0.statistics().vectors == 904 })
        #expect(try await reader.entries(id: "before", tenant: "acme").count == 1)
        _ = try await store.delete(.ids(["after"], tenant: "acme"))
        #expect(try await reader.becomes { try await $0.entries(id: "after", tenant: nil).count == 2 })
        #expect(try database.count(Schema.rows) == 903)
        await store.close()
        await reader.close()
    }

    @Test(arguments: [StoreHome.partitioned, .distributed])
    func `what goes by the view, the table or a partition is seen`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let store = try database.open()
        func count(_ id: String) async throws -> Int { try await store.entries(id: id, tenant: nil).count }
        let connection = try database.database.connect()
        defer { connection.close() }
        for tenant in ["acme", "globex", "initech"] { try connection.store("d-1", tenant: tenant) }
        #expect(try await store.becomes { _ in try await count("d-1") == 3 })
        #expect(throws: PostgresError.self) { try connection.store("d-1", tenant: "acme") }
        try connection.run(
            """
            update decision_vectors set metadata = metadata || '{"tenant": "umbrella"}'
            where id = 'd-1' and metadata->>'tenant' = 'acme'
            """)
        #expect(
            try await store.becomes { try await $0.entries(id: "d-1", tenant: "umbrella").count == 1 })
        #expect(try await count("d-1") == 3)
        try connection.run("delete from decision_vectors where metadata->>'tenant' = 'umbrella'")
        #expect(try await store.becomes { _ in try await count("d-1") == 2 })
        try connection.run("update decision_vectors set id = 'd-2' where metadata->>'tenant' = 'globex'")
        #expect(try await store.becomes { _ in try await count("d-2") == 1 })
        #expect(try await count("d-1") == 1)
        if home == .partitioned {
            try connection.run("delete from decision_rows where tenant = 'globex'")
            #expect(try await store.becomes { _ in try await count("d-2") == 0 })
            let part = try connection.texts(
                "select tableoid::regclass::text from decision_rows where id = 'd-1'")
            try connection.run("delete from \(identifier: part[0])")
            #expect(try await store.becomes { _ in try await count("d-1") == 0 })
        }
        await store.close()
    }

    @Test func `the copy of other programs into the view works`() throws {
        let database = try StoreDatabase(in: .partitioned)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.copyIn(
            "copy decision_vectors (id, embedding, metadata) from stdin (format binary)"
        ) { writer throws(PostgresError) in
            for tenant in ["acme", "globex"] {
                try writer.beginRow(columns: 3)
                writer.append(.text("x"))
                writer.append(vector: Sample.floats(1))
                writer.append(.jsonb("{\"tenant\": \"\(tenant)\"}"))
            }
        }
        #expect(try connection.texts("select tenant from decision_rows order by 1") == ["acme", "globex"])
        #expect(try connection.number("select count(*) from decision_rows where created_at is null") == 0)
    }

    @Test(arguments: [StoreHome.partitioned, .distributed])
    func `a row that another changes at the same moment is not written over`(home: StoreHome) async throws {
        let changes: [SQL] = [
            "update decision_vectors set metadata = metadata || '{\"late\": 1}'",
            "update decision_vectors set metadata = metadata || '{\"tenant\": \"globex\"}'",
            "delete from decision_vectors",
        ]
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let other = try database.database.connect()
        defer { other.close() }
        try other.store("x", tenant: "acme")
        for change in changes {
            try other.run("begin")
            try other.run("update decision_rows set created_at = created_at + interval '1 day'")
            // On a thread of its own: two of these tests would else hold every thread that tasks have.
            let waiting = Concurrent { () throws(StoreError) -> String? in
                do {
                    try database.run(change)
                    return nil
                } catch {
                    return (error as? PostgresError)?.sqlState ?? "\(error)"
                }
            }
            let watch = try database.database.connect()
            defer { watch.close() }
            let waits: SQL =
                """
                select count(*), pg_sleep(0.01) from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock'
                """
            while try watch.run(waits).onlyRow().int(0) == 0 { await Task.yield() }
            try other.run("commit")
            #expect(try waiting.value() == "40001")
            #expect(try other.texts("select tenant from decision_rows") == ["acme"])
        }
    }
}
