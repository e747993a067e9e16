import Decisions
import Locks
import PostgresStore
import PostgresTesting
import Testing
import VectorStores

/// A way to make an empty store for the conformance suite.
struct StoreFactory: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Makes an empty store; whoever makes it closes it.
    let make: @Sendable () async throws -> any DecisionStore

    /// Every kind of store there is.
    static let all: [StoreFactory] =
        [
            StoreFactory(testDescription: "ephemeral") {
                try MemoryStore(options: StoreOptions(clock: testClock))
            }
        ]
        + StoreHome.allCases.map { home in
            StoreFactory(testDescription: "PostgreSQL \(home)") { try ServerStores.make(home) }
        }
}

/// Stores on a server, with the databases that they are in for as long as they live.
private enum ServerStores {
    private struct Held {
        weak var store: MemoryStore?
        let database: StoreDatabase
    }

    private static let held = Mutex<[Held]>([])

    static func make(_ home: StoreHome) throws -> any DecisionStore {
        let database = try StoreDatabase(in: home)
        let store = try PostgresStore.open(
            .postgres(database.address), options: StoreOptions(clock: testClock))
        let gone = held.withLock { held -> [Held] in
            let gone = held.filter { $0.store == nil }
            held.removeAll { $0.store == nil }
            held.append(Held(store: store as? MemoryStore, database: database))
            return gone
        }
        // Dropped here, outside of the lock.
        withExtendedLifetime(gone) {}
        return store
    }
}
