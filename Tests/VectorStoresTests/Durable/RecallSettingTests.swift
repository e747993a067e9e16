import Decisions
import Testing

@testable import VectorStores

@Suite struct RecallSettingTests {
    private static let setting = RecallSetting(
        target: 0.98,
        measurement: RecallSetting.Measurement(
            breadth: 24, recall: 0.9834, p50Microseconds: 38.25, distinct: 15_022,
            time: DecisionSource.start))

    private func options(_ access: StoreOptions.Access) -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.access = access
        return options
    }

    private func change(_ value: JSONValue?) -> RecordChange {
        RecordChange(collection: RecallSetting.collection, key: RecallSetting.key, value: value)
    }

    @Test func `a setting is read as it was written, and a damaged one is none`() throws {
        let unmeasured = RecallSetting(target: 0.5)
        #expect(RecallSetting(json: unmeasured.json) == unmeasured)
        #expect(RecallSetting(json: Self.setting.json) == Self.setting)
        let object = try #require(Self.setting.json.object)
        for key in object.members.map(\.key) {
            for value in [JSONValue.bool(true), .number("-1")] {
                var damaged = object
                damaged[key] = value
                #expect(RecallSetting(json: .object(damaged)) == nil, "\(key) \(value.json)")
            }
        }
        #expect(RecallSetting(json: .null) == nil)
    }

    @Test func `the chosen breadth is every opening's, before and after a snapshot`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var source = DecisionSource(seed: 5)
        let writer = try MemoryStore(directory: scratch.path, options: options(.write))
        let own = try await writer.statistics().index.ef
        _ = try await writer.insert(source.entries(300))
        let reader = try MemoryStore(directory: scratch.path, options: options(.read))
        try await writer.write([change(Self.setting.json)])
        reader.follower?.poll()
        #expect(try await writer.statistics().index.ef == 24)
        #expect(try await reader.statistics().index.ef == 24)
        await reader.close()
        await writer.close()
        let reopened = try MemoryStore(directory: scratch.path, options: options(.write))
        #expect(try await reopened.statistics().index.ef == 24)
        _ = try await reopened.rebuild(RebuildRequest()) { _ in }
        await reopened.close()
        let last = try MemoryStore(directory: scratch.path, options: options(.write))
        #expect(try await last.statistics().index.ef == 24)
        try await last.write([change(.string("damaged"))])
        #expect(try await last.statistics().index.ef == own)
        try await last.write([change(Self.setting.json)])
        try await last.write([change(nil)])
        #expect(try await last.statistics().index.ef == own)
    }

    @Test func `a search without a breadth walks as one that names the chosen one`() async throws {
        let store = try MemoryStore(options: options(.write))
        var source = DecisionSource(seed: 6)
        _ = try await store.insert(source.entries(2_000))
        let target = try await store.sample(1, seed: 3)[0]
        func scanned(_ breadth: Int?) async throws -> Int {
            try await store.search(
                SearchRequest(target: .embedding(target), breadth: breadth, forcesGraph: true)
            ).scanned
        }
        let own = try await scanned(nil)
        try await store.write([change(Self.setting.json)])
        #expect(try await scanned(nil) == scanned(24))
        #expect(try await scanned(nil) < own)
        #expect(try await scanned(200) > own)
    }

    @Test func `a sample is the same for a seed, even over what is stored, and all of a small store`()
        async throws
    {
        let store = try MemoryStore(options: options(.write))
        var source = DecisionSource(seed: 7)
        _ = try await store.insert(source.entries(500))
        let sample = try await store.sample(50, seed: 1)
        #expect(sample.count == 50)
        #expect(try await store.sample(50, seed: 1) == sample)
        #expect(try await store.sample(50, seed: 2) != sample)
        #expect(try await store.sample(10_000, seed: 1).count == store.statistics().vectors)
    }
}
