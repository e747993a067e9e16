import Locks
import Testing
import VectorStores

@testable import Operations

/// What is said while a store does not answer an insert.
@Suite struct StoreWaitTests {
    @Test func `a wait is told from two seconds on, until the store answers`() {
        let wait = StoreWait()
        let start = ContinuousClock.now
        #expect(wait.sentence(for: "the server", at: start.advanced(by: .seconds(60))) == nil)
        wait.begin(at: start)
        #expect(wait.sentence(for: "the server", at: start.advanced(by: .milliseconds(1_999))) == nil)
        #expect(
            wait.sentence(for: "the server", at: start.advanced(by: .milliseconds(12_900)))
                == "waiting for the server since 12 s")
        wait.end()
        #expect(wait.sentence(for: "the server", at: start.advanced(by: .seconds(60))) == nil)
    }

    @Test func `an insert that hangs is a wait, and its end ends it, also where it fails`() async throws {
        let session = try await Session()
        let store = FlakyStore(session.store)
        let wait = StoreWait()
        let pipeline = DecisionPipeline(store: store, detection: nil, wait: wait)
        let later = ContinuousClock.now.advanced(by: .seconds(3_600))
        store.refusal.withLock { refusal in
            refusal.duringInsert = { #expect(wait.sentence(for: "the store", at: later) != nil) }
        }
        _ = try await pipeline.accept([Session.decision(0)])
        #expect(wait.sentence(for: "the store", at: later) == nil)
        store.refusal.withLock { $0.inserts = StoreError(.inputOutput, "the disk is full") }
        await #expect(throws: StoreError.self) { try await pipeline.accept([Session.decision(1)]) }
        #expect(wait.sentence(for: "the store", at: later) == nil)
    }
}
