import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What a process that scores a store is told of what others store in it.
@Suite(.timeLimit(.minutes(5))) struct StoreArrivalTests {
    private static func ids(_ numbers: Range<Int>) -> [String] { numbers.map { "d-\($0)" } }

    @Test(arguments: PostgresVersion.allCases)
    func `whoever takes over is told what nobody has scored, whoever stored it`(
        version: PostgresVersion
    ) async throws {
        let database = try StoreDatabase(version)
        defer { database.drop() }
        let first = try database.open()
        let second = try database.open()
        _ = try await second.insert(Sample.entries(0..<3))
        #expect(try await first.watchArrivals(since: [])?.entries.isEmpty == true)
        _ = try await second.insert(Sample.entries(3..<6))
        var told: [String] = []
        let hasCome = try await first.becomes {
            told += try await $0.arrivals().map(\.storedID)
            return told.count == 3
        }
        #expect(hasCome && told == Self.ids(3..<6))
        let scored = try await first.insert(Sample.entries(6..<8))
        let receipt = try #require(scored.receipt)
        #expect(await first.confirm(receipt))
        let unscored = try await first.insert(Sample.entries(8..<10))
        #expect(unscored.receipt != nil && unscored.receipt != receipt)
        #expect(try await first.insert(Sample.entries(8..<10)).receipt == nil)
        let position = try #require(await first.arrivalPosition)
        await first.close()
        _ = try await second.insert(Sample.entries(10..<12))
        let third = try database.open()
        for store in [third, second] {
            let missed: [StoredDecision]? =
                try await store.watchArrivals(since: [position])?.entries.first ?? nil
            #expect(missed?.map(\.storedID) == Self.ids(8..<12))
        }
        #expect(try await third.arrivals().isEmpty)
        await second.close()
        await third.close()
    }

    @Test func `what was inserted before watching began is not to be scored a second time`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try database.open()
        _ = try await store.watchArrivals(since: [])
        let position = try #require(await store.arrivalPosition)
        let report = try await store.insert(Sample.entries(0..<2))
        let missed: [StoredDecision]? =
            try await store.watchArrivals(since: [position])?.entries.first ?? nil
        #expect(missed?.map(\.storedID) == Self.ids(0..<2))
        let receipt = try #require(report.receipt)
        #expect(await !store.confirm(receipt))
        await store.close()
    }

    @Test func `a row that the mover gives another identifier is not told again`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let holder = try database.holdingMover()
        defer { holder.close() }
        let (watcher, writer) = (try database.open(), try database.open())
        _ = try await watcher.watchArrivals(since: [])
        var told: [EntryIdentity] = []
        func isTold(_ id: String) async throws -> Bool {
            try await watcher.becomes {
                told += try await $0.arrivals().map(\.identity)
                return told.contains { $0.id == id }
            }
        }
        _ = try await writer.insert([Sample.entry(1, tenant: "acme")])
        #expect(try await isTold("d-1"))
        // Another program's row of the same name: that of the inbox must go out of its way.
        try database.run(
            """
            insert into decision_vectors (id, embedding, metadata)
            values ('d-1', \(Sample.floats(1)), '{"tenant": "globex"}')
            """)
        try holder.run("select pg_advisory_unlock_all()")
        try await database.waitForEmptyInbox()
        #expect(try database.count(Schema.vectors) == 2)
        _ = try await writer.insert([Sample.entry(2, tenant: "acme")])
        #expect(try await isTold("d-2"))
        #expect(
            Set(told) == [
                EntryIdentity(tenant: "acme", id: "d-1"), EntryIdentity(tenant: "globex", id: "d-1"),
                EntryIdentity(tenant: "acme", id: "d-2"),
            ])
        #expect(told.count == 3, "\(told)")
        await watcher.close()
        await writer.close()
    }

    @Test func `a position whose changes are gone is told to be`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try database.open()
        _ = try await store.watchArrivals(since: [])
        let position = try #require(await store.arrivalPosition)
        try database.run(
            """
            insert into verdict_records (collection, key, value, revision)
            values ('verdict.mirror', 'pruned', (pg_current_xact_id()::text::numeric + 1)::text, 1)
            """)
        _ = try await store.insert(Sample.entries(0..<2))
        let missed = try #require(try await store.watchArrivals(since: [position, .string("nonsense")]))
        #expect(missed.entries.map { $0 == nil } == [true, true])
        await store.close()
    }

    @Test func `a store of one process tells of nobody else`() async throws {
        let store = try MemoryStore(options: StoreOptions(clock: Sample.clock))
        #expect(try await store.watchArrivals(since: [])?.entries == nil)
        #expect(try await store.insert(Sample.entries(0..<2)).receipt == nil)
        #expect(await store.arrivalPosition == nil)
    }
}
