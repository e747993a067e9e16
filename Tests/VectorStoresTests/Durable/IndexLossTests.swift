import Decisions
import Foundation
import Locks
import Testing
import VectorIndex

@testable import VectorStores

/// An index whose file was moved away is built from the decisions.
@Suite struct IndexLossTests {
    private func options(_ access: StoreOptions.Access = .write) -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.access = access
        options.snapshotAfterJournalBytes = 1
        return options
    }

    private func content(_ store: MemoryStore) async throws -> [StoredDecision] {
        var all: [StoredDecision] = []
        for try await batch in try await store.export(matching: nil) { all += batch }
        return all
    }

    /// A store with deleted rows, decisions that agree and a record, and what it holds.
    private func filled(_ scratch: ScratchDirectory) async throws -> [StoredDecision] {
        let store = try MemoryStore(directory: scratch.path, options: options())
        var source = DecisionSource(seed: 90)
        let entries = source.entries(60)
        _ = try await store.insert(entries)
        for entry in entries.prefix(9) {
            _ = try await store.delete(.ids([entry.decision.id], tenant: entry.decision.tenant))
        }
        let content = try await content(store)
        await store.close()
        return content
    }

    private func newestIndex(_ scratch: ScratchDirectory) throws -> String {
        try #require(try scratch.names().filter { $0.hasPrefix("index-") }.last)
    }

    private func problems(_ store: MemoryStore) -> [String] {
        store.core.state.withReading { $0.invariantViolations() } + store.core.index.checkInvariants()
    }

    @Test func `damage in the index is told with what helps, and that helps`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let before = try await filled(scratch)
        let name = try newestIndex(scratch)
        let bytes = try scratch.bytes(name)
        try scratch.write(Array(bytes.prefix(bytes.count / 2)), to: name)
        let error = #expect(throws: StoreError.self) {
            try MemoryStore(directory: scratch.path, options: options())
        }
        #expect(error?.code == .corrupt)
        #expect(error?.description.contains("move it away and open the store again") == true)
        #expect(error?.description.contains("backup") == false)
        let path = scratch.path + "/" + name
        try FileManager.default.moveItem(atPath: path, toPath: path + ".damaged")
        let reader = try MemoryStore(directory: scratch.path, options: options(.read))
        #expect(try await content(reader) == before)
        #expect(problems(reader) == [])
        let target = try #require(before.first)
        let found = try await reader.search(
            SearchRequest(target: .embedding(target.embedding), limit: 3, exact: true))
        #expect(found.results.first?.stored.embedding == target.embedding)
        await reader.close()
        #expect(try !scratch.names().contains(name), "who reads writes nothing")
    }

    @Test func `who writes keeps the index that was built`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let before = try await filled(scratch)
        let lost = try newestIndex(scratch)
        try FileManager.default.removeItem(atPath: scratch.path + "/" + lost)
        let store = try MemoryStore(directory: scratch.path, options: options())
        let kept = try newestIndex(scratch)
        #expect(kept != lost)
        #expect(try await content(store) == before)
        #expect(problems(store) == [])
        await store.close()
        let again = try MemoryStore(directory: scratch.path, options: options(.read))
        #expect(try await content(again) == before)
        await again.close()
    }

    @Test func `an index of another snapshot is refused`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        _ = try await filled(scratch)
        let other = ScratchDirectory()
        defer { other.remove() }
        let store = try MemoryStore(directory: other.path, options: options())
        var source = DecisionSource(seed: 91)
        // As many rows, so that only their numbers tell.
        _ = try await store.insert(source.entries(51))
        await store.close()
        try scratch.write(try other.bytes(try newestIndex(other)), to: try newestIndex(scratch))
        func refusal() -> String? {
            let error = #expect(throws: StoreError.self) {
                try MemoryStore(directory: scratch.path, options: options())
            }
            #expect(error?.code == .corrupt)
            return error?.description
        }
        #expect(refusal()?.contains("it is another file than was written here") == true)
        // A snapshot of before tells an index only by its rows.
        let number = try newestIndex(scratch).dropFirst("index-".count)
        var old = try SnapshotFileBytes(try scratch.bytes("snapshot-\(number)"))
        old.sections.removeAll { $0.name == SnapshotFormat.indexSection }
        try scratch.write(old.sealed, to: "snapshot-\(number)")
        #expect(refusal()?.contains("holds other rows than its snapshot") == true)
        let index = try HNSWIndex(IndexConfiguration(dimension: 5))
        try index.writeSnapshot(to: scratch.path + "/index-\(number)")
        #expect(refusal()?.contains("holds vectors of another kind") == true)
    }
}
