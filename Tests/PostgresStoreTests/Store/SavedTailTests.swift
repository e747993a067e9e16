import Decisions
import Glibc
import Locks
import PostgresTesting
import Testing

@testable import PostgresStore
@testable import VectorIndex
@testable import VectorStores

/// A mirror that is kept on this machine while much of it waits to be linked.
@Suite(.timeLimit(.minutes(5))) struct SavedTailTests {
    @Test func `others write while what the file needs is linked, and all of it is there afterwards`()
        async throws
    {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let folder = ScratchFolder()
        let opened = try OpenedStore(database.address, in: folder)
        let store = opened.store
        store.tailLinker.stop()
        _ = try await store.insert(Sample.entries(0..<300), measuringNovelty: false)
        try await database.waitForEmptyInbox()
        try store.followNow()
        _ = try await store.insert(Sample.entries(300..<500), measuringNovelty: false)
        try await database.waitForEmptyInbox()
        let ended = Monitor(false)
        // As long as this is held nothing can be linked.
        try store.core.index.linkingTurn.withLock { _ in
            #expect(store.core.index.tailCount > MemoryStore.linkedInTurn)
            opened.log.saving.withLock { $0.isDue = true }
            #expect(
                BackgroundThread.start {
                    try? store.followNow()
                    ended.update { $0 = true }
                })
            // Enough for it to come to the links among them; they would wait for ever if it held the turn to write then.
            for number in 500..<550 {
                let report = try store.insertNow(
                    Sample.entries(number..<number + 1), measuringNovelty: false)
                #expect(report.outcomes.map(\.disposition) == [.accepted])
            }
        }
        ended.wait { $0 }
        try await database.waitForEmptyInbox()
        try store.followNow()
        #expect(opened.log.saving.withLock { !$0.isDue && $0.failure == nil })
        #expect(try folder.files(named: "snapshot-").count == 1)
        #expect(store.core.index.tailCount == 0)
        #expect(store.core.index.checkInvariants() == [])
        let everything = try await store.everything()
        try await store.finish()
        let again = try OpenedStore(database.address, in: folder, access: .read)
        #expect(try await again.store.everything() == everything && everything.count == 550)
        await again.store.close()
    }
}
