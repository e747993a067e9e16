import Decisions
import Locks
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

    /// Probes in turn and returns the steps a scope went to.
    private func probe(
        _ recallGuard: RecallGuard, _ store: FlakyStore, times: Int, of scope: RecallScope = "acme"
    ) async throws -> [RecallStep] {
        let probe = RecallProbe(recallGuard)
        var steps: [RecallStep] = []
        for _ in 0..<times {
            if let change = try await probe.probeNext(in: store), change.scope == scope {
                steps.append(change.step)
            }
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
        let request = SearchRequest(target: near, query: .tenant("acme"))
        #expect(try await probe(recallGuard, store, times: 15).isEmpty)
        #expect(try await client.search(request).results.count == 5)
        #expect(try await probe(recallGuard, store, times: 40) == [.widened])
        #expect(try await client.search(request).results.count == 10)
        // Near to an entry of the tenant, and in no tenant's scope.
        #expect(try await client.search(SearchRequest(target: near)).results.count == 10)
        let other = SearchRequest(target: near, query: .tenant("globex"))
        #expect(try await client.search(other).results.count == 5)
        store.refusal.withLock { $0.walk = FlakyStore.Walk(keeps: 10) }
        #expect(try await probe(recallGuard, store, times: 96) == [.usual])
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

    @Test func `searches that name no tenant are judged and guarded too`() async throws {
        let (session, store) = try await session()
        let recallGuard = session.monitor(of: store).recallGuard
        recallGuard.admit([.everything])
        #expect(try await probe(recallGuard, store, times: 16, of: .everything) == [.widened])
        let embedding = try await session.store.sample(1, seed: 1)[0]
        let request = SearchRequest(target: .embedding(embedding))
        #expect(recallGuard.guarded(request).breadth != nil)
        #expect(recallGuard.guarded(SearchRequest(target: near)).breadth != nil)
        let scoped = SearchRequest(target: .embedding(embedding), query: .tenant("acme"))
        #expect(recallGuard.guarded(scoped).breadth == nil)
    }

    @Test func `what a walk answered is asked again, what was compared whole is not`() async throws {
        let (session, store) = try await session()
        let recallGuard = session.monitor(of: store).recallGuard
        let request = SearchRequest(target: near, query: .tenant("acme"))
        _ = try await recallGuard.search(request, in: session.store)
        #expect(recallGuard.nextTurn() == nil)
        _ = try await recallGuard.search(request, in: store)
        #expect(recallGuard.nextTurn()?.question != nil)
        #expect(try await probe(recallGuard, store, times: 3).isEmpty)
        #expect(recallGuard.summaries()["acme"] == TenantRecallSummary(recall: 0.5, samples: 3, minutes: 1))
        // A question that the store answers whole by now, or whose entry is gone, gives way to stored ones.
        store.refusal.withLock { $0.walk = nil }
        _ = try await probe(recallGuard, store, times: 1)
        #expect(recallGuard.nextTurn()?.question == nil)
        store.refusal.withLock { $0.walk = FlakyStore.Walk(keeps: 5) }
        _ = try await recallGuard.search(request, in: store)
        _ = try await session.store.delete(.ids(["d-5"], tenant: "acme"))
        _ = try await probe(recallGuard, store, times: 1)
        #expect(recallGuard.nextTurn()?.question == nil)
        #expect(recallGuard.summaries()["acme"]?.samples == 3)
    }

    @Test func `finding a vector's own node is no merit`() async throws {
        let session = try await Session()
        // Thirty of one vector, which a walk finds, and others, which it does not.
        _ = try await session.pipeline.accept(
            (0..<30).map { Session.decision(9, id: "same-\($0)") } + (0..<90).map { Session.decision($0) })
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.walk = FlakyStore.Walk(keeps: 0) }
        let recallGuard = session.monitor(of: store).recallGuard
        recallGuard.admit(["acme"])
        _ = try await probe(recallGuard, store, times: 16)
        let summary = try #require(recallGuard.summaries()["acme"])
        #expect(summary.recall == 0 && summary.samples > 0)
    }

    @Test func `turns go around a store's tenants, and what they lead to is kept in it`() async throws {
        let (session, store) = try await session()
        let clock = session.clock
        let recallGuard = RecallGuard { clock.now }
        let probe = RecallProbe(recallGuard)
        var steps: [RecallScope: RecallStep] = [:]
        for _ in 0..<48 {
            let change = try await probe.takeTurn(in: store, tenants: store.tenants(), breadth: 80)
            if let change { steps[change.scope] = change.step }
        }
        #expect(steps == ["acme": .widened, "globex": .widened, .everything: .widened])
        #expect(try await RecallTroubles.kept(in: store).troubles?.steps == steps)
        #expect(recallGuard.usualBreadth == 80)
    }

    @Test func `what is done is kept in the store, and honoured by whoever opens it`() async throws {
        let (session, store) = try await session()
        let clock = session.clock
        let recallGuard = session.monitor(of: store).recallGuard
        recallGuard.admit(["acme"])
        _ = try await probe(recallGuard, store, times: 16)
        try await recallGuard.synchronize(with: store)
        let written = store.written.withLock { $0.count }
        #expect(written == 1)
        // The same again is not written again.
        try await recallGuard.synchronize(with: store)
        #expect(store.written.withLock { $0.count } == written)
        let other = RecallGuard { clock.now }
        try await other.takeUp(from: session.store)
        let request = SearchRequest(target: near, query: .tenant("acme"))
        #expect(other.step(of: request) == .widened && other.guarded(request).breadth == 320)
        #expect(other.checks().map(\.name) == ["recall acme"])
        #expect(other.checks()[0].detail.hasPrefix("50 % of 16 sampled searches, below 95 %"))
        // A reader takes up and keeps nothing.
        let reader = FlakyStore(session.store)
        reader.refusal.withLock { $0.readOnlyReason = "held by pid 812 (verdict console)" }
        let reading = RecallGuard { clock.now }
        try await reading.synchronize(with: reader)
        #expect(reading.step(of: request) == .widened && reader.written.withLock { $0.isEmpty })
        // Built anew, the index is judged anew, by everybody.
        clock.advance(5)
        _ = try await session.jobs.rebuild(RebuildRequest())
        try await other.takeUp(from: session.store)
        #expect(other.step(of: request) == .usual && other.checks().isEmpty)
        try await recallGuard.synchronize(with: store)
        #expect(try await RecallTroubles.kept(in: session.store).troubles == nil)
    }

    @Test func `others search wider than the store walks by now, not than it did`() async throws {
        let (session, store) = try await session()
        let clock = session.clock
        let recallGuard = session.monitor(of: store).recallGuard
        recallGuard.setUsualBreadth(64)
        recallGuard.admit(["acme"])
        _ = try await probe(recallGuard, store, times: 16)
        try await recallGuard.synchronize(with: store)
        let request = SearchRequest(target: near, query: .tenant("acme"))
        let other = RecallGuard { clock.now }
        try await other.takeUp(from: session.store)
        #expect(other.guarded(request).breadth == 256)
        // Who writes keeps another breadth with what is done about it.
        recallGuard.setUsualBreadth(100)
        try await recallGuard.synchronize(with: store)
        #expect(try await RecallTroubles.kept(in: session.store).troubles?.breadth == 100)
        let written = store.written.withLock { $0.count }
        try await recallGuard.synchronize(with: store)
        #expect(store.written.withLock { $0.count } == written)
        // Where nobody has kept it yet, what was measured for the store counts.
        let measured = RecallSetting(
            target: 0.99,
            measurement: RecallSetting.Measurement(
                breadth: 256, recall: 1, p50Microseconds: 1, distinct: 40, time: clock.now))
        try await session.store.write([
            RecordChange(
                collection: RecallSetting.collection, key: RecallSetting.key, value: measured.json)
        ])
        let third = RecallGuard { clock.now }
        try await third.takeUp(from: session.store)
        #expect(third.guarded(request).breadth == 1_024)
    }

    @Test func `whoever probes without a console widens what the store walks, not what a small one would`()
        async throws
    {
        let (session, store) = try await session()
        let clock = session.clock
        let recallGuard = RecallGuard { clock.now }
        let probe = RecallProbe(recallGuard)
        store.refusal.withLock { $0.breadth = 284 }
        for _ in 0..<48 { _ = try await probe.takeTurn(in: store) }
        #expect(try await RecallTroubles.kept(in: store).troubles?.breadth == 284)
        #expect(recallGuard.guarded(SearchRequest(target: near)).breadth == 1_136)
        // It grew, which is seen a minute later.
        store.refusal.withLock { $0.breadth = 300 }
        _ = try await probe.takeTurn(in: store)
        #expect(recallGuard.usualBreadth == 284)
        clock.advance(61)
        _ = try await probe.takeTurn(in: store)
        #expect(recallGuard.usualBreadth == 300)
    }

    @Test func `a tenant that is gone is no trouble any more`() async throws {
        let session = try await Session()
        try await session.fill(60)
        let trouble = RecallTrouble(step: .exact, since: session.clock.now, recall: 0.5, samples: 40)
        let kept = RecallTroubles(breadth: 80, scopes: ["gone": trouble])
        try await session.store.write([kept.change(expected: 0)])
        let monitor = session.monitor()
        for _ in 0..<4 { _ = await monitor.tick(measuring: true) }
        #expect(await monitor.snapshot.health.contains { $0.name == "recall gone" })
        for _ in 0..<8 { _ = await monitor.tick(measuring: true) }
        #expect(await !monitor.snapshot.health.contains { $0.name == "recall gone" })
        #expect(try await RecallTroubles.kept(in: session.store).troubles == nil)
    }

    @Test func `who is searched exactly without having asked keeps nobody waiting`() async throws {
        let (session, store) = try await session()
        let recallGuard = session.monitor(of: store).recallGuard
        recallGuard.admit(["acme"])
        _ = try await probe(recallGuard, store, times: 48)
        let before = store.sliced.withLock { $0 }
        let request = SearchRequest(target: near, query: .tenant("acme"))
        _ = try await recallGuard.search(request, in: store)
        #expect(store.sliced.withLock { $0 } == before + 1)
        #expect(before > 0)
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
        for number in 0..<32 {
            session.clock.advance(10)
            _ = try await session.pipeline.accept([Session.decision(1_000 + number)])
            for _ in 0..<2 { _ = await monitor.tick(measuring: true) }
        }
        snapshot = await monitor.snapshot
        let below = snapshot.health.filter { $0.name.hasPrefix("recall ") }
        #expect(below.map(\.name).sorted() == ["recall acme", "recall across tenants", "recall globex"])
        #expect(below.allSatisfy { $0.status == .degraded && $0.since > start })
        #expect(snapshot.tenants.allSatisfy { $0.recall?.step == .widened })
        #expect(session.log.snapshot().0.contains { $0.message == "acme: searches walk 4x as wide" })
        #expect(try await RecallTroubles.kept(in: session.store).troubles?.scopes.count == 3)
    }
}
