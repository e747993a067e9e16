import Locks
import Testing
import VectorIndex

@testable import VectorStores

/// A store whose links are made when everything is there.
@Suite struct LinkingTests {
    private func store(linkedAtOnce: Int = 10_000) async throws -> (MemoryStore, DecisionSource) {
        var options = StoreOptions(clock: testClock)
        options.linkedAtOnce = linkedAtOnce
        let store = try MemoryStore(options: options)
        store.core.index.deferLinks()
        var source = DecisionSource(seed: 60)
        _ = try await store.insert(source.entries(40))
        #expect(store.core.index.isUnlinked)
        return (store, source)
    }

    @Test func `where links could not be made nobody is told how new an entry is`() async throws {
        var (store, source) = try await store()
        store.linking.update { $0 = .failed("no memory") }
        let outcomes = try await store.insert(source.entries(20)).outcomes
        #expect(outcomes.allSatisfy { $0.disposition.isWritten && $0.novelty == nil })
        store.linkLater()
        let linked = try await store.insert(source.entries(20)).outcomes
        #expect(linked.allSatisfy { $0.novelty != nil })
    }

    @Test func `rows keep their numbers before the thread that links has begun`() async throws {
        let (store, _) = try await store(linkedAtOnce: 0)
        let work = Mutex<(@Sendable () -> Void)?>(nil)
        store.linkLater { waiting in
            work.withLock { $0 = waiting }
            return true
        }
        #expect(store.core.isHeld)
        #expect(store.linking.read { $0 } == .running)
        work.withLock { $0 }?()
        work.withLock { $0 = nil }
        #expect(!store.core.isHeld)
        #expect(store.linking.read { $0 } == .idle)
        #expect(!store.core.index.isUnlinked)
    }

    @Test func `what no thread is there for is linked at once`() async throws {
        let (store, _) = try await store(linkedAtOnce: 0)
        store.linkLater { _ in false }
        #expect(!store.core.index.isUnlinked && !store.core.isHeld)
    }
}
