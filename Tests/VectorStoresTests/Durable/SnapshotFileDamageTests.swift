import Decisions
import Foundation
import Locks
import Testing
import VectorIndex

@testable import VectorStores

/// Damaged and foreign files in a store's directory: refused by name, or what the store held.
@Suite struct SnapshotFileDamageTests {
    /// How often files are damaged; more where there is time.
    private static let rounds =
        ProcessInfo.processInfo.environment["VERDICT_FILE_DAMAGES"].flatMap { Int($0) } ?? 60
    /// Changes what is damaged, and how: another number each time that there is time.
    private static let seed =
        ProcessInfo.processInfo.environment["VERDICT_DAMAGE_SEED"].flatMap { UInt64($0) } ?? 0

    private func options(_ access: StoreOptions.Access) -> StoreOptions {
        var options = StoreOptions(clock: testClock)
        options.access = access
        options.snapshotAfterJournalBytes = 1 << 20
        return options
    }

    /// Every file of a store at one moment, by name, and what the store held.
    private struct Moment {
        var files: [String: [UInt8]] = [:]
        var content: Content
        var number = 0

        init(_ scratch: ScratchDirectory, _ content: Content) throws {
            self.content = content
            for name in try scratch.names() where name != "lock" { files[name] = try scratch.bytes(name) }
            number =
                files.keys.filter { $0.hasPrefix("snapshot-") }
                .compactMap { Int($0.dropFirst("snapshot-".count)) }.max() ?? 0
        }

        func bytes(_ kind: String) throws -> [UInt8] { try #require(files["\(kind)-\(number)"]) }
    }

    /// Everything a store can be asked for.
    private struct Content: Equatable {
        var rows: [StoredDecision]
        var records: [Record]
        var tenants: [TenantStatistics]
        var retired: [UInt8]
        var found: [[String]]
    }

    /// Asks a store for everything.
    private func content(_ store: MemoryStore) async throws -> Content {
        var rows: [StoredDecision] = []
        for try await batch in try await store.export(matching: nil) { rows += batch }
        for row in rows { _ = row.decision.time.description }
        var found: [[String]] = []
        var source = DecisionSource(seed: 7)
        for entry in source.entries(3) {
            let answer = try await store.search(
                SearchRequest(target: .embedding(entry.embedding), limit: 9, exact: true))
            found.append(answer.results.map { "\($0.stored.identity) \($0.similarity ?? -1)" })
        }
        _ = try await store.statistics()
        _ = try await store.health()
        _ = try await store.activity(
            ActivityRequest(from: DecisionSource.start, bucketSeconds: 60, buckets: 30))
        let records = store.core.state.withReading { $0.records.all }
        // Sets have no order.
        let retired = store.core.state.withReading { $0.retired.encoded }.sorted()
        return Content(
            rows: rows, records: records, tenants: try await store.tenants(), retired: retired, found: found)
    }

    /// A store with all that a snapshot holds, at two snapshots one after the other.
    private func moments(seed: UInt64) async throws -> [Moment] {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var moments: [Moment] = []
        var source = DecisionSource(seed: seed)
        for part in 0..<2 {
            let store = try MemoryStore(directory: scratch.path, options: options(.write))
            let entries = source.entries(20)
            _ = try await store.insert(entries)
            try await store.write([
                RecordChange(collection: "things", key: "one", value: .string("\(seed) \(part)")),
                RecordChange(collection: "things", key: "gone", value: .number("\(part)")),
                RecordChange(collection: "things", key: "gone", value: nil),
            ])
            let gone = entries[3].decision
            _ = try await store.delete(.ids([gone.id], tenant: gone.tenant))
            let row = try #require(
                store.core.state.withReading { state in
                    state.row(EntryIdentity(tenant: entries[5].decision.tenant, id: entries[5].decision.id))
                })
            store.core.retire(rows: [row])
            try store.writer.withLock { writer in try store.checkpoint(&writer) }
            _ = try await store.insert(source.entries(2))
            let content = try await content(store)
            await store.close()
            moments.append(try Moment(scratch, content))
        }
        return moments
    }

    private func check(_ store: MemoryStore) -> [String] {
        store.core.state.withReading { $0.invariantViolations() } + store.core.index.checkInvariants()
            + (store.core.state.withReading { $0.agrees(with: store.core.index) }
                ? [] : ["index and state have other rows"])
    }

    private func fill(_ scratch: ScratchDirectory, _ files: [String: [UInt8]]) throws {
        scratch.remove()
        for (name, bytes) in files { try scratch.write(bytes, to: name) }
    }

    @Test func `damage to a snapshot's bytes is refused with the file and its part named`() async throws {
        let moment = try #require(try await moments(seed: 61).last)
        let name = "snapshot-\(moment.number)"
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var generator = SeededGenerator(seed: 62 ^ Self.seed)
        for _ in 0..<Self.rounds {
            var files = moment.files
            var bytes = try moment.bytes("snapshot")
            SnapshotFileBytes.damage(&bytes, &generator)
            if bytes == files[name] { continue }
            files[name] = bytes
            try fill(scratch, files)
            for access in [StoreOptions.Access.read, .write] {
                let error = #expect(throws: StoreError.self) {
                    try MemoryStore(directory: scratch.path, options: options(access))
                }
                let text = error?.description ?? ""
                #expect(text.contains(name), "\(text)")
                #expect(
                    ["section", "header", "its end", "no snapshot of this program", "version"]
                        .contains { text.contains($0) }, "\(text)")
            }
            #expect(try scratch.bytes(name) == bytes, "what is damaged stays as it is")
        }
    }

    @Test func `damage behind right checksums is refused by name, or does no harm`() async throws {
        let moment = try #require(try await moments(seed: 63).last)
        let whole = try SnapshotFileBytes(try moment.bytes("snapshot"))
        #expect(whole.sealed == (try moment.bytes("snapshot")))
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var generator = SeededGenerator(seed: 64 ^ Self.seed)
        var source = DecisionSource(seed: 65)
        let more = source.entries(4)
        var refused = 0
        for _ in 0..<Self.rounds {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...2, using: &generator) where !damaged.sections.isEmpty {
                damaged.damage(&generator)
            }
            var files = moment.files
            // As a program before would have it, which knew no more of an index than its rows.
            if generator.chance(0.3) { damaged.sections.removeAll { $0.name == "index" } }
            files["snapshot-\(moment.number)"] = damaged.sealed
            if generator.chance(0.2) { files["index-\(moment.number)"] = nil }
            // The journal says which snapshot it continues, in what was zero before.
            files["journal-\(moment.number)"] = try SnapshotFileBytes.withoutPredecessor(
                try moment.bytes("journal"))
            try fill(scratch, files)
            do {
                let reader = try MemoryStore(directory: scratch.path, options: options(.read))
                #expect(check(reader) == [])
                _ = try await content(reader)
                await reader.close()
                let writer = try MemoryStore(directory: scratch.path, options: options(.write))
                _ = try await writer.insert(more)
                try await writer.write([
                    RecordChange(collection: "things", key: "one", value: .string("again"))
                ])
                #expect(check(writer) == [])
                try writer.writer.withLock { state in try writer.checkpoint(&state) }
                _ = try await content(writer)
                await writer.close()
            } catch let error as StoreError {
                refused += 1
                let names = ["snapshot", "index", "journal"].map { "\($0)-\(moment.number)" }
                #expect(names.contains { error.description.contains($0) }, "\(error)")
            }
        }
        #expect(refused > Self.rounds / 3)
    }

    @Test func `files of another store or another time are refused, or the store is what it was`()
        async throws
    {
        let own = try await moments(seed: 66)
        let foreign = try await moments(seed: 67)
        let now = own[1]
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var generator = SeededGenerator(seed: 68 ^ Self.seed)
        let kinds = ["snapshot", "index", "journal"]
        var refused = 0
        for _ in 0..<Self.rounds {
            var files = now.files
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let kind = generator.choose(kinds)
                let name = "\(kind)-\(now.number)"
                let old = generator.choose([own[0], foreign[0]])
                switch Int.random(in: 0..<9, using: &generator) {
                case 0: files[name] = try foreign[1].bytes(kind)
                case 1: files[name] = try old.bytes(kind)
                case 2: files["\(kind)-\(old.number)"] = try old.bytes(kind)
                case 3: files.merge(own[0].files) { $1 }
                case 4: files[name] = try now.bytes(generator.choose(kinds))
                case 5: files["\(kind)-\(now.number + 1)"] = try generator.choose([now, old]).bytes(kind)
                case 6: files[name] = nil
                case 7: files[name] = []
                default: files["\(kind)-\(UInt64.max - UInt64(generator.next() % 2))"] = try now.bytes(kind)
                }
            }
            // An index that is gone is built from the decisions.
            try fill(scratch, files)
            do {
                let reader = try MemoryStore(directory: scratch.path, options: options(.read))
                #expect(check(reader) == [])
                #expect(try await content(reader) == now.content, "\(files.keys.sorted())")
                await reader.close()
                let writer = try MemoryStore(directory: scratch.path, options: options(.write))
                #expect(try await content(writer) == now.content, "\(files.keys.sorted())")
                await writer.close()
            } catch let error as StoreError {
                refused += 1
                #expect(kinds.contains { error.description.contains("\($0)-") }, "\(error)")
                for (name, bytes) in files { #expect(try scratch.bytes(name) == bytes) }
            }
        }
        #expect(refused > Self.rounds / 3)
    }
}
