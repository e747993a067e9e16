import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

/// A store that goes on while the server that keeps it is away.
@Suite struct AwayServerTests {
    private static func away(_ retry: Double?) -> ServerReport {
        ServerReport(
            version: "18.1", outage: ServerReport.Outage(retrySeconds: retry, reason: "connection refused"),
            mirrorAgeSeconds: 12.4)
    }

    @Test func `snapshots tell since when, until when and why, and so does the log, once`() async throws {
        let session = try await Session()
        try await session.fill(5)
        let store = FlakyStore(session.store)
        let monitor = session.monitor(of: store)
        await monitor.refresh()
        #expect(await monitor.snapshot.connection == .live)
        let now = session.clock.now
        store.refusal.withLock { $0.server = Self.away(2.2) }
        await monitor.refresh()
        await monitor.refresh()
        #expect(
            await monitor.snapshot.connection
                == .away(
                    since: now.advanced(bySeconds: -12), retry: now.advanced(bySeconds: 3),
                    reason: "connection refused"))
        #expect(await monitor.snapshot.statistics.vectors == 5)
        store.refusal.withLock { $0.server = Self.away(nil) }
        await monitor.refresh()
        guard case .away(_, nil, _) = await monitor.snapshot.connection else {
            Issue.record("a server that is being asked has no time of the next attempt")
            return
        }
        store.refusal.withLock { $0.server = ServerReport(version: "18.1") }
        await monitor.refresh()
        #expect(await monitor.snapshot.connection == .live)
        let lines = session.log.snapshot().lines.filter { $0.label == "store" }.map(\.message)
        #expect(lines == ["the server does not answer: connection refused", "the server answers again"])
    }

    @Test func `who leaves waits for no server that is away`() async throws {
        let session = try await Session()
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.server = Self.away(nil) }
        await session.client(session.monitor(of: store), of: store).stopWaitingSoon().value
        #expect(store.refusal.withLock { $0.hurries } == 1)
        store.refusal.withLock { $0.server = nil }
        let patience = session.client(session.monitor(of: store), of: store).stopWaitingSoon()
        patience.cancel()
        await patience.value
        #expect(store.refusal.withLock { $0.hurries } == 1)
    }
}
