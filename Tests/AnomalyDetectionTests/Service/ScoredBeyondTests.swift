import Decisions
import Synchronization
import Testing
import VectorStores

@testable import AnomalyDetection

/// What others stored, half of it scored when the store failed and the process ended.
@Suite struct ScoredBeyondTests {
    /// How many decisions are scored before the search fails.
    @Test(arguments: [0, 1, 3, 6], [false, true])
    func `after a failed search and a crash each hit of a hunt counts once`(
        scored: Int, savesState: Bool
    ) async throws {
        var scene = ServiceScene()
        scene.store.state.withLock { $0.isShared = true }
        let service = scene.service()
        try await service.start()
        func store(_ decisions: [Decision]) async throws {
            _ = try await scene.store.insert(decisions.map(Entry.init))
        }
        try await store(scene.traffic.next(60))
        await service.lookForArrivals()
        let story = try #require(scene.attack().first)
        let saved = try await service.perform(.save(story, incident: nil), by: "ana")
        try await service.checkpoint()
        try await store((0..<6).map { scene.traffic.make("mallory", "get", "secrets", id: "\($0)") })
        // While the tenant is learning nothing else is searched for than what is near each.
        scene.store.state.withLock { $0.searchesLeft = scored }
        await service.lookForArrivals()
        #expect(await service.snapshot().hunts.first?.tally.hits == scored)
        #expect(await service.arrived.count == 6 - scored)
        // What is saved goes further than the position that the store can tell.
        if savesState { try await service.checkpoint() } else { _ = try await service.heartbeat() }
        #expect(try await Hunt.live(of: scene.store).first?.tally.hits == scored)
        scene.store.state.withLock { $0.searchesLeft = nil }
        let next = try await scene.restarted()
        let hunt = try #require(await next.snapshot().hunts.first)
        #expect(hunt.id == saved.id && hunt.tally.hits == 6)
        #expect(await next.detector.decisions(ofTenant: "acme") == 66)
        #expect(await next.arrived.isEmpty)
        #expect(await next.beyond.entries.isEmpty)
    }

    @Test(arguments: [false, true])
    func `what this process stored and scored while others' waited counts once, too`(
        savesState: Bool
    ) async throws {
        var scene = ServiceScene()
        scene.store.state.withLock { $0.isShared = true }
        let service = scene.service()
        try await service.start()
        _ = try await scene.store.insert(scene.traffic.next(60).map(Entry.init))
        await service.lookForArrivals()
        let story = try #require(scene.attack().first)
        _ = try await service.perform(.save(story, incident: nil), by: "ana")
        try await service.checkpoint()
        let others = (0..<3).map { scene.traffic.make("mallory", "get", "secrets", id: "\($0)") }
        _ = try await scene.store.insert(others.map(Entry.init))
        scene.store.state.withLock { $0.searchesLeft = 1 }
        await service.lookForArrivals()
        let own = [Entry(scene.traffic.make("mallory", "get", "secrets", id: "own"))]
        let report = try await scene.store.insert(own)
        // The store gives it to nobody: it is to be scored here.
        scene.store.state.withLock { $0.given = $0.rows.count }
        _ = await service.observe(own, report)
        #expect(await service.arrived.count == 2)
        #expect(await service.snapshot().hunts.first?.tally.hits == 2)
        if savesState { try await service.checkpoint() } else { _ = try await service.heartbeat() }
        scene.store.state.withLock { $0.searchesLeft = nil }
        let next = try await scene.restarted()
        #expect(await next.snapshot().hunts.first?.tally.hits == 4)
        #expect(await next.detector.decisions(ofTenant: "acme") == 64)
    }

    @Test func `names are kept up to a limit, and come back as they were saved`() throws {
        var beyond = ScoredBeyond()
        #expect(beyond.json == nil)
        let long = String(repeating: "n", count: ScoredBeyond.maximumBytes)
        for id in ["a", long, "b"] { beyond.append(EntryIdentity(tenant: "t", id: id)) }
        let value = JSONValue.object([ScoredBeyond.key: try #require(beyond.json)])
        let read = ScoredBeyond.saved(in: try JSONFields(value, name: "filed"))
        #expect(read == Set(["a", "b"].map { EntryIdentity(tenant: "t", id: $0) }))
        for number in 0..<2_000 { beyond.append(EntryIdentity(tenant: "", id: "\(number)")) }
        #expect(beyond.entries.count == ScoredBeyond.maximumEntries)
        let damaged = JSONValue.object([ScoredBeyond.key: .array([.null, .object(["id": .string("a")])])])
        #expect(ScoredBeyond.saved(in: try JSONFields(damaged, name: "filed")).isEmpty)
    }
}
