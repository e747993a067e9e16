import Decisions
import Locks
import Testing

@testable import VectorStores

/// What a store says of itself when it is asked how it is.
@Suite struct HealthTests {
    private func options(_ access: StoreOptions.Access = .write, keeping policy: String? = nil) throws
        -> StoreOptions
    {
        var options = StoreOptions(clock: testClock)
        options.access = access
        if let policy { options.retention = try RetentionPolicy(parsing: policy) }
        return options
    }

    private func check(_ name: String, of store: MemoryStore) async throws -> HealthCheck {
        try #require(try await store.health().first { $0.name == name })
    }

    /// A decision and two others that claim its identifier.
    private func conflicting() -> [Entry] {
        var source = DecisionSource(seed: 95)
        let first = Entry(source.next(tenant: "acme"))
        return ["", "mallory", "trudy"].map { principal in
            var entry = first
            if !principal.isEmpty { entry.decision.principal.id = principal }
            return entry
        }
    }

    @Test func `conflicts are told while they are held, also after a snapshot`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var store = try MemoryStore(directory: scratch.path, options: options())
        let outcomes = try await store.insert(conflicting()).outcomes
        #expect(outcomes.map(\.disposition) == [.accepted, .conflict, .conflict])
        _ = try await store.rebuild(RebuildRequest()) { _ in }
        try await store.finish()
        store = try MemoryStore(directory: scratch.path, options: options())
        #expect(try await check("identity", of: store).detail.hasPrefix("2 decisions came under"))
        _ = try await store.delete(.ids([outcomes[1].storedID], tenant: "acme"))
        store.core.compact()
        #expect(try await check("identity", of: store).detail.hasPrefix("1 decision came under"))
        #expect(try await check("identity", of: store).status == .degraded)
        try await store.finish()
        store = try MemoryStore(directory: scratch.path, options: options())
        _ = try await store.delete(.ids([outcomes[2].storedID], tenant: "acme"))
        #expect(try await check("identity", of: store).status == .ok)
        #expect(store.core.state.withReading { $0.invariantViolations() } == [])
        await store.close()
    }

    @Test func `a reader tells the size on disk as a person reads it`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var source = DecisionSource(seed: 97)
        let store = try MemoryStore(directory: scratch.path, options: options())
        _ = try await store.insert(source.entries(50))
        let reader = try MemoryStore(directory: scratch.path, options: options(.read))
        let detail = try await check("snapshot", of: reader).detail
        #expect(detail.hasSuffix(" kB on disk"), "\(detail)")
        await reader.close()
        await store.close()
    }

    @Test func `conflicts that are no longer kept are no longer told`() async throws {
        let store = try MemoryStore(options: options(keeping: "5"))
        var source = DecisionSource(seed: 96)
        _ = try await store.insert(conflicting())
        _ = try await store.insert(
            source.entries(5).map { entry in
                var entry = entry
                entry.decision.id = "later-\(entry.decision.id)"
                entry.decision.time = testClock()
                return entry
            })
        await store.pin([])
        #expect(try await check("identity", of: store).status == .ok)
        await store.close()
    }

    @Test func `a few deleted entries are no reason for a rebuild`() async throws {
        let store = try MemoryStore(options: options())
        var source = DecisionSource(seed: 97)
        let entries = source.entries(40)
        _ = try await store.insert(entries)
        for entry in entries.dropLast(4) {
            _ = try await store.delete(.ids([entry.decision.id], tenant: entry.decision.tenant))
        }
        #expect(try await store.statistics().index.tombstones > 20)
        #expect(try await check("index", of: store).status == .ok)
        await store.close()
    }

    @Test func `a reader claims no policy of its own`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let store = try MemoryStore(directory: scratch.path, options: options(keeping: "30d"))
        var source = DecisionSource(seed: 98)
        _ = try await store.insert(source.entries(1_200))
        #expect(
            try await check("retention", of: store).detail.hasPrefix("1,200 decisions, keeps 30d, full in"))
        let reader = try MemoryStore(directory: scratch.path, options: options(.read))
        #expect(
            try await check("retention", of: reader).detail
                == "1,200 decisions, how much is kept is up to who writes")
        await reader.close()
        await store.close()
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (99_499, "99.5 kB"), (99_500, "100 kB"),
        (999_499, "999 kB"), (999_500, "1.0 MB"), (1_880_641, "1.9 MB"), (81_195_000_000, "81.2 GB"),
        (12_345_678_900_000, "12,346 GB"),
    ])
    func `bytes are told in the largest unit`(bytes: Int, text: String) {
        #expect(PrintedNumber.bytes(bytes) == text)
    }

    @Test func `counts are told with their thousands apart`() {
        #expect(
            [0, 999, 1_000, 23_365, -1_234_567].map(PrintedNumber.grouped)
                == ["0", "999", "1,000", "23,365", "-1,234,567"])
        #expect(PrintedNumber.counted(1, "node") == "1 node")
        #expect(PrintedNumber.counted(0, "node") == "0 nodes")
        #expect(PrintedNumber.counted(2, "process") == "2 processes")
        #expect(PrintedNumber.counted(1_200, "entry") == "1,200 entries")
        #expect(PrintedNumber.counted(2, "day") == "2 days")
    }
}
