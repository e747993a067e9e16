import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What other programs write into the table, and what moves in it.
@Suite(.timeLimit(.minutes(5))) struct StoreFollowingTests {
    private static func insert(
        _ id: String, _ metadata: String?, into database: StoreDatabase
    ) throws {
        let metadata = metadata.map { PostgresValue.jsonb($0) } ?? .null
        // A view takes no "on conflict".
        let changed = try database.run(
            "update decision_vectors set metadata = \(metadata)::jsonb where id = \(id) returning id")
        guard changed.isEmpty else { return }
        try database.run(
            """
            insert into decision_vectors (id, embedding, metadata)
            values (\(id), \(Sample.floats(1))::real[], \(metadata)::jsonb)
            """)
    }

    @Test(arguments: StoreHome.allCases)
    func `another program's rows come, change, move to another tenant and go`(
        home: StoreHome
    ) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let store = try database.open()
        try Self.insert("plain", nil, into: database)
        try Self.insert("known", Sample.decision(5, tenant: "acme").metadata, into: database)
        #expect(try await store.becomes { try await $0.statistics().vectors == 2 })
        #expect(try await store.entries(id: "plain", tenant: "").first?.decision.effect == .conditional)
        let found = try await store.search(
            SearchRequest(target: .like(id: "plain", tenant: ""), query: .tenant("acme"), exact: true))
        #expect(found.results.map(\.stored.storedID) == ["known"])
        #expect(found.strategy == .mirrorExact)
        try Self.insert("plain", #"{"tenant":"globex"}"#, into: database)
        #expect(try await store.becomes { try await $0.entries(id: "plain", tenant: "globex").count == 1 })
        #expect(try await store.entries(id: "plain", tenant: nil).count == 1)
        try database.run("delete from decision_vectors where id = 'known'")
        #expect(try await store.becomes { try await $0.statistics().vectors == 1 })
        _ = try await store.insert(Sample.entries(0..<10))
        try database.run("truncate \(identifier: home.table), decision_inbox")
        // Where Citus spreads the table, nobody is told of that.
        if home == .distributed { try database.run("insert into verdict_changes (kind) values ('t')") }
        #expect(try await store.becomes { try await $0.statistics().vectors == 0 })
        await store.close()
    }

    @Test(arguments: StoreHome.allCases)
    func `an identifier of another program's row stays its own`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        try Self.insert("taken", #"{"tenant":"globex"}"#, into: database)
        let store = try database.open()
        var entry = Sample.entry(1, tenant: "acme")
        entry.decision.id = "taken"
        #expect(try await store.insert([entry]).outcomes[0].disposition == .accepted)
        #expect(try await store.entries(id: "taken", tenant: nil).count == 2)
        let row = try database.run(
            "select id from decision_vectors where id = 'taken' and metadata->>'tenant' = 'globex'")
        #expect(row.count == 1)
        // And where that came only after it was stored here.
        entry.decision.id = "late"
        let other = try database.database.connect()
        try other.run("begin")
        try other.run(
            """
            insert into decision_vectors select 'late', embedding, metadata from decision_vectors
            where id = 'taken' and metadata->>'tenant' = 'globex'
            """)
        _ = try await store.insert([entry])
        try other.run("commit")
        other.close()
        #expect(try await store.becomes { try await $0.entries(id: "late", tenant: nil).count == 2 })
        try await database.waitForEmptyInbox()
        let reader = try database.open(.read)
        #expect(try await reader.everything() == store.everything())
        await store.close()
        await reader.close()
    }

    @Test(arguments: StoreHome.allCases)
    func `rows leave the inbox unchanged, and nobody sees them go`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let store = try database.open()
        // A change of the layout is noted too.
        let earlier = try database.count(Schema.changes)
        let entries = Sample.entries(0..<700)
        _ = try await store.insert(entries)
        try await database.waitForEmptyInbox()
        #expect(try database.count(Schema.vectors) == 700)
        #expect(try database.count(Schema.changes) == earlier + 700)
        let other = try database.open(.read)
        #expect(try await other.everything() == store.everything())
        _ = try await store.delete(.query(try Query(parsing: "effect:deny", now: Sample.clock())))
        let left = try await store.statistics().vectors
        #expect(left == entries.count { $0.decision.effect != .deny })
        #expect(try database.count(Schema.vectors) == left)
        #expect(try await other.becomes { try await $0.statistics().vectors == left })
        await store.close()
        await other.close()
    }

    @Test(arguments: StoreHome.allCases)
    func `a row that cannot be held is told and left alone`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let store = try database.open()
        try Self.insert("zero", nil, into: database)
        #expect(try await store.becomes { try await $0.statistics().vectors == 1 })
        if home.version == .eighteenWithVectors {
            try database.run("update decision_vectors set embedding = array_fill(0::real, '{384}')::vector")
        } else {
            try database.run("update decision_vectors set embedding = array_fill(0::real, '{384}')")
        }
        #expect(try await store.becomes { try await $0.statistics().vectors == 0 })
        try await store.waitForCheck("rows", .degraded)
        var entry = Sample.entry(1, tenant: "")
        entry.decision.id = "zero"
        _ = try await store.insert([entry])
        #expect(try await store.statistics().vectors == 1)
        let rows = try database.run("select count(*) from decision_vectors where id = 'zero'")
        #expect(try rows[0].int(0) == 1)
        await store.close()
    }

    @Test(arguments: StoreHome.allCases)
    func `two who write at once lose nothing and double nothing`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let stores = [try database.open(), try database.open()]
        let entries = Sample.entries(0..<400)
        let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
            for store in stores {
                group.addTask {
                    var accepted = 0
                    for start in stride(from: 0, to: entries.count, by: 20) {
                        let report = try await store.insert(Array(entries[start..<start + 20]))
                        accepted += report.outcomes.count { $0.disposition == .accepted }
                        #expect(
                            report.outcomes.allSatisfy { [.accepted, .duplicate].contains($0.disposition) })
                    }
                    return accepted
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(accepted == 400)
        let total = try database.run(
            """
            select count(distinct id) from
                (select id from decision_inbox union all select id from decision_vectors) as rows
            """)
        #expect(try total[0].int(0) == 400)
        #expect(try await stores[0].becomes { try await $0.statistics().vectors == 400 })
        #expect(try await stores[1].becomes { try await $0.statistics().vectors == 400 })
        #expect(try await stores[0].everything() == stores[1].everything())
        for store in stores { await store.close() }
    }
}
