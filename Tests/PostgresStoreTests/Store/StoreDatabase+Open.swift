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

/// Waits until something holds; false when it does not within ten seconds.
func eventually(_ holds: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if try await holds() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return false
}

extension MemoryStore {
    /// Every entry, by tenant and identifier.
    func everything() async throws -> [EntryIdentity: Decision] {
        var found: [EntryIdentity: Decision] = [:]
        for try await batch in try await export(matching: nil) {
            for stored in batch { found[stored.identity] = stored.decision }
        }
        return found
    }
}
