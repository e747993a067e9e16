import AnomalyDetection
import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

/// A store whose rows are no decisions: nothing is counted or probed that is not there.
@Suite struct OtherRowsTests {
    private static let reason = "the rows of public.docs are no decisions"

    @Test func `it is never probed, and figures of decisions are left out`() async throws {
        let session = try await Session()
        try await session.fill(120)
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.noDecisionsReason = Self.reason }
        let monitor = session.monitor(of: store)
        for _ in 0..<40 { _ = await monitor.tick(measuring: true) }
        #expect(store.sliced.withLock { $0 } == 0)
        let snapshot = await monitor.snapshot
        #expect(snapshot.isRead && snapshot.noDecisionsReason == Self.reason)
        #expect(snapshot.recall == nil)
        #expect(snapshot.statistics.vectors == 120)
        #expect(snapshot.tenants.map(\.activity) == [[]])
        #expect(!snapshot.health.contains { $0.name == "detector" || $0.name == RecallGuard.checkName })
        #expect(
            Set(snapshot.metrics.map(\.name)) == [.vectors, .searchP50, .searchP99, .searches, .processor])

        // The same store with decisions is probed and counted.
        store.refusal.withLock { $0.noDecisionsReason = nil }
        // At rest every tenth look.
        for _ in 0..<10 { _ = await monitor.tick(measuring: true) }
        #expect(store.sliced.withLock { $0 } > 0)
        let counted = await monitor.snapshot
        #expect(counted.noDecisionsReason == nil && counted.metric(.denyRate) != nil)
        #expect(counted.health.contains { $0.name == "detector" })
    }

    @Test func `a store that measures its own recall is not searched for it`() async throws {
        let session = try await Session()
        try await session.fill(40)
        let store = FlakyStore(session.store)
        let clock = session.clock
        let own = [RecallPoint(breadth: 40, recall: 0.9, p50Microseconds: 7)]
        store.refusal.withLock { $0.curve = own }
        let tuner = RecallTuner(store: store, clock: { clock.now })
        #expect(try await tuner.curve(breadths: [40]) == own)
        #expect(store.sliced.withLock { $0 } == 0)
    }

    @Test func `a row tells what it says itself, and nothing that was made up for it`() throws {
        let row = try Decision(
            id: "7",
            metadata: """
                {"time":"1970-01-01T00:00:00Z","principal":{"id":"?"},"resource":{"kind":"?"},"actions":["?"],\
                "effect":"conditional","title":"document 7"}
                """)
        #expect(!row.hasRowTime)
        #expect(row.rowText == "title document 7")
        #expect(Session.decision(1).hasRowTime)
        #expect(Session.decision(11).rowText.contains("effect deny"))
    }
}
