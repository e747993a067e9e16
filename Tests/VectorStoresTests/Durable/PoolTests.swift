import Decisions
import Dispatch
import Foundation
import Locks
import Testing

@testable import VectorStores

/// Whoever waits for another writer leaves the threads of the pool to everything else.
@Suite(.serialized) struct PoolTests {
    enum Operation: CaseIterable {
        case insert, write, delete, pin, rebuild, close
    }

    private static func perform(_ operation: Operation, _ entry: Entry, in store: MemoryStore) async throws {
        switch operation {
        case .insert: _ = try await store.insert([entry])
        case .write: try await store.write([RecordChange(collection: "c", key: "k", value: .null)])
        case .delete: _ = try await store.delete(.ids([entry.decision.id], tenant: entry.decision.tenant))
        case .pin: await store.pin([EntryIdentity(tenant: entry.decision.tenant, id: entry.decision.id)])
        // All but one are told that another is running.
        case .rebuild: _ = try? await store.rebuild(RebuildRequest()) { _ in }
        case .close: await store.close()
        }
    }

    @Test(arguments: Operation.allCases)
    func `many that wait for the writer hold no thread of the pool`(operation: Operation) async throws {
        var source = DecisionSource(seed: 9)
        let entry = try #require(source.entries(1).first)
        let store = try MemoryStore(options: StoreOptions(clock: testClock))
        let tasks = 4 * ProcessInfo.processInfo.activeProcessorCount
        let held = DispatchSemaphore(value: 0)
        let began = DispatchSemaphore(value: 0)
        let isInTime = AsyncStream<Bool>.makeStream()
        // Without a bound a pool that is held would never end; other tests may hold it for a while.
        Thread.detachNewThread {
            store.writer.withLock { _ in
                held.signal()
                let end = DispatchTime.now() + 300
                let areInTime = (0..<tasks).allSatisfy { _ in began.wait(timeout: end) == .success }
                isInTime.continuation.yield(areInTime)
            }
            isInTime.continuation.finish()
        }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                held.wait()
                continuation.resume()
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    began.signal()
                    try await Self.perform(operation, entry, in: store)
                }
            }
            try await group.waitForAll()
        }
        for await inTime in isInTime.stream { #expect(inTime) }
    }
}
