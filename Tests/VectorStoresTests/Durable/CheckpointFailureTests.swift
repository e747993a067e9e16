import Decisions
import Foundation
import Locks
import Testing

@testable import VectorStores

/// A disk that refuses a snapshot or the end of a journal: nothing is lost, and it is told.
@Suite struct CheckpointFailureTests {
    private func options() -> StoreOptions { StoreOptions(clock: testClock) }

    private static func limitFiles(to bytes: Int?) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: bytes.map { rlim_t($0) } ?? rlim_t.max, rlim_max: rlim_t.max)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }

    @Test func `nothing more is acknowledged until the disk confirms the name of a new snapshot`()
        async throws
    {
        let scratch = ScratchDirectory()
        defer { scratch.remove() }
        var failing = options()
        let isFailing = Mutex(true)
        failing.synchronizeNames = { path throws(StoreError) in
            if isFailing.withLock({ $0 }), FileManager.default.fileExists(atPath: path + "/snapshot-1") {
                throw StoreError(.inputOutput, "the directory could not be synchronized")
            }
        }
        var store = try MemoryStore(directory: scratch.path, options: failing)
        var source = DecisionSource(seed: 90)
        _ = try await store.insert(source.entries(20))
        let error = await #expect(throws: StoreError.self) {
            try await store.rebuild(RebuildRequest()) { _ in }
        }
        #expect(error?.code == .inputOutput)
        #expect(try await store.health().contains { $0.name == "snapshot" && $0.status == .degraded })
        for _ in 0..<2 {
            let refused = await #expect(throws: StoreError.self) { try await store.insert(source.entries(5)) }
            #expect(refused?.code == .inputOutput)
        }
        // What was acknowledged is in the old files, should the new names be lost.
        #expect(try await store.statistics().vectors == 20)
        #expect(try scratch.names().contains("journal-0"))
        isFailing.withLock { $0 = false }
        _ = try await store.insert(source.entries(5))
        #expect(try scratch.names() == ["index-1", "journal-1", "lock", "snapshot-1"])
        #expect(try await store.health().contains { $0.name == "snapshot" && $0.status == .ok })
        try await store.finish()
        store = try MemoryStore(directory: scratch.path, options: options())
        #expect(try await store.statistics().vectors == 25)
        try await store.finish()
    }

    @Test func `a rebuild that a full disk does not keep fails, and the store goes on`() async throws {
        await #expect(processExitsWith: .success) {
            let scratch = ScratchDirectory()
            let store = try MemoryStore(directory: scratch.path, options: StoreOptions(clock: testClock))
            var source = DecisionSource(seed: 91)
            _ = try await store.insert(source.entries(50))
            CheckpointFailureTests.limitFiles(to: 1_000)
            do {
                _ = try await store.rebuild(RebuildRequest(m: 32)) { _ in }
                exit(2)
            } catch let error as StoreError {
                guard error.code == .inputOutput else { exit(3) }
            }
            CheckpointFailureTests.limitFiles(to: nil)
            guard try scratch.names() == ["journal-0", "lock"] else { exit(4) }
            _ = try await store.insert(source.entries(5))
            try await store.finish()
            let again = try MemoryStore(directory: scratch.path, options: StoreOptions(clock: testClock))
            guard try await again.statistics().vectors == 55 else { exit(5) }
            await again.close()
            scratch.remove()
        }
    }

    @Test func `a close that a full disk does not let finish says so, and keeps what was acknowledged`()
        async throws
    {
        await #expect(processExitsWith: .success) {
            let scratch = ScratchDirectory()
            let store = try MemoryStore(directory: scratch.path, options: StoreOptions(clock: testClock))
            var source = DecisionSource(seed: 92)
            _ = try await store.insert(source.entries(50))
            CheckpointFailureTests.limitFiles(to: try scratch.bytes("journal-0").count)
            do {
                try await store.finish()
                exit(2)
            } catch let error as StoreError {
                guard error.code == .inputOutput else { exit(3) }
            }
            CheckpointFailureTests.limitFiles(to: nil)
            // Asked again, a closed store has nothing to add.
            try await store.finish()
            let again = try MemoryStore(directory: scratch.path, options: StoreOptions(clock: testClock))
            guard try await again.statistics().vectors == 50 else { exit(4) }
            await again.close()
            scratch.remove()
        }
    }
}
