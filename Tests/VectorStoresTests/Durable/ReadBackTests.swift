import Decisions
import Testing
import VectorIndex

@testable import VectorStores

/// What a store takes it can read again, and what it could not is refused before anything is written.
@Suite struct ReadBackTests {
    private func options(snapshotAfter: Int = 64 << 20) -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.snapshotAfterJournalBytes = snapshotAfter
        return options
    }

    private static func nested(_ depth: Int) -> JSONValue {
        (1..<depth).reduce(.array([])) { value, _ in .array([value]) }
    }

    @Test(arguments: [1, 64 << 20])
    func `records may nest deeper than a line, and are read again`(snapshotAfter: Int) async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let value = Self.nested(StoredJSON.limits.depth)
        var source = DecisionSource(seed: 70)
        var entry = Entry(source.next())
        entry.decision.extras = ["deep": Self.nested(200)]
        for round in 0..<2 {
            let store = try MemoryStore(
                directory: scratch.path, options: options(snapshotAfter: snapshotAfter))
            if round == 0 {
                _ = try await store.insert([entry])
                try await store.write([RecordChange(collection: "c", key: "k", value: value)])
            }
            #expect(try await store.record(in: "c", key: "k")?.value == value)
            let stored = try await store.entries(id: entry.decision.id, tenant: nil)
            #expect(stored.map(\.decision) == [entry.decision])
            try await store.finish()
        }
    }

    @Test func `what could not be read back is refused, and nothing of it is written`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let store = try MemoryStore(directory: scratch.path, options: options())
        let length = try scratch.bytes("journal-0").count
        for value in [Self.nested(StoredJSON.limits.depth + 1), .number("1e"), .array([.number("a")])] {
            let change = RecordChange(collection: "c", key: "k", value: value)
            let error = await #expect(throws: StoreError.self) { try await store.write([change]) }
            #expect(error?.code == .usage)
            var source = DecisionSource(seed: 71)
            var entry = Entry(source.next())
            entry.decision.extras = ["e": value]
            let entries = [entry]
            await #expect(throws: StoreError.self) { try await store.insert(entries) }
        }
        #expect(try scratch.bytes("journal-0").count == length)
        #expect(try await store.statistics().vectors == 0)
        try await store.finish()
    }

    @Test func `a store without room says so before it writes`() throws {
        let core = try StoreCore(configuration: options().index)
        var source = DecisionSource(seed: 72)
        let entries = source.entries(10)
        for entry in entries { _ = try core.insert(entry, storedID: entry.decision.id) }
        try core.checkRoom(for: entries)
        for (capacity, word) in [
            (StoreCapacity(rows: 19), "rows"), (StoreCapacity(tenants: 9), "tenants"),
            (StoreCapacity(valueBytes: 200), "bytes"), (StoreCapacity(entryBytes: 10), "too long"),
        ] {
            let error = #expect(throws: StoreError.self) {
                try core.checkRoom(for: entries, within: capacity)
            }
            #expect(error?.description.contains(word) == true)
        }
        try core.checkRoom(for: entries, within: StoreCapacity(rows: 20))
        #expect(!core.index.hasRoom(for: 1 << 24))
    }

    @Test func `bytes that are no entry are refused, never trusted`() throws {
        var source = DecisionSource(seed: 73)
        var writer = ByteWriter()
        let entry = Entry(source.next())
        EntryCodec.append(entry, storedID: entry.decision.id, to: &writer)
        var random = SeededGenerator(seed: 74)
        for place in writer.bytes.indices {
            for _ in 0..<8 {
                var damaged = writer.bytes
                damaged[place] = random.chance(0.3) ? 0xFF : UInt8.random(in: 0...255, using: &random)
                // The longest number there is, wherever a number stands.
                if random.chance(0.5) {
                    damaged.replaceSubrange(place...place, with: [UInt8](repeating: 0xFF, count: 9) + [1])
                }
                var reader = ByteReader(damaged[...])
                _ = try? EntryCodec.read(&reader)
            }
        }
        let long = [UInt8](repeating: 0xFF, count: 9) + [1] + Array("abc".utf8)
        #expect(ListCode.decoded(long[...]) == [])
        #expect(!ListCode.isSound(long[...]))
        #expect(ListCode.isSound(ListCode.encoded(["a", "", "bc"])[...]))
    }

    @Test func `a snapshot that claims impossibly many rows is damaged`() throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let directory = Directory(path: scratch.path)
        try directory.create()
        var facts = ByteWriter()
        for value in [UInt64.max, 0, 0] { facts.append(varint: value) }
        facts.append(0)
        facts.append(varint: 0)
        var file = try SnapshotFileWriter(
            path: directory.snapshot(1), number: 1, recipe: options().recipe, in: directory)
        try file.section("facts", facts.bytes)
        try file.section("flags", [0])
        _ = try file.finish()
        try file.publish()
        let reader = try SnapshotFileReader(
            path: directory.snapshot(1), number: 1, recipe: options().recipe)
        let found = try #require(reader)
        let error = #expect(throws: StoreError.self) { _ = try StoreState(reading: found) }
        #expect(error?.code == .corrupt)
    }

    @Test func `activity counts from any instant in buckets of any length`() async throws {
        let store = try MemoryStore(options: options())
        var source = DecisionSource(seed: 75)
        var entries = source.entries(3)
        for (entry, seconds) in zip(entries.indices, [Int64.min, 0, Int64.max]) {
            entries[entry].decision.time = Timestamp(seconds: seconds)
        }
        _ = try await store.insert(entries)
        for from in [Int64.min, -1, Int64.max] {
            for length in [1, Int64.max] {
                let request = ActivityRequest(
                    from: Timestamp(seconds: from), bucketSeconds: length, buckets: 3)
                let counts = try await store.activity(request).decisions
                let expected = [Int64.min, 0, Int64.max].filter { second in
                    let (elapsed, isFar) = second.subtractingReportingOverflow(from)
                    return second >= from && (isFar ? length > 1 : elapsed < 3 || length > 1)
                }
                #expect(counts.reduce(0, +) == expected.count, "\(from) \(length)")
            }
        }
    }
}
