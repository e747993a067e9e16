import Decisions
import Locks
import Testing
import VectorIndex

@testable import VectorStores

/// Dead rows and the values that only they had are left behind.
@Suite struct CompactionTests {
    private func options(_ access: StoreOptions.Access = .write, keeping rows: Int? = nil) -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.access = access
        options.retention = RetentionPolicy(maximumRows: rows)
        return options
    }

    private func content(_ store: MemoryStore) async throws -> [StoredDecision] {
        var all: [StoredDecision] = []
        for try await batch in try await store.export(matching: nil) { all += batch }
        return all
    }

    private func problems(_ store: MemoryStore) -> [String] {
        store.core.state.withReading { $0.invariantViolations() } + store.core.index.checkInvariants()
    }

    /// A store of which most rows were deleted here and there.
    private func thinned(_ store: MemoryStore, seed: UInt64) async throws {
        var source = DecisionSource(seed: seed)
        var random = SeededGenerator(seed: seed + 1)
        let entries = source.entries(400)
        _ = try await store.insert(entries)
        for entry in entries where random.chance(0.8) {
            _ = try await store.delete(.ids([entry.decision.id], tenant: entry.decision.tenant))
        }
    }

    @Test func `a compacted store holds and finds the same`() async throws {
        let store = try MemoryStore(options: options())
        try await thinned(store, seed: 80)
        let before = try await content(store)
        var answers: [SearchAnswer] = []
        let targets = before.prefix(20).map { SearchRequest.Target.embedding($0.embedding) }
        for target in targets {
            answers.append(try await store.search(SearchRequest(target: target, limit: 5, exact: true)))
        }
        let tenants = try await store.tenants()
        #expect(store.core.isSparse())
        store.core.compact()
        #expect(!store.core.isSparse())
        #expect(store.core.state.withReading { $0.columns.count } == before.count)
        #expect(problems(store) == [])
        #expect(try await content(store) == before)
        #expect(try await store.tenants() == tenants)
        for (target, answer) in zip(targets, answers) {
            let found = try await store.search(SearchRequest(target: target, limit: 5, exact: true))
            #expect(found.results.map(\.stored) == answer.results.map(\.stored))
        }
        // Goes on like any other store: inserts, duplicates, deletes and a rebuild.
        var source = DecisionSource(seed: 82)
        _ = try await store.insert(source.entries(50))
        #expect(
            try await store.insert(before.map { Entry($0.decision) }).outcomes.allSatisfy {
                $0.disposition == .duplicate
            })
        _ = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(problems(store) == [])
    }

    @Test func `rows keep their numbers while an export reads them`() async throws {
        let store = try MemoryStore(options: options())
        try await thinned(store, seed: 83)
        let before = try await content(store)
        var exported: [StoredDecision] = []
        for try await batch in try await store.export(matching: nil) {
            // Held rows are no reason to take a snapshot at every write.
            #expect(!store.core.isSparse())
            store.core.compact()
            exported += batch
        }
        #expect(exported == before)
        #expect(store.core.isSparse())
        store.core.compact()
        #expect(store.core.state.withReading { $0.columns.count } == before.count)
    }

    @Test func `a reader ends its export before it reads a replaced store anew`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var source = DecisionSource(seed: 85)
        func fill(with count: Int) async throws {
            scratch.remove()
            let store = try MemoryStore(directory: scratch.path, options: options())
            _ = try await store.insert(source.entries(count))
            try await store.finish()
        }
        try await fill(with: 1_200)
        let reader = try MemoryStore(directory: scratch.path, options: options(.read))
        let follower = try #require(reader.follower)
        let before = try await content(reader)
        var exported: [StoredDecision] = []
        for try await batch in try await reader.export(matching: nil) {
            if exported.isEmpty {
                try await fill(with: 1_500)
                follower.poll()
            }
            exported += batch
        }
        #expect(exported == before)
        #expect(!reader.core.isHeld)
        follower.poll()
        #expect(follower.failure == nil)
        let vectors = try await reader.statistics().vectors
        #expect(vectors == 1_500)
        #expect(problems(reader) == [])
        await reader.close()
    }

    @Test func `a store that keeps few rows writes a small snapshot, and a follower sees the same`()
        async throws
    {
        var sizes: [Int: Int] = [:]
        for kept in [20, 2_000] {
            let scratch = ScratchDirectory()
            defer { scratch.remove() }
            var store = try MemoryStore(directory: scratch.path, options: options(keeping: kept))
            let reader = try MemoryStore(directory: scratch.path, options: options(.read))
            var source = DecisionSource(seed: 84)
            for round in 0..<20 {
                var entries = source.entries(100)
                for index in entries.indices {
                    // In order of time: what is older than what was removed is not taken.
                    entries[index].decision.time = Timestamp(
                        seconds: 1_700_000_000 + Int64(round * 100 + index))
                    entries[index].decision.extras["n"] = .string("\(entries[index].decision.id) at length")
                }
                _ = try await store.insert(entries)
            }
            try await store.finish()
            sizes[kept] = try scratch.newestSnapshotBytes()
            store = try MemoryStore(directory: scratch.path, options: options())
            #expect(try await store.statistics().vectors == kept)
            #expect(store.core.state.withReading { $0.columns.count } == kept)
            #expect(problems(store) == [])
            _ = try await store.insert(source.entries(10))
            let follower = try #require(reader.follower)
            follower.poll()
            #expect(follower.failure == nil)
            #expect(try await content(reader) == content(store))
            await store.close()
            await reader.close()
        }
        #expect(try #require(sizes[20]) * 10 < #require(sizes[2_000]))
    }
}
