import Decisions
import Foundation
import Testing

@testable import VectorStores

/// Damaged, cut and foreign files, and what the disk refuses.
@Suite struct CrashTests {
    private var options: StoreOptions { StoreOptions(clock: testClock) }

    private func reading() -> StoreOptions {
        var options = options
        options.access = .read
        return options
    }

    /// The identifiers in a store's order of insertion.
    private func ids(_ store: MemoryStore) async throws -> [String] {
        var all: [String] = []
        for try await batch in try await store.export(matching: nil) { all += batch.map(\.storedID) }
        return all
    }

    /// A journal of a few single inserts, never closed by a snapshot.
    private func journal(_ count: Int) async throws -> (bytes: [UInt8], ids: [String]) {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let store = try MemoryStore(directory: scratch.path, options: options)
        var source = DecisionSource(seed: 50)
        var ids: [String] = []
        for _ in 0..<count {
            let entry = Entry(source.next())
            ids.append(entry.decision.id)
            _ = try await store.insert([entry])
        }
        await store.close()
        return (try scratch.bytes("journal-0"), ids)
    }

    @Test func `a journal cut at any byte gives its whole records`() async throws {
        let (bytes, ids) = try await journal(3)
        let records = JournalRecords(bytes)
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        for length in JournalFormat.headerBytes...bytes.count {
            try scratch.write(Array(bytes[..<length]), to: "journal-0")
            let reader = try MemoryStore(directory: scratch.path, options: reading())
            let whole = records.ranges(.entries).count { $0.upperBound <= length }
            #expect(try await self.ids(reader) == Array(ids.prefix(whole)))
            let isTorn =
                length > JournalFormat.headerBytes && !records.ranges.contains { $0.upperBound == length }
            #expect((await reader.openingNotice != nil) == isTorn, "\(length)")
            await reader.close()
            #expect(try scratch.bytes("journal-0").count == length)
        }
    }

    @Test func `a flipped bit in a closed journal is refused, and loses nothing in the mark at its end`()
        async throws
    {
        let (bytes, ids) = try await journal(3)
        let records = JournalRecords(bytes)
        let mark = try #require(records.ranges(.synchronized).last)
        #expect(mark.upperBound == bytes.count)
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        for place in bytes.indices {
            var flipped = bytes
            flipped[place] ^= 1 << UInt8(place % 8)
            try scratch.write(flipped, to: "journal-0")
            do {
                let reader = try MemoryStore(directory: scratch.path, options: reading())
                #expect(mark.contains(place), "\(place)")
                #expect(try await self.ids(reader) == ids)
                await reader.close()
            } catch let error as StoreError {
                #expect(!mark.contains(place), "\(place)")
                #expect(error.code == .corrupt || error.code == .unsupported)
                #expect(error.description.contains("journal-0"))
            }
            #expect(try scratch.bytes("journal-0") == flipped)
        }
    }

    @Test func `damage in what the disk had is refused with its offset, and nothing is overwritten`()
        async throws
    {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String] in
            var options = StoreOptions(clock: testClock)
            options.synchronizesEveryWrite = true
            let store = try MemoryStore(directory: path, options: options)
            var source = DecisionSource(seed: 52)
            for _ in 0..<4 { _ = try await store.insert(source.entries(1)) }
            kill(getpid(), SIGKILL)
        }
        let whole = try scratch.bytes("journal-0")
        // Nobody closed it: the newest record has no mark after it, the others do.
        for record in JournalRecords(whole).ranges(.entries).dropLast() {
            var bytes = whole
            bytes[record.lowerBound + record.count / 2] ^= 4
            try scratch.write(bytes, to: "journal-0")
            for access in [StoreOptions.Access.read, .write] {
                var opening = options
                opening.access = access
                let error = #expect(throws: StoreError.self) {
                    try MemoryStore(directory: scratch.path, options: opening)
                }
                #expect(error?.code == .corrupt)
                #expect(
                    error?.description.contains("journal-0 is damaged at offset \(record.lowerBound)") == true
                )
            }
            #expect(try scratch.bytes("journal-0") == bytes)
        }
    }

    @Test func `a flipped bit in a snapshot or index is refused, naming the file`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var eager = options
        eager.snapshotAfterJournalBytes = 1
        let store = try MemoryStore(directory: scratch.path, options: eager)
        var source = DecisionSource(seed: 53)
        _ = try await store.insert(source.entries(6))
        await store.close()
        let names = try scratch.names()
        #expect(names == ["index-1", "journal-1", "lock", "snapshot-1"])
        for name in ["snapshot-1", "index-1"] {
            let bytes = try scratch.bytes(name)
            for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 60)) {
                var flipped = bytes
                flipped[place] ^= 0x10
                try scratch.write(flipped, to: name)
                do {
                    let reader = try MemoryStore(directory: scratch.path, options: reading())
                    // Only padding may change unnoticed.
                    #expect(try await reader.statistics().vectors == 6)
                    #expect(name == "index-1")
                    await reader.close()
                } catch let error as StoreError {
                    #expect(error.description.contains(name))
                }
            }
            try scratch.write(bytes, to: name)
        }
        for name in ["snapshot-1", "index-1", "journal-1"] {
            let bytes = try scratch.bytes(name)
            try scratch.write(Array(bytes.prefix(bytes.count / 2)), to: name)
            let error = #expect(throws: StoreError.self) {
                try MemoryStore(directory: scratch.path, options: options)
            }
            #expect(error?.code == .corrupt)
            try scratch.write(bytes, to: name)
        }
        try FileManager.default.removeItem(atPath: scratch.path + "/journal-1")
        let error = #expect(throws: StoreError.self) {
            try MemoryStore(directory: scratch.path, options: options)
        }
        #expect(error?.description.contains("journal-1 is missing") == true)
    }

    @Test func `foreign files, other recipes and newer versions are refused`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        try scratch.write(Array("not a journal at all".utf8), to: "journal-0")
        let foreign = #expect(throws: StoreError.self) {
            try MemoryStore(directory: scratch.path, options: options)
        }
        #expect(foreign?.code == .corrupt)
        #expect(try scratch.bytes("journal-0") == Array("not a journal at all".utf8))
        var header = JournalFormat.header(magic: JournalFormat.magic, number: 0, recipe: "other/9")
        try scratch.write(header, to: "journal-0")
        let other = #expect(throws: StoreError.self) {
            try MemoryStore(directory: scratch.path, options: options)
        }
        #expect(other?.description.contains("other/9") == true)
        header[8] = 99
        try scratch.write(header, to: "journal-0")
        let newer = #expect(throws: StoreError.self) {
            try MemoryStore(directory: scratch.path, options: options)
        }
        #expect(newer?.description.contains("version 99") == true)
    }

    @Test func `leavings of a crash during a snapshot are cleared by the writer only`() async throws {
        let (bytes, ids) = try await journal(2)
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        try scratch.write(bytes, to: "journal-0")
        try scratch.write([1, 2, 3], to: "snapshot-1.new")
        try scratch.write([1, 2, 3], to: "index-1")
        try scratch.write([1, 2, 3], to: "index-1.partial")
        try scratch.write(
            JournalFormat.header(magic: JournalFormat.magic, number: 1, recipe: options.recipe),
            to: "journal-1")
        let others = [
            "index-1.partial.txt", "journal-x.new", "movie.mkv.partial", "notes.new", "notes.txt",
            "snapshot-01.new",
        ]
        for name in others { try scratch.write([9], to: name) }
        let reader = try MemoryStore(directory: scratch.path, options: reading())
        #expect(try await self.ids(reader) == ids)
        await reader.close()
        #expect(try scratch.names().contains("snapshot-1.new"))
        let store = try MemoryStore(directory: scratch.path, options: options)
        #expect(try await self.ids(store) == ids)
        await store.close()
        #expect(try scratch.names() == (others + ["journal-0", "lock"]).sorted())
    }

    @Test func `a copy taken while writing opens with a prefix`() async throws {
        let scratch = ScratchDirectory()
        let copy = ScratchDirectory()
        defer {
            scratch.remove()
            copy.remove()
        }
        let store = try MemoryStore(directory: scratch.path, options: options)
        var source = DecisionSource(seed: 54)
        let entries = source.entries(200)
        let writing = Task {
            for entry in entries { _ = try await store.insert([entry]) }
        }
        for _ in 0..<5 {
            try copy.write(try scratch.bytes("journal-0"), to: "journal-0")
            let reader = try MemoryStore(directory: copy.path, options: reading())
            let found = try await self.ids(reader)
            #expect(found == entries.prefix(found.count).map(\.decision.id))
            await reader.close()
        }
        try await writing.value
        await store.close()
    }

    @Test func `a full disk refuses the insert, keeps nothing of it and goes on serving`() async throws {
        await #expect(processExitsWith: .success) {
            let scratch = ScratchDirectory()
            let store = try MemoryStore(directory: scratch.path, options: StoreOptions(clock: testClock))
            var source = DecisionSource(seed: 55)
            let kept = source.entries(20)
            _ = try await store.insert(kept)
            signal(SIGXFSZ, SIG_IGN)
            let length = try scratch.bytes("journal-0").count
            var limit = rlimit(rlim_cur: rlim_t(length + 500), rlim_max: rlim_t.max)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            do {
                _ = try await store.insert(source.entries(20))
                exit(2)
            } catch let error as StoreError {
                guard error.code == .inputOutput else { exit(3) }
            }
            guard try await store.statistics().vectors == 20 else { exit(4) }
            guard try scratch.bytes("journal-0").count == length else { exit(5) }
            limit.rlim_cur = rlim_t.max
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            _ = try await store.insert(source.entries(3))
            await store.close()
            var reading = StoreOptions(clock: testClock)
            reading.access = .read
            let again = try MemoryStore(directory: scratch.path, options: reading)
            guard try await again.statistics().vectors == 23 else { exit(6) }
            await again.close()
            scratch.remove()
        }
    }

    @Test func `what was acknowledged survives kill -9, and the lock is gone`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String] in
            let store = try MemoryStore(directory: path, options: StoreOptions(clock: testClock))
            var source = DecisionSource(seed: 56)
            for _ in 0..<30 { _ = try await store.insert(source.entries(5)) }
            kill(getpid(), SIGKILL)
        }
        let store = try MemoryStore(directory: scratch.path, options: options)
        #expect(try await store.statistics().vectors == 150)
        await store.close()
    }

    @Test func `a directory without write permission can be read and refuses to be written`() async throws {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        let store = try MemoryStore(directory: scratch.path, options: options)
        var source = DecisionSource(seed: 57)
        _ = try await store.insert(source.entries(5))
        await store.close()
        let files = FileManager.default
        for name in try scratch.names() {
            try files.setAttributes([.posixPermissions: 0o444], ofItemAtPath: scratch.path + "/" + name)
        }
        try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: scratch.path)
        defer { try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.path) }
        await #expect(processExitsWith: .success) { [path = scratch.path as String] in
            // A superuser may write anywhere, so become somebody else.
            if geteuid() == 0, setuid(65_534) != 0 { exit(2) }
            var options = StoreOptions(clock: testClock)
            options.access = .read
            let reader = try MemoryStore(directory: path, options: options)
            guard try await reader.statistics().vectors == 5 else { exit(3) }
            await reader.close()
            options.access = .writeOrFollow
            let follower = try MemoryStore(directory: path, options: options)
            guard await follower.capabilities.readOnlyReason != nil else { exit(4) }
            await follower.close()
            options.access = .write
            do {
                _ = try MemoryStore(directory: path, options: options)
                exit(5)
            } catch let error as StoreError {
                guard error.code == .inputOutput else { exit(6) }
            }
        }
    }
}
