import Decisions
import Locks
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// Writes to a server that is away: what is refused, what is queued and what waits.
@Suite(.timeLimit(.minutes(5))) struct AwayWritesTests {
    private static func change(_ key: String) -> [RecordChange] {
        [RecordChange(collection: "tests", key: key, value: .bool(true))]
    }

    @Test func `where a mirror is saved decisions are queued, and everything else is refused`() async throws {
        let server = try PostgresServer(.fifteen)
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let connection = try database.database.connect()
        try RightsTests.applyRoles(connection)
        let role = try connection.makeRole()
        try connection.run("grant verdict_triage to \(identifier: role)")
        connection.close()
        let folders = [ScratchFolder(), ScratchFolder()]
        let writer = try OpenedStore(database.address, in: folders[0]).store
        let triage = try OpenedStore(database.address + "&user=\(role)", in: folders[1]).store
        for (name, store) in [("writer", writer), ("triage", triage)] {
            try await store.write(Self.change(name))
        }
        _ = try await writer.insert(Sample.entries(0..<5))
        #expect(try await triage.becomes { try await $0.statistics().vectors == 5 })
        try server.stop()
        for store in [writer, triage] {
            try await store.waitForCheck("server", .degraded)
            let refused = await #expect(throws: StoreError.self) {
                try await store.write(Self.change("away"))
            }
            #expect(refused != nil && refused?.code != .readOnly, "\(refused?.description ?? "")")
            await #expect(throws: StoreError.self) { try await store.delete(.ids(["d-1"], tenant: nil)) }
        }
        let queued = try await writer.insert(Sample.entries(5..<7))
        #expect(queued.outcomes.allSatisfy { $0.disposition == .accepted })
        // A role that may write no decisions has nothing to queue.
        await #expect(throws: StoreError.self) { try await triage.insert(Sample.entries(7..<8)) }
        try server.start()
        try await writer.waitForCheck("queue", .ok)
        for store in [writer, triage] {
            try await store.waitForCheck("server", .ok)
            #expect(try await store.record(in: "tests", key: "away") == nil)
        }
        try await triage.write(Self.change("back"))
        let kept = try database.run("select key from verdict_records where collection = 'tests' order by key")
        #expect(try kept.map { try $0.text(0) } == ["back", "triage", "writer"])
        await triage.close()
        await writer.close()
    }

    @Test func `where nothing can be queued every write waits for the server`() async throws {
        let server = try PostgresServer(.fifteen)
        let database = try StoreDatabase(on: server)
        defer { database.drop() }
        let store = try OpenedStore(database.address + "&mirror=unsaved", in: ScratchFolder()).store
        try server.stop()
        try await store.waitForCheck("server", .degraded)
        let begun = Mutex(0)
        let begin: @Sendable () -> Void = { begun.withLock { $0 += 1 } }
        let writing = Task {
            begin()
            try await store.write(Self.change("away"))
        }
        let inserting = Task {
            begin()
            return try await store.insert(Sample.entries(0..<2))
        }
        // Both are on their way while nobody answers: what refused at once would refuse them.
        while begun.withLock({ $0 }) < 2 { await Task.yield() }
        try server.start()
        try await writing.value
        #expect(try await inserting.value.outcomes.allSatisfy { $0.disposition == .accepted })
        #expect(try await store.record(in: "tests", key: "away")?.value == .bool(true))
        await store.close()
    }
}
