import Decisions
import Locks
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What no trigger told of is found all the same, by counting.
@Suite(.timeLimit(.minutes(5))) struct MirrorAuditTests {
    /// Stores rows without any trigger that fires.
    private static func storeSilently(_ numbers: Range<Int>, _ database: StoreDatabase) throws {
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.run("set session_replication_role = replica")
        for number in numbers { try connection.store("silent-\(number)", tenant: "acme") }
    }

    private static func mirrorDetail(_ store: MemoryStore) async throws -> String {
        try await store.health().first { $0.name == "mirror" }?.detail ?? ""
    }

    /// Has everything compared now, and waits for the end of it.
    private static func audit(_ opened: OpenedStore) async throws {
        let before = opened.log.audit.withLock { audit in
            audit.nextTime = .now
            return audit.comparisons
        }
        while opened.log.audit.withLock({ $0.comparisons }) == before { await Task.yield() }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `rows that no trigger told of are counted, read and told`(version: PostgresVersion) async throws {
        let database = try StoreDatabase(version)
        defer { database.drop() }
        let opened = try OpenedStore(database.address, in: ScratchFolder())
        _ = try await opened.store.insert(Sample.entries(0..<20))
        try await Self.audit(opened)
        #expect(opened.log.audit.withLock { $0.finding == nil })
        try Self.storeSilently(0..<3, database)
        try await Self.audit(opened)
        #expect(try await opened.store.becomes { try await $0.statistics().vectors == 23 })
        #expect(
            try await Self.mirrorDetail(opened.store).contains("3 rows on the server that no trigger told of")
        )
        // And rows that went.
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.run("set session_replication_role = replica")
        try connection.run("delete from decision_vectors where id = 'silent-1'")
        try await Self.audit(opened)
        #expect(try await opened.store.becomes { try await $0.statistics().vectors == 22 })
        #expect(try await Self.mirrorDetail(opened.store).contains("1 row gone from the server"))
        try await Self.audit(opened)
        #expect(opened.log.audit.withLock { $0.finding?.isRead == true })
        await opened.store.close()
    }

    @Test func `what is written meanwhile is no difference`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let opened = try OpenedStore(database.address, in: ScratchFolder())
        let other = try database.open()
        let (store, log) = (opened.store, opened.log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (writer, start) in [(store, 0), (other, 1_000)] {
                group.addTask {
                    for number in stride(from: start, to: start + 400, by: 10) {
                        _ = try await writer.insert(Sample.entries(number..<number + 10))
                        _ = try await writer.delete(.ids(["d-\(number)"], tenant: nil))
                    }
                }
            }
            group.addTask {
                for number in 0..<60 {
                    try database.run(
                        """
                        insert into decision_vectors (id, embedding, metadata)
                        values (\("foreign-\(number)"), \(Sample.floats(number)), '{"tenant": "acme"}')
                        """)
                }
            }
            for _ in 0..<8 { try await Self.audit(opened) }
            try await group.waitForAll()
        }
        try await Self.audit(opened)
        #expect(log.audit.withLock { $0.finding == nil && $0.agreedAt != nil })
        // A row that cannot be held counts as well, and one that is in both tables counts once.
        try database.run(
            "update decision_vectors set embedding = array_fill(0::real, '{384}') where id = 'foreign-1'")
        try database.run("insert into decision_inbox select * from decision_vectors where id = 'foreign-2'")
        try await Self.audit(opened)
        #expect(log.audit.withLock { $0.finding == nil })
        #expect(try await store.becomes { try await $0.statistics().vectors == 2 * 360 + 59 })
        await other.close()
        await store.close()
    }

    @Test func `triggers that were off for a while have everything read, though the number is the same`()
        async throws
    {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let opened = try OpenedStore(database.address, in: ScratchFolder())
        let entry = Sample.entry(1, tenant: "acme")
        _ = try await opened.store.insert([entry])
        try await database.waitForEmptyInbox()
        try await Self.audit(opened)
        func isTold(_ outcome: String) async throws -> Bool {
            try await opened.store.becomes {
                try await $0.entries(id: "d-1", tenant: "acme").first?.decision.outcome == outcome
            }
        }
        try database.run("alter table decision_vectors disable trigger user")
        try database.run("update decision_vectors set metadata = metadata || '{\"outcome\":\"late\"}'")
        try await Self.audit(opened)
        #expect(try await isTold("late"))
        #expect(try await Self.mirrorDetail(opened.store).contains("triggers are missing or off"))
        try database.run("update decision_vectors set metadata = metadata || '{\"outcome\":\"later\"}'")
        try database.run("alter table decision_vectors enable trigger user")
        try await Self.audit(opened)
        #expect(try await isTold("later"))
        #expect(
            try await Self.mirrorDetail(opened.store).contains("the tables or their triggers were changed"))
        await opened.store.close()
    }

    @Test func `a table that took the place of another is read`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let opened = try OpenedStore(database.address, in: ScratchFolder())
        _ = try await opened.store.insert(Sample.entries(0..<2))
        try await database.waitForEmptyInbox()
        try await Self.audit(opened)
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.script(
            """
            create table newer (like decision_vectors including all);
            insert into newer select 'other-' || id, embedding, metadata, created_at from decision_vectors;
            begin;
            alter table decision_vectors rename to older;
            alter table newer rename to decision_vectors;
            commit
            """)
        try await Self.audit(opened)
        #expect(
            try await opened.store.becomes {
                let ids = try await $0.everything().keys.map(\.id)
                return ids.count == 2 && ids.allSatisfy { $0.hasPrefix("other-") }
            })
        await opened.store.close()
    }

    @Test func `a saved mirror that lacks rows is found out when it is opened`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let folder = ScratchFolder()
        let first = try OpenedStore(database.address, in: folder)
        _ = try await first.store.insert(Sample.entries(0..<40))
        try await database.waitForEmptyInbox()
        try first.store.followNow()
        try await first.store.finish()
        try Self.storeSilently(0..<2, database)
        let second = try OpenedStore(database.address, in: folder)
        #expect(try await second.store.statistics().vectors == 42)
        let notice = await second.store.openingNotice
        #expect(
            notice?.contains("not what the server has, everything is read anew: 2 rows") == true,
            "\(notice ?? "")")
        try await second.store.finish()
        let third = try OpenedStore(database.address, in: folder, access: .read)
        #expect(third.rowsRead == 0)
        #expect(try await third.store.statistics().vectors == 42)
        await third.store.close()
        // Triggers that were off and are on again, with as many rows.
        try database.run("alter table decision_vectors disable trigger user")
        try database.run(
            "update decision_vectors set metadata = metadata || '{\"outcome\":\"late\"}' where id = 'd-3'")
        try database.run("alter table decision_vectors enable trigger user")
        let fourth = try OpenedStore(database.address, in: folder, access: .read)
        #expect(try await fourth.store.everything().values.contains { $0.outcome == "late" })
        await fourth.store.close()
    }
}
