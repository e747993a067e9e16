import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What followers have had the time to read is removed, by processes that live for seconds too.
@Suite(.timeLimit(.minutes(5))) struct PruningTests {
    private static let hour: Int64 = 3_600

    @Test func `horizons are noted some minutes apart and kept as long as they are needed`() throws {
        var horizons = PruneHorizons("")
        func note(_ transaction: UInt64, at time: Int64) -> Bool {
            horizons.note(transaction, at: time, keeping: .seconds(24 * Self.hour))
        }
        #expect(note(100, at: 1_000))
        #expect(!note(110, at: 1_000 + PruneHorizons.interval - 1))
        #expect(note(120, at: 1_000 + PruneHorizons.interval))
        horizons = PruneHorizons(horizons.text)
        #expect(horizons.all.map(\.transaction) == [100, 120])
        #expect(horizons.transaction(before: 999) == nil && horizons.transaction(before: 1_000) == 100)
        // Of what is older than a day the newest is enough.
        #expect(note(500, at: 2_000 + 24 * Self.hour))
        #expect(horizons.all.map(\.transaction) == [120, 500])
        // Another life of the server, which counts anew, and a clock that was put back.
        #expect(note(130, at: 2_100 + 24 * Self.hour))
        #expect(horizons.all.map(\.transaction) == [120, 130])
        #expect(note(140, at: 2_000))
        #expect(horizons.all.map(\.transaction) == [120, 140])
        #expect(PruneHorizons("nonsense").all.isEmpty && PruneHorizons("[[1],[\"x\",\"2\"]]").all.isEmpty)
    }

    private static func value(_ key: String, _ database: StoreDatabase) throws -> String? {
        try database.run(
            "select value from verdict_records where collection = 'verdict.mirror' and key = \(key)"
        ).first?.text(0)
    }

    private static func storeForeign(_ numbers: Range<Int>, _ database: StoreDatabase) throws {
        for number in numbers {
            try database.run(
                """
                insert into decision_vectors (id, embedding, metadata)
                values (\("foreign-\(number)"), \(Sample.floats(number)), '{"tenant": "acme"}')
                """)
        }
    }

    @Test func `a process that lives for a moment removes what another noted a day ago`() async throws {
        // Of its own: a transaction of another test would keep the changes.
        let server = try PostgresServer(.fifteen)
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        try Self.storeForeign(0..<5, database)
        let first = try database.open()
        while try Self.value(PruneHorizons.key, database) == nil { await Task.yield() }
        await first.close()
        let noted = PruneHorizons(try #require(try Self.value(PruneHorizons.key, database)))
        let horizon = try #require(noted.all.first)
        try Self.storeForeign(5..<7, database)
        #expect(try database.count(Schema.changes) == 7 && Self.value("pruned", database) == nil)
        let earlier = "[[\"\(horizon.time - 25 * Self.hour)\",\"\(horizon.transaction)\"]]"
        try database.run("update verdict_records set value = \(earlier) where key = 'horizons'")
        let second = try database.open()
        while try Self.value("pruned", database) == nil { await Task.yield() }
        #expect(try Self.value("pruned", database) == "\(horizon.transaction)")
        let left = try database.run("select id from verdict_changes order by sequence").map { try $0.text(0) }
        #expect(left == ["foreign-5", "foreign-6"])
        // Whoever follows since then has read all of it.
        try Self.storeForeign(7..<8, database)
        #expect(try await second.becomes { try await $0.statistics().vectors == 8 })
        await second.close()
    }

    @Test func `what is younger than a day stays`() async throws {
        let server = try PostgresServer(.fifteen)
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        try Self.storeForeign(0..<2, database)
        let opened = try OpenedStore(database.address, in: ScratchFolder())
        while try Self.value(PruneHorizons.key, database) == nil { await Task.yield() }
        let noted = PruneHorizons(try #require(try Self.value(PruneHorizons.key, database)))
        let horizon = try #require(noted.all.first)
        let earlier = "[[\"\(horizon.time - 23 * Self.hour)\",\"\(horizon.transaction)\"]]"
        try database.run("update verdict_records set value = \(earlier) where key = 'horizons'")
        try opened.log.prune()
        #expect(try database.count(Schema.changes) == 2)
        // Where the server counts more than a million of them ten minutes are enough.
        try database.run("update pg_class set reltuples = 2000000 where oid = 'verdict_changes'::regclass")
        // Not done while this process's own mover has its turn.
        while try database.count(Schema.changes) > 0 { try opened.log.prune() }
        await opened.store.close()
    }

    @Test func `the oldest of what retention removed is forgotten past what is remembered`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        try database.run(
            """
            insert into verdict_retired (identity, removed_at)
            select '4:acmed-' || number, timestamptz '2026-01-01' + number * interval '1 second'
            from generate_series(1, 30) as number
            """)
        try database.run("analyze verdict_retired")
        let opened = try OpenedStore(database.address, in: ScratchFolder())
        func prune(keeping kept: Int, slack: Int) throws {
            try opened.log.inTransaction(limit: .seconds(60)) { connection throws(PostgresError) in
                try opened.log.pruneRetired(connection, keeping: kept, slack: slack)
            }
        }
        try prune(keeping: 20, slack: 10)
        #expect(try database.count(Schema.retired) == 30)
        try prune(keeping: 20, slack: 9)
        let left = try database.run(
            "select count(*), min(removed_at) = timestamptz '2026-01-01 00:00:10' from verdict_retired")[0]
        #expect(try left.int(0) == 21 && left.bool(1))
        await opened.store.close()
    }
}
