import Decisions
import PostgresTesting
import VectorStores

@testable import PostgresStore

extension StoreDatabase {
    /// Opens the store in it.
    func open(
        _ access: StoreOptions.Access = .write, keeping retention: RetentionPolicy = .keepEverything
    ) throws -> MemoryStore {
        var options = StoreOptions(clock: Sample.clock)
        options.access = access
        options.retention = retention
        let store = try PostgresStore.open(.postgres(address), options: options)
        guard let mirror = store as? MemoryStore else {
            throw StoreError(.failed, "the store of \(address) is no mirror")
        }
        return mirror
    }
}

extension StoreDatabase {
    /// Keeps every mover waiting for as long as the connection is open.
    func holdingMover() throws -> PostgresConnection {
        let holder = try database.connect()
        try holder.run(
            "select pg_advisory_lock(\(.int4(Int32(PostgresLog.moverLock))), \(sql: PostgresLog.lockedTables))"
        )
        return holder
    }

    /// Waits until every row has left the inbox; the server says when to look again.
    func waitForEmptyInbox() async throws {
        let connection = try database.connect()
        defer { connection.close() }
        while try connection.run("select count(*), pg_sleep(0.02) from decision_inbox").onlyRow().int(0) > 0 {
            await Task.yield()
        }
    }
}

extension MemoryStore {
    /// Waits, change by change, until something holds; false where the store is closed before.
    func becomes(_ holds: (MemoryStore) async throws -> Bool) async throws -> Bool {
        var changes = changes().makeAsyncIterator()
        while true {
            if try await holds(self) { return true }
            guard await changes.next() != nil else { return false }
        }
    }

    /// Waits until a check stands so; nothing tells of it.
    func waitForCheck(_ name: String, _ status: HealthCheck.Status) async throws {
        while try await !health().contains(where: { $0.name == name && $0.status == status }) {
            await Task.yield()
        }
    }

    /// Every entry, by tenant and identifier.
    func everything() async throws -> [EntryIdentity: Decision] {
        var found: [EntryIdentity: Decision] = [:]
        for try await batch in try await export(matching: nil) {
            for stored in batch { found[stored.identity] = stored.decision }
        }
        return found
    }
}
