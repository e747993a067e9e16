import Decisions
import Locks
import Testing

@testable import VectorStores

/// What right checksums do not tell of the files of a store.
@Suite struct SnapshotFileChecksTests {
    private func options(_ access: StoreOptions.Access = .read) -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.access = access
        return options
    }

    /// A store of a few decisions at its first snapshot, and more in the journal that continues it.
    private func filled(_ scratch: ScratchDirectory, seed: UInt64 = 70) async throws {
        let store = try MemoryStore(directory: scratch.path, options: options(.write))
        var source = DecisionSource(seed: seed)
        _ = try await store.insert(source.entries(6, tenant: "acme"))
        try await store.write([RecordChange(collection: "things", key: "one", value: .string("seven"))])
        try store.writer.withLock { writer in try store.checkpoint(&writer) }
        _ = try await store.insert(source.entries(2))
        await store.close()
    }

    /// Why a store is not opened.
    private func refusal(_ scratch: ScratchDirectory) -> String {
        let error = #expect(throws: StoreError.self) {
            try MemoryStore(directory: scratch.path, options: options())
        }
        #expect(error?.code == .corrupt)
        return error?.description ?? ""
    }

    /// Why a store is not opened whose snapshot says something else, with right checksums.
    private func refusal(_ change: (inout SnapshotFileBytes) -> Void) async throws -> String {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        try await filled(scratch)
        var snapshot = try SnapshotFileBytes(try scratch.bytes("snapshot-1"))
        change(&snapshot)
        try scratch.write(snapshot.sealed, to: "snapshot-1")
        return refusal(scratch)
    }

    private static let impossibleNumber: [UInt8] = Array(repeating: 0xFF, count: 9) + [1]

    @Test func `a revision after which none can come is refused`() async throws {
        let facts = try await refusal { snapshot in
            // So few changes are one byte, the last of the section.
            snapshot["facts"].removeLast()
            snapshot["facts"] += Self.impossibleNumber
        }
        #expect(facts.contains("section facts"), "\(facts)")
        let records = try await refusal { snapshot in
            var writer = ByteWriter()
            RecordCodec.append(
                Record(collection: "things", key: "two", value: .null, revision: .max), to: &writer)
            snapshot["records"] += writer.bytes
        }
        #expect(records.contains("section records"), "\(records)")
    }

    @Test func `two rows of one identity are refused`() async throws {
        let text = try await refusal { snapshot in
            for name in ["identifiers.high", "identifiers.low"] {
                snapshot[name].replaceSubrange(8..<16, with: snapshot[name][..<8])
            }
            snapshot["flags"][1] = snapshot["flags"][0]
        }
        #expect(text.contains("section identifiers (offset 1)"), "\(text)")
    }

    @Test func `an identifier that is not what its form holds is refused`() async throws {
        let text = try await refusal { snapshot in
            // A short identifier of one byte that is no text.
            snapshot["flags"][2] &= 0b1100_1111
            snapshot["identifiers.high"].replaceSubrange(16..<24, with: [0xFF, 0, 0, 0, 0, 0, 0, 0])
            snapshot["identifiers.low"].replaceSubrange(16..<24, with: [0, 0, 0, 0, 0, 0, 0, 1])
        }
        #expect(text.contains("section identifiers (offset 2)"), "\(text)")
    }

    @Test func `values that are no text, or are there twice, are refused`() async throws {
        let kinds = try await refusal { $0["kinds.arena"][0] = 0xFF }
        #expect(kinds.contains("section kinds.arena"), "\(kinds)")
        let actions = try await refusal { $0["actions.arena"][1] = 0xFF }
        #expect(actions.contains("section actions.arena"), "\(actions)")
        let tenants = try await refusal { snapshot in
            snapshot["tenants.arena"] += snapshot["tenants.arena"]
            snapshot["tenants.ends"] += [UInt8(snapshot["tenants.arena"].count), 0, 0, 0]
        }
        #expect(tenants.contains("section tenants.ends"), "\(tenants)")
    }

    @Test func `a section that is there twice is refused`() async throws {
        let text = try await refusal { $0.sections.append($0.sections[0]) }
        #expect(text.contains("its table of sections"), "\(text)")
    }

    @Test func `a journal of another store is refused`() async throws {
        let (scratch, other) = (ScratchDirectory(), ScratchDirectory())
        defer {
            scratch.remove()
            other.remove()
        }
        try await filled(scratch)
        try await filled(other, seed: 71)
        let own = try scratch.bytes("journal-1")
        try scratch.write(try other.bytes("journal-1"), to: "journal-1")
        let text = refusal(scratch)
        #expect(text.contains("journal-1 continues another snapshot"), "\(text)")
        // Those of earlier programs do not say which.
        try scratch.write(try SnapshotFileBytes.withoutPredecessor(own), to: "journal-1")
        let store = try MemoryStore(directory: scratch.path, options: options())
        #expect(try await store.statistics().vectors == 8)
        await store.close()
    }

    @Test func `a journal whose snapshot is lost is never left for an older one`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        try await filled(scratch)
        let files = try ["snapshot-1", "index-1", "journal-1"].map { ($0, try scratch.bytes($0)) }
        let store = try MemoryStore(directory: scratch.path, options: options(.write))
        try store.writer.withLock { writer in try store.checkpoint(&writer) }
        let newer = try scratch.bytes("journal-2")
        var source = DecisionSource(seed: 72)
        _ = try await store.insert(source.entries(1))
        await store.close()
        let written = try scratch.bytes("journal-2")
        for (name, bytes) in files { try scratch.write(bytes, to: name) }
        for name in ["snapshot-2", "index-2"] { try scratch.delete(name) }
        for access in [StoreOptions.Access.read, .write] {
            let error = #expect(throws: StoreError.self) {
                try MemoryStore(directory: scratch.path, options: options(access))
            }
            #expect(error?.description.contains("snapshot-2 is missing") == true)
        }
        #expect(try scratch.bytes("journal-2") == written)
        // One that was begun and never written is what a crash before its snapshot leaves.
        try scratch.write(newer, to: "journal-2")
        let again = try MemoryStore(directory: scratch.path, options: options(.write))
        #expect(try await again.statistics().vectors == 8)
        await again.close()
    }

    @Test func `a number that none can follow is no file of a store`() {
        #expect(Directory.Name("journal-9223372036854775807") == .journal(UInt64(Int64.max)))
        for name in ["journal-9223372036854775808", "snapshot-18446744073709551615"] {
            #expect(Directory.Name(name) == .other(name))
        }
    }
}
