import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What is inserted while the server is away, and what becomes of it.
@Suite(.timeLimit(.minutes(5))) struct StoreQueueTests {
    private static func queueDetail(_ store: MemoryStore) async throws -> String {
        try await store.health().first { $0.name == "queue" }?.detail ?? ""
    }

    /// What the server has, as a store reads it that kept nothing, and how many rows that is.
    private static func kept(_ database: StoreDatabase) async throws -> [EntryIdentity: Decision] {
        let rows = try database.run(
            """
            select count(*), count(distinct id) from
                (select id from decision_inbox union all select id from decision_vectors) as rows
            """)
        let reader = try database.open(.read)
        let everything = try await reader.everything()
        #expect(try rows[0].int(1) == everything.count)
        await reader.close()
        return everything
    }

    @Test func `decisions are queued while the server is away, and written once it is back`() async throws {
        let server = try PostgresServer(.fifteen, settings: ["fsync = on"])
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let folder = ScratchFolder()
        let store = try OpenedStore(database.address, in: folder).store
        _ = try await store.insert(Sample.entries(0..<50))
        #expect(try await Self.queueDetail(store) == "empty")
        try server.stop()
        try await store.waitForCheck("server", .degraded)
        let inbox = try await store.health().first { $0.name == "inbox" }
        #expect(inbox?.status == .ok && inbox?.detail.contains("server") == true)
        let first = try await store.insert(Sample.entries(40..<70))
        #expect(first.outcomes.count { $0.disposition == .accepted } == 20)
        #expect(first.outcomes.count { $0.disposition == .duplicate } == 10)
        let second = try await store.insert(Sample.entries(70..<80))
        #expect(second.outcomes.allSatisfy { $0.disposition == .accepted && $0.novelty != nil })
        #expect(try await Self.queueDetail(store).hasPrefix("30 decisions queued for the server"))
        #expect(try await store.statistics().vectors == 80)
        let target = SearchRequest(target: .embedding(Sample.entry(77).embedding), limit: 3, exact: true)
        #expect(try await store.search(target).results.contains { $0.stored.storedID == "d-77" })
        try server.start()
        try await store.waitForCheck("queue", .ok)
        #expect(try await store.statistics().vectors == 80)
        let kept = try await Self.kept(database)
        #expect(kept.count == 80)
        #expect(try await store.everything() == kept)
        // And straight to the server from now on.
        #expect(try await store.insert(Sample.entries(80..<81)).outcomes[0].disposition == .accepted)
        #expect(try await Self.kept(database).count == 81)
        await store.close()
    }

    @Test
    func `what a killed process queued the next one writes, even if it starts while the server is away`()
        async throws
    {
        let server = try PostgresServer(.fifteen, settings: ["fsync = on"])
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let folder = ScratchFolder()
        let first = try OpenedStore(database.address, in: folder)
        _ = try await first.store.insert(Sample.entries(0..<30))
        try await first.store.finish()
        // What the saved mirror does not know.
        let other = try database.open()
        _ = try await other.insert(Sample.entries(30..<40))
        await other.close()
        var killed: OpenedStore? = try OpenedStore(database.address, in: folder)
        try server.stop()
        try await killed?.store.waitForCheck("server", .degraded)
        _ = try await killed?.store.insert(Sample.entries(40..<60))
        killed = nil
        // Its threads may hold on for a moment, and with them its queue.
        var next = try OpenedStore(database.address, in: folder)
        while next.log.queue?.count != 20 {
            await next.store.close()
            next = try OpenedStore(database.address, in: folder)
        }
        let store = next.store
        #expect(await store.openingNotice?.contains("as it was saved") == true)
        #expect(try await store.entries(id: "d-55", tenant: nil).count == 1)
        // Five that the server has and this mirror has not, ten that are queued, five new ones.
        _ = try await store.insert(Sample.entries(35..<40) + Sample.entries(50..<65))
        try server.start()
        try await store.waitForCheck("queue", .ok)
        try await store.waitForCheck("server", .ok)
        let kept = try await Self.kept(database)
        #expect(kept.count == 65)
        #expect(try await store.becomes { try await $0.statistics().vectors == 65 })
        #expect(try await store.everything() == kept)
        await store.close()
    }

    @Test func `whoever scores is given what others queued, and not what it scored itself`() async throws {
        let server = try PostgresServer(.fifteen, settings: ["fsync = on"])
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let folder = ScratchFolder()
        let other = try OpenedStore(database.address, in: folder).store
        let store = try OpenedStore(database.address, in: folder).store
        var staged = Sample.decision(0)
        func entry(_ stage: String, outcome: String?) -> Entry {
            staged.outcome = outcome
            staged.source.format = "kubernetes"
            staged.extras = ["attrs": .object(["stage": .string(stage)])]
            return Sample.entry(staged)
        }
        _ = try await store.insert([entry("ResponseStarted", outcome: nil)])
        #expect(try await store.watchArrivals(since: []) != nil)
        try server.stop()
        for each in [other, store] { try await each.waitForCheck("server", .degraded) }
        _ = try await other.insert(Sample.entries(10..<14))
        let queued = try await store.insert(
            [entry("ResponseComplete", outcome: "ok")] + Sample.entries(20..<23))
        #expect(queued.outcomes.map(\.disposition) == [.merged, .accepted, .accepted, .accepted])
        #expect(await store.confirm(try #require(queued.receipt)))
        await other.close()
        try server.start()
        var told: [String] = []
        let hasCome = try await store.becomes {
            told += try await $0.arrivals().map(\.storedID)
            return told.count >= 4
        }
        #expect(hasCome && told == ["d-10", "d-11", "d-12", "d-13"])
        #expect(try await Self.kept(database).count == 8)
        _ = try await store.insert(Sample.entries(30..<31))
        #expect(try await store.arrivals().isEmpty)
        // Nothing of it waits for whoever scores next, but what nobody has confirmed.
        let position = try #require(await store.arrivalPosition)
        let next = try database.open()
        let missed: [StoredDecision]? = try await next.watchArrivals(since: [position])?.entries.first ?? nil
        #expect(missed?.map(\.storedID) == ["d-30"])
        await next.close()
        await store.close()
    }

    @Test func `a role that may write no decisions queues none, and a full queue refuses`() async throws {
        let server = try PostgresServer(.fifteen)
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let folder = ScratchFolder()
        let reader = try OpenedStore(database.address, in: folder, access: .read).store
        #expect(try await Self.queueDetail(reader).isEmpty)
        await reader.close()
        var options = StoreOptions(clock: Sample.clock)
        var files = folder.files
        files.queueBytes = 2_000
        options.mirrorFiles = files
        let opened = try PostgresStore.open(.postgres(database.address), options: options)
        let store = try #require(opened as? MemoryStore)
        try server.stop()
        try await store.waitForCheck("server", .degraded)
        _ = try await store.insert(Sample.entries(0..<2))
        let failure = await #expect(throws: StoreError.self) {
            try await store.insert(Sample.entries(2..<40))
        }
        #expect(failure?.description.contains("queue for it is full") == true)
        #expect(try await store.statistics().vectors == 2)
        try server.start()
        try await store.waitForCheck("queue", .ok)
        #expect(try await Self.kept(database).count == 2)
        await store.close()
    }

    @Test func `without a saved mirror a server that is away is told`() throws {
        let folder = ScratchFolder()
        #expect(throws: StoreError.self) {
            try OpenedStore("postgres://nobody@127.0.0.1:1/none?connect_timeout=2", in: folder)
        }
    }
}
