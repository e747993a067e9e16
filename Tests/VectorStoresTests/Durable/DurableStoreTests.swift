import Decisions
import Foundation
import Locks
import Testing
import VectorIndex

@testable import VectorStores

/// What survives in a directory, and who may write to it.
@Suite struct DurableStoreTests {
    private func options(_ access: StoreOptions.Access = .write, snapshotAfter: Int = 64 << 20)
        -> StoreOptions
    {
        var options = StoreOptions(clock: testClock)
        options.access = access
        options.snapshotAfterJournalBytes = snapshotAfter
        options.commandName = "verdict test"
        return options
    }

    private func content(_ store: MemoryStore) async throws -> [StoredDecision] {
        var all: [StoredDecision] = []
        for try await batch in try await store.export(matching: nil) { all += batch }
        return all.sorted { ($0.decision.tenant, $0.storedID) < ($1.decision.tenant, $1.storedID) }
    }

    @Test(arguments: [1, 64 << 20])
    func `random operations are all there after each reopening`(snapshotAfter: Int) async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var source = DecisionSource(seed: 40)
        var random = SeededGenerator(seed: 41)
        var expected: [EntryIdentity: Decision] = [:]
        var records: [String: JSONValue] = [:]
        for round in 0..<6 {
            let store = try MemoryStore(
                directory: scratch.path, options: options(snapshotAfter: snapshotAfter))
            #expect(store.core.state.withReading { $0.invariantViolations() } == [])
            #expect(store.core.index.checkInvariants() == [])
            for _ in 0..<8 {
                if random.chance(0.7) {
                    let entries = source.entries(Int.random(in: 1...20, using: &random))
                    _ = try await store.insert(entries)
                    for entry in entries {
                        expected[EntryIdentity(tenant: entry.decision.tenant, id: entry.decision.id)] =
                            entry.decision
                    }
                } else if let victim = expected.keys.sorted(by: { $0.id < $1.id }).first {
                    _ = try await store.delete(.ids([victim.id], tenant: victim.tenant))
                    expected[victim] = nil
                }
                let key = "key-\(Int.random(in: 0..<5, using: &random))"
                records[key] = random.chance(0.3) ? nil : .number("\(round)")
                try await store.write([RecordChange(collection: "c", key: key, value: records[key])])
            }
            if round % 2 == 0 { await store.close() }
        }
        let store = try MemoryStore(directory: scratch.path, options: options())
        let found = try await content(store)
        #expect(found.count == expected.count)
        for stored in found {
            let identity = EntryIdentity(tenant: stored.decision.tenant, id: stored.storedID)
            #expect(stored.decision == expected[identity])
            #expect(stored.embedding == Entry(stored.decision).embedding)
        }
        let kept = try await store.records(in: "c")
        #expect(Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) }) == records)
        await store.close()
    }

    @Test func `identifiers of every form are known again after a reopening`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let ids = ["a", "0d1e2f3a-0000-4000-8000-000000000001", "an-identifier-that-fills-an-arena"]
        var source = DecisionSource(seed: 44)
        var entries: [Entry] = []
        for id in ids {
            // Twice, with different content: the second is kept under a derived identifier, that of "a" so short
            // that it could be packed.
            for outcome in ["ok", "other"] {
                var decision = source.next(tenant: "acme")
                decision.id = id
                decision.outcome = outcome
                entries.append(Entry(decision))
            }
        }
        let more = source.entries(300)
        for round in 0..<2 {
            let store = try MemoryStore(directory: scratch.path, options: options(snapshotAfter: 1))
            #expect(store.core.state.withReading { $0.invariantViolations() } == [])
            let outcome = try await store.insert(entries)
            let duplicates = outcome.outcomes.count { $0.disposition == .duplicate }
            #expect(duplicates == (round == 0 ? 0 : entries.count))
            // Makes the table grow, which finds every row its place again.
            _ = try await store.insert(more)
            #expect(store.core.state.withReading { $0.invariantViolations() } == [])
            await store.close()
        }
    }

    @Test func `a rebuild leaves a processor to searches where there are more than two`() {
        let threads = [-1, 1, 2, 3, 16].map { StoreOptions.rebuildThreads(processors: $0) }
        #expect(threads == [1, 1, 2, 2, 15])
        #expect(options().rebuildThreads >= 1)
    }

    @Test func `directory and files are for their owner only`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let store = try MemoryStore(directory: scratch.path + "/a/b", options: options(snapshotAfter: 1))
        var source = DecisionSource(seed: 42)
        _ = try await store.insert(source.entries(5))
        await store.close()
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: scratch.path + "/a/b") {
            let mode = try files.attributesOfItem(atPath: scratch.path + "/a/b/" + name)[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
        let mode = try files.attributesOfItem(atPath: scratch.path + "/a/b")[.posixPermissions]
        #expect(mode as? Int == 0o700)
    }

    @Test func `a second writer is told who holds the store, and may follow`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let store = try MemoryStore(directory: scratch.path, options: options())
        #expect(await store.capabilities == StoreCapabilities(isDurable: true, keepsEverything: true))
        let error = #expect(throws: StoreError.self) {
            try MemoryStore(directory: scratch.path, options: options())
        }
        #expect(error?.code == .locked)
        #expect(error?.description.contains("held by pid \(getpid()) (verdict test)") == true)
        let follower = try MemoryStore(directory: scratch.path, options: options(.writeOrFollow))
        #expect(
            await follower.capabilities.readOnlyReason == "held by pid \(getpid()) (verdict test)")
        var source = DecisionSource(seed: 43)
        let entries = source.entries(1)
        let refused = await #expect(throws: StoreError.self) { try await follower.insert(entries) }
        #expect(refused?.code == .readOnly)
        await #expect(throws: StoreError.self) { try await follower.delete(.ids(["x"], tenant: nil)) }
        await #expect(throws: StoreError.self) {
            try await follower.write([RecordChange(collection: "c", key: "k", value: .null)])
        }
        await follower.close()
        await store.close()
        let next = try MemoryStore(directory: scratch.path, options: options(.writeOrFollow))
        #expect(await next.capabilities.readOnlyReason == nil)
        await next.close()
    }

    @Test(arguments: [1, 64 << 20])
    func `a reader follows the writer through snapshots`(snapshotAfter: Int) async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var readerOptions = options(.read)
        readerOptions.missingReadsAsEmpty = true
        let early = try MemoryStore(directory: scratch.path, options: readerOptions)
        #expect(try await early.statistics().vectors == 0)
        let store = try MemoryStore(directory: scratch.path, options: options(snapshotAfter: snapshotAfter))
        var source = DecisionSource(seed: 44)
        _ = try await store.insert(source.entries(10))
        let reader = try MemoryStore(directory: scratch.path, options: options(.read))
        var feed = reader.recordChanges(in: "incidents").makeAsyncIterator()
        for round in 0..<4 {
            _ = try await store.insert(source.entries(15))
            _ = try await store.delete(.query(try Query(parsing: "effect:conditional", now: testClock())))
            try await store.write([
                RecordChange(collection: "incidents", key: "i", value: .number("\(round)"))
            ])
            for follower in [early, reader] {
                let files = try #require(follower.follower)
                files.poll()
                #expect(files.failure == nil)
                #expect(try await content(follower) == content(store))
                #expect(
                    try await follower.record(in: "incidents", key: "i")
                        == store.record(in: "incidents", key: "i"))
            }
            #expect(await feed.next()?.value == .number("\(round)"))
        }
        let checks = try await reader.health()
        #expect(checks.allSatisfy { $0.status == .ok || $0.name == "disk" })
        #expect(try await store.statistics().diskBytes > 0)
        await store.close()
        await reader.close()
        await early.close()
    }

    @Test func `a default store that is not there is an empty one in order`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var absent = options()
        absent.createsMissing = false
        absent.missingReadsAsEmpty = true
        let store = try MemoryStore(directory: scratch.path + "/a/b", options: absent)
        let disk = try #require(try await store.health().first { $0.name == "disk" })
        #expect(disk.detail.hasSuffix("B free"))
        let report = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(report.before.recall == 1 && report.after.recall == 1)
        #expect(await store.capabilities.readOnlyReason == "it does not exist: ingest into it first")
        await store.close()
        #expect(!FileManager.default.fileExists(atPath: scratch.path))
    }

    @Test func `a named directory that does not exist is missing`() {
        let error = #expect(throws: StoreError.self) {
            try MemoryStore(directory: ScratchDirectory().path, options: options(.read))
        }
        #expect(error?.code == .missing)
    }

    @Test func `a file in place of the directory is refused`() throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        try scratch.write([1], to: "file")
        for access in [StoreOptions.Access.read, .write, .writeOrFollow] {
            #expect(throws: StoreError.self) {
                try MemoryStore(directory: scratch.path + "/file", options: options(access))
            }
        }
    }

    @Test func `retention keeps what is pinned and the newest, also after reopening`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var retaining = options()
        retaining.retention = try RetentionPolicy(parsing: "20")
        var source = DecisionSource(seed: 45)
        let entries = source.entries(60)
        let oldest = entries.min { $0.decision.time < $1.decision.time }?.decision ?? entries[0].decision
        let store = try MemoryStore(directory: scratch.path, options: retaining)
        await store.pin([EntryIdentity(tenant: oldest.tenant, id: oldest.id)])
        for entry in entries { _ = try await store.insert([entry]) }
        await store.close()
        let again = try MemoryStore(directory: scratch.path, options: options(.read))
        let kept = try await content(again).map(\.decision)
        #expect(kept.count == 20)
        #expect(kept.contains(oldest))
        let newest = entries.map(\.decision).sorted { $0.time > $1.time }.prefix(19)
        #expect(Set(kept.map(\.id)) == Set(newest.map(\.id) + [oldest.id]))
        await again.close()
    }
}
