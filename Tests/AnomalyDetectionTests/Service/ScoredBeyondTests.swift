import Decisions
import Locks
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

    @Test func `more than are kept are told while they are, and with their number after a crash`()
        async throws
    {
        var scene = ServiceScene()
        scene.store.state.withLock { $0.isShared = true }
        let service = scene.service()
        try await service.start()
        _ = try await scene.store.insert(scene.traffic.next(60).map(Entry.init))
        await service.lookForArrivals()
        try await service.checkpoint()
        // One of others' waits while this process scores what it stores itself.
        let other = [scene.traffic.make("mallory", "get", "secrets", id: "other")]
        _ = try await scene.store.insert(other.map(Entry.init))
        scene.store.state.withLock { $0.searchesLeft = 0 }
        await service.lookForArrivals()
        #expect(await service.arrived.count == 1)
        for number in 0..<ScoredBeyond.maximumEntries + 2 {
            await service.noteBeyond(EntryIdentity(tenant: "acme", id: "own-\(number)"))
        }
        #expect(await !service.snapshot().problems.contains { $0.contains("scored while others' wait") })
        for number in 0..<2 {
            let own = [Entry(scene.traffic.make("mallory", "get", "secrets", id: "own-\(number)"))]
            let report = try await scene.store.insert(own)
            scene.store.state.withLock { $0.given = $0.rows.count }
            _ = await service.observe(own, report)
            try await service.checkpoint()
        }
        let told = await service.snapshot().problems.filter { $0.contains("scored while others' wait") }
        #expect(told.count == 1 && told[0].hasPrefix("more than 1,000 decisions were scored"))
        scene.store.state.withLock { $0.searchesLeft = nil }
        let next = try await scene.restarted()
        let problem = "4 decisions scored before a crash beyond what is remembered: counted once more"
        #expect(await next.snapshot().problems.contains(problem))
    }

    @Test func `where names are long it is told how many were kept`() async throws {
        var scene = ServiceScene()
        scene.store.state.withLock { $0.isShared = true }
        let service = scene.service()
        try await service.start()
        _ = try await scene.store.insert(scene.traffic.next(60).map(Entry.init))
        await service.lookForArrivals()
        _ = try await scene.store.insert([Entry(scene.traffic.make("mallory", "get", "secrets", id: "other"))]
        )
        scene.store.state.withLock { $0.searchesLeft = 0 }
        await service.lookForArrivals()
        let long = String(repeating: "n", count: ScoredBeyond.maximumBytes / 2 - 10)
        for number in 0..<3 { await service.noteBeyond(EntryIdentity(tenant: "", id: "\(long)\(number)")) }
        _ = await service.position([:])
        #expect(
            await service.snapshot().problems.contains { $0.hasPrefix("more than 2 decisions were scored") })
    }

    @Test func `what is only counted since too much arrived counts once after a crash, too`() async throws {
        var scene = ServiceScene()
        scene.configuration.maximumCatchUp = 1
        scene.configuration.checkpointDecisions = 1
        scene.store.state.withLock { $0.isShared = true }
        let service = scene.service()
        try await service.start()
        let limit = await service.mostScored
        _ = try await scene.store.insert(scene.traffic.next(limit + 5).map(Entry.init))
        scene.store.state.withLock { $0.searchesLeft = 0 }
        await service.lookForArrivals()
        #expect(await service.detector.decisions(ofTenant: "acme") == 5)
        #expect(await service.beyond.entries.count == 5)
        #expect(await service.arrived.count == limit)
        try await service.checkpoint()
        scene.store.state.withLock { $0.searchesLeft = nil }
        let next = try await scene.restarted()
        #expect(await next.detector.decisions(ofTenant: "acme") == limit + 5)
    }

    @Test func `one decision is told as one`() async {
        let service = ServiceScene().service()
        for count in [1, 1_214] { await service.tellUnscored(count) }
        let problems = await service.snapshot().problems
        #expect(problems.contains("1 decision came unwatched or before a crash: counted, not scored"))
        #expect(problems.contains("1,214 decisions came unwatched or before a crash: counted, not scored"))
    }

    @Test func `names are kept up to a limit, and come back as they were saved`() throws {
        var beyond = ScoredBeyond()
        #expect(beyond.json == nil)
        let long = String(repeating: "n", count: ScoredBeyond.maximumBytes)
        for id in ["a", long, "b"] { beyond.append(EntryIdentity(tenant: "t", id: id)) }
        let value = JSONValue.object([ScoredBeyond.key: try #require(beyond.json)])
        let read = ScoredBeyond.saved(in: try JSONFields(value, name: "filed"))
        #expect(read == Set(["a", "b"].map { EntryIdentity(tenant: "t", id: $0) }))
        #expect(beyond.left == 1)
        for number in 0..<2_000 { beyond.append(EntryIdentity(tenant: "", id: "\(number)")) }
        #expect(beyond.entries.count == ScoredBeyond.maximumEntries)
        // What is not kept is counted.
        #expect(beyond.left == 1_003)
        var fields: JSONObject = [:]
        beyond.add(to: &fields)
        #expect(ScoredBeyond.left(in: try JSONFields(.object(fields), name: "filed")) == 1_003)
        #expect(ScoredBeyond.saved(in: try JSONFields(.object(fields), name: "filed")).count == 1_000)
        for damaged in [JSONValue.string("x"), .number("-3"), .number("1.5"), .null] {
            let value = JSONValue.object([ScoredBeyond.leftKey: damaged])
            #expect(ScoredBeyond.left(in: try JSONFields(value, name: "filed")) == 0)
        }
        let damaged = JSONValue.object([ScoredBeyond.key: .array([.null, .object(["id": .string("a")])])])
        #expect(ScoredBeyond.saved(in: try JSONFields(damaged, name: "filed")).isEmpty)
    }
}
