import Decisions
import Synchronization
import Testing
import VectorStores

@testable import Operations

@Suite struct RecallGuardTests {
    private let near = SearchRequest.Target.like(id: "d-5", tenant: "acme")

    /// A session of two tenants over a store whose graph finds half of what is near.
    private func session(isWellFrom breadth: Int = .max) async throws -> (Session, FlakyStore) {
        let session = try await Session()
        try await session.fill(120)
        try await session.fill(40, tenant: "globex")
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.walk = FlakyStore.Walk(keeps: 5, isWellFrom: breadth) }
        return (session, store)
    }

    /// Probes a tenant and returns the steps it went to.
    private func probe(
        _ recallGuard: RecallGuard, _ store: FlakyStore, times: Int
    ) async throws -> [RecallStep] {
        let probe = RecallProbe(recallGuard)
        var steps: [RecallStep] = []
        for _ in 0..<times {
            if let change = try await probe.probeNext(in: store) { steps.append(change.step) }
        }
        return steps
    }

    @Test func `a tenant below the floor is searched more widely until it is well again`() async throws {
        let (session, store) = try await session(isWellFrom: 320)
        let monitor = session.monitor(of: store)
        let client = session.client(monitor, of: store)
        let recallGuard = monitor.recallGuard
        recallGuard.setUsualBreadth(80)
        recallGuard.admit(["acme"])
        #expect(try await probe(recallGuard, store, times: 15).isEmpty)
        #expect(try await client.search(SearchRequest(target: near)).results.count == 5)
        #expect(try await probe(recallGuard, store, times: 40) == [.widened])
        let request = SearchRequest(target: near, query: .tenant("acme"))
        #expect(try await client.search(request).results.count == 10)
        #expect(try await client.search(SearchRequest(target: near)).results.count == 10)
        let other = SearchRequest(target: near, query: .tenant("globex"))
        #expect(try await client.search(other).results.count == 5)
        store.refusal.withLock { $0.walk = FlakyStore.Walk(keeps: 10) }
        #expect(try await probe(recallGuard, store, times: 32) == [.usual])
        #expect(recallGuard.guarded(request).breadth == nil)
    }

    @Test func `where wider walks miss too it is searched exactly`() async throws {
        let (session, store) = try await session()
        let monitor = session.monitor(of: store)
        let client = session.client(monitor, of: store)
        monitor.recallGuard.admit(["acme"])
        #expect(try await probe(monitor.recallGuard, store, times: 48) == [.widened, .exact])
        let answer = try await client.search(SearchRequest(target: near, query: .tenant("acme")))
        #expect(answer.exact && answer.results.count == 10)
        #expect(try await probe(monitor.recallGuard, store, times: 40).isEmpty)
        store.refusal.withLock { $0.walk = FlakyStore.Walk(keeps: 10) }
        #expect(try await probe(monitor.recallGuard, store, times: 16) == [.usual])
    }

    @Test func `a list, an exact question and a forced walk stay as they are`() async throws {
        let (session, store) = try await session()
        let recallGuard = session.monitor(of: store).recallGuard
        recallGuard.setUsualBreadth(100)
        recallGuard.admit(["acme"])
        #expect(try await probe(recallGuard, store, times: 16) == [.widened])
        let query = Query.tenant("acme")
        let list = recallGuard.guarded(SearchRequest(query: query))
        #expect(list.breadth == nil && !list.exact)
        #expect(recallGuard.guarded(SearchRequest(target: near, query: query, exact: true)).breadth == nil)
        #expect(
            recallGuard.guarded(SearchRequest(target: near, query: query, forcesGraph: true)).breadth == nil)
        for (limit, breadth, wanted) in [
            (10, nil, 400), (150, nil, 600), (10, 30, 120), (10_000, nil, 10_000), (10, 9_000, 10_000),
        ] {
            let request = SearchRequest(target: near, query: query, limit: limit, breadth: breadth)
            #expect(recallGuard.guarded(request).breadth == wanted)
        }
    }

    @Test func `a store that compares everything by itself is not guarded`() async throws {
        let session = try await Session()
        try await session.fill(120)
        let recallGuard = session.monitor().recallGuard
        recallGuard.admit(["acme", "nobody"])
        for _ in 0..<40 { #expect(try await RecallProbe(recallGuard).probeNext(in: session.store) == nil) }
        #expect(recallGuard.summaries()["acme"]?.samples == 39)
        #expect(recallGuard.summaries()["nobody"] == nil)
        #expect(recallGuard.summary()?.samples == 39)
    }

    @Test func `the snapshot tells each tenant's recall, and health what is done`() async throws {
        let (session, store) = try await session()
        let monitor = session.monitor(of: store)
        for _ in 0..<34 { _ = await monitor.tick(measuring: true) }
        var snapshot = await monitor.snapshot
        #expect(snapshot.recall?.samples == 16)
        #expect(snapshot.tenants.compactMap(\.recall?.recall) == [0.5, 0.5])
        #expect(snapshot.health.filter { $0.name == "recall" }.map(\.status) == [.ok])
        let start = session.clock.now
        for number in 0..<16 {
            session.clock.advance(10)
            _ = try await session.pipeline.accept([Session.decision(1_000 + number)])
            for _ in 0..<2 { _ = await monitor.tick(measuring: true) }
        }
        snapshot = await monitor.snapshot
        let below = snapshot.health.filter { $0.name.hasPrefix("recall ") }
        #expect(below.map(\.name).sorted() == ["recall acme", "recall globex"])
        #expect(below.allSatisfy { $0.status == .degraded && $0.since > start })
        #expect(snapshot.tenants.allSatisfy { $0.recall?.step == .widened })
        #expect(session.log.snapshot().0.contains { $0.message == "tenant acme is searched more widely" })
    }
}
