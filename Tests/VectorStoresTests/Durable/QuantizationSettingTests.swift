import Decisions
import Testing

@testable import VectorStores

/// The quantization that somebody chose for a store, beside the one that its index has.
@Suite struct QuantizationSettingTests {
    private func options(_ access: StoreOptions.Access) -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.access = access
        return options
    }

    private func setting(
        _ name: String, job: Int? = nil, _ outcome: QuantizationSetting.Outcome? = nil
    ) throws -> QuantizationSetting {
        var setting = try #require(QuantizationSetting(name))
        setting.job = job
        setting.outcome = outcome
        return setting
    }

    /// What a store says of its choice: how it is, and in which words.
    private func told(_ store: MemoryStore) async throws -> HealthCheck? {
        try await store.health().first { $0.name == "quantization" }
    }

    @Test func `a choice is read as it was written, and a damaged one is none`() throws {
        #expect(QuantizationSetting.names == ["none", "sq8", "sq4", "pq4", "pq8", "pq16"])
        #expect(QuantizationSetting("pq9") == nil)
        let failed = try setting("pq8", job: 3, .failed("the disk is full"))
        for kept in [try setting("none"), try setting("sq4", job: 2, .cancelled), failed] {
            #expect(QuantizationSetting(json: kept.json) == kept)
        }
        let object = try #require(failed.json.object)
        for key in object.members.map(\.key) {
            for value in [JSONValue.bool(true), .number("-1"), .string("pq9")] where key != "reason" {
                var damaged = object
                damaged[key] = value
                #expect(QuantizationSetting(json: .object(damaged)) == nil, "\(key) \(value.json)")
            }
        }
        #expect(QuantizationSetting(json: .null) == nil)
    }

    @Test(arguments: [
        ("pq8", 10_000, QuantizationSetting.Standing.due), ("pq8", 9_999, .waiting), ("pq8", 0, .waiting),
        ("sq4", 1, .due), ("sq8", 0, .waiting), ("none", 5, .present),
    ])
    func `what is trained waits for its vectors, what is not only for some`(
        name: String, distinct: Int, standing: QuantizationSetting.Standing
    ) throws {
        #expect(try setting(name).standing(present: "none", distinct: distinct) == standing)
    }

    @Test func `a job that ended without it is not due again, and each standing is told`() throws {
        func told(_ setting: QuantizationSetting, _ present: String = "none") -> String {
            setting.sentence(setting.standing(present: present, distinct: 3_144), distinct: 3_144)
        }
        #expect(told(try setting("pq8")) == "pq8 chosen, trained at 10,000 vectors (3,144 now)")
        #expect(told(try setting("pq8", job: 4), "pq8") == "pq8 in use")
        #expect(told(try setting("sq4")) == "sq4 chosen, made by whoever writes next")
        #expect(told(try setting("sq4", job: 4)) == "sq4 chosen, made by job 4")
        let again = "run verdict rebuild --quantization sq4"
        #expect(
            told(try setting("sq4", job: 4, .cancelled))
                == "sq4 chosen, its rebuild was cancelled: \(again)")
        #expect(
            told(try setting("sq4", job: 4, .failed("the disk is full")))
                == "sq4 chosen, its rebuild failed (the disk is full): \(again)")
    }

    @Test func `the choice is every opening's, and statistics tell what is really there`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var source = DecisionSource(seed: 15)
        let writer = try MemoryStore(directory: scratch.path, options: options(.write))
        #expect(try await told(writer) == nil)
        _ = try await writer.insert(source.entries(300))
        try await writer.write([try setting("pq8").change()])
        let reader = try MemoryStore(directory: scratch.path, options: options(.read))
        let distinct = try await writer.statistics().distinct
        for store in [writer, reader] {
            #expect(try await store.statistics().index.quantization == "none")
            #expect(try await store.statistics().index.chosen == setting("pq8"))
            let check = try #require(try await told(store))
            #expect(check.status == .ok)
            #expect(check.detail == "pq8 chosen, trained at 10,000 vectors (\(distinct) now)")
        }
        await reader.close()
        await writer.close()
        let reopened = try MemoryStore(directory: scratch.path, options: options(.write))
        // A rebuild that names none leaves the choice as it is, and makes what the index has.
        _ = try await reopened.rebuild(RebuildRequest()) { _ in }
        #expect(try await reopened.statistics().index.quantization == "none")
        await reopened.close()
        let last = try MemoryStore(directory: scratch.path, options: options(.read))
        #expect(try await last.statistics().index.chosen == setting("pq8"))
        await last.close()
    }

    @Test func `a rebuild that names a quantization chooses it, one that fails does not`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var source = DecisionSource(seed: 16)
        let store = try MemoryStore(directory: scratch.path, options: options(.write))
        _ = try await store.insert(source.entries(200))
        try await store.write([try setting("pq8", job: 1, .failed("the disk is full")).change()])
        #expect(try await told(store)?.status == .degraded)
        let cancelled = Task {
            unsafe withUnsafeCurrentTask { task in unsafe task?.cancel() }
            return try await store.rebuild(RebuildRequest(quantization: "sq4")) { _ in }
        }
        await #expect(throws: StoreError.self) { try await cancelled.value }
        #expect(try await store.statistics().index.chosen?.name == "pq8")
        _ = try await store.rebuild(RebuildRequest(quantization: "sq4")) { _ in }
        #expect(try await store.statistics().index.chosen == setting("sq4"))
        #expect(try await told(store)?.detail == "sq4 in use")
        await store.close()
        let reader = try MemoryStore(directory: scratch.path, options: options(.read))
        #expect(try await reader.statistics().index.chosen == setting("sq4"))
        #expect(try await reader.statistics().index.quantization == "sq4")
        await reader.close()
    }
}
