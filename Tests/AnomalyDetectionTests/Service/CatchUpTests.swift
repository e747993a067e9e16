import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct CatchUpTests {
    @Test func `what was inserted after the last save is caught up once after a crash`() async throws {
        var scene = ServiceScene()
        let first = scene.service()
        try await first.start()
        try await scene.train(first)
        try await first.checkpoint()
        try await scene.feed(scene.traffic.next(20) + scene.attack(2), to: first)
        try await first.heartbeat()
        let before = await first.snapshot()
        // The process dies here: nothing is closed. Meanwhile more is inserted, unwatched.
        scene.gone.insert(ServiceScene.holder(1))
        let unwatched = scene.attack(1)
        _ = try await scene.store.insert(unwatched.map(Entry.init))

        let second = scene.service(2)
        #expect(try await second.start() == .detecting)
        let after = await second.snapshot()
        #expect(after.incidents.count >= before.incidents.count)
        for incident in before.incidents {
            let now = try #require(after.incidents.first { $0.id == incident.id })
            #expect(Set(now.members).isSuperset(of: incident.members))
            #expect(Set(now.members).count == now.members.count)
        }
        #expect(try await second.heartbeat() == .detecting)
        let third = scene.service(3)
        scene.gone.insert(ServiceScene.holder(2))
        try await third.start()
        #expect(await third.snapshot().incidents == after.incidents)
    }

    @Test func `how many decisions still wait to be scored is told as it falls`() async throws {
        var scene = ServiceScene()
        _ = try await scene.store.insert(scene.traffic.next(40).map(Entry.init))
        let service = scene.service()
        let told = Mutex<[Int]>([])
        try await service.start { left in told.withLock { $0.append(left) } }
        #expect(told.withLock { $0 } == (1...40).reversed())
        #expect(await service.snapshot().unscored == 0)
    }

    @Test func `a catch-up that failed is begun anew, whatever was deleted meanwhile`() async throws {
        var scene = ServiceScene()
        let first = scene.service()
        try await first.start()
        try await scene.train(first)
        try await first.checkpoint()
        _ = try await scene.store.insert((scene.traffic.next(20) + scene.attack(2)).map(Entry.init))
        scene.gone.insert(ServiceScene.holder(1))
        scene.store.state.withLock { $0.rows.removeFirst(100) }
        let second = scene.service(2)
        let store = scene.store
        await #expect(throws: StoreError.self) {
            try await second.start { left in
                guard left == 4 else { return }
                store.state.withLock { $0.searchError = StoreError(.failed, "no search") }
            }
        }
        #expect(await second.snapshot().role == .following)
        #expect(await second.snapshot().unscored == 0)
        #expect(await second.snapshot().incidents.isEmpty, "what was not saved is given up")
        store.state.withLock { $0.searchError = nil }
        #expect(try await second.heartbeat() == .detecting)
        #expect(await second.detectorDecisions("acme") == 222)
        // Nothing of the first try is left in the incidents.
        let incidents = await second.snapshot().incidents
        #expect(incidents.allSatisfy { Set($0.members).count == $0.members.count })
    }

    @Test func `of too many unwatched decisions the oldest are only counted`() async throws {
        var scene = ServiceScene()
        scene.configuration.maximumCatchUp = 10
        scene.configuration.checkpointDecisions = 5
        _ = try await scene.store.insert(scene.traffic.next(40).map(Entry.init))
        let service = scene.service()
        try await service.start()
        let snapshot = await service.snapshot()
        #expect(snapshot.learning == ["acme": 40])
        #expect(snapshot.problems.contains { $0.hasPrefix("30 decisions came unwatched") })
    }

    @Test func `a crash is noticed although entries were deleted meanwhile`() async throws {
        var scene = ServiceScene()
        let first = scene.service()
        try await first.start()
        try await scene.train(first)
        try await first.checkpoint()
        try await scene.feed(scene.attack(1), to: first)
        scene.gone.insert(ServiceScene.holder(1))
        scene.store.state.withLock { $0.rows.removeFirst(100) }
        let second = scene.service(2)
        try await second.start()
        #expect(await second.detectorDecisions("acme") == 201)
    }

    @Test func `when retention removed all that was scored, what came later is caught up`() async throws {
        var scene = ServiceScene()
        let first = scene.service()
        try await first.start()
        try await scene.train(first)
        try await first.checkpoint()
        _ = try await scene.store.insert((scene.traffic.next(60) + scene.attack(2)).map(Entry.init))
        scene.store.state.withLock { $0.rows.removeFirst(230) }
        let second = try await scene.restarted()
        #expect(await second.detectorDecisions("acme") == 200 + 32)
        let incident = await second.snapshot().incidents.first { $0.key.kind == "secrets" }
        #expect(incident?.members.count == 2)
    }

    @Test func `when the entries scored last were deleted nothing is scored twice and the doubt is said`()
        async throws
    {
        var scene = ServiceScene()
        let first = scene.service()
        try await first.start()
        try await scene.train(first)
        try await first.checkpoint()
        scene.store.state.withLock { $0.rows.removeLast(150) }
        let late = scene.traffic.next(5)
        _ = try await scene.store.insert(late.map(Entry.init))
        let second = try await scene.restarted()
        #expect(await second.detectorDecisions("acme") == 205)
        let problems = await second.snapshot().problems
        #expect(problems.contains { $0.contains("50 that are not newer may have come unwatched") })
    }

    @Test func `a position that cannot be read is said and nothing is scored twice`() async throws {
        var scene = ServiceScene()
        let first = scene.service()
        try await first.start()
        try await scene.train(first)
        try await first.checkpoint()
        scene.store.state.withLock {
            $0.put(RecordChange(collection: "detector", key: "progress", value: .object(["marks": .null])))
        }
        let second = try await scene.restarted()
        #expect(await second.detectorDecisions("acme") == 200)
        #expect(
            await second.snapshot().problems.contains { $0.hasPrefix("a saved progress has no usable marks") }
        )
    }

    @Test func `what an incident counted before a crash is not counted again, listed or not`() async throws {
        var scene = ServiceScene()
        let first = scene.service()
        try await first.start()
        try await scene.train(first)
        try await first.checkpoint()
        try await scene.feed(scene.traffic.next(20) + scene.attack(30), to: first)
        try await first.heartbeat()
        let before = await first.snapshot().incidents
        #expect(before.contains { $0.count >= 30 })
        // As if it had so many members that none of these is listed.
        for var incident in before {
            incident.members = []
            let value = incident.json
            scene.store.state.withLock {
                $0.put(RecordChange(collection: "incidents", key: incident.id, value: value))
            }
        }
        let second = try await scene.restarted()
        #expect(await second.detectorDecisions("acme") == 250)
        let after = await second.snapshot().incidents
        #expect(after.map(\.id) == before.map(\.id) && after.map(\.count) == before.map(\.count))
    }

    @Test(arguments: 0...8)
    func `a save of many tenants that a crash cuts short counts nothing twice`(writes: Int) async throws {
        var scene = ServiceScene()
        scene.configuration.maximumRecordsPerWrite = 2
        var others = (2...5).map { Traffic(seed: $0, tenant: "tenant-\($0)") }
        let first = scene.service()
        try await first.start()
        func batch() -> [Decision] { others.indices.flatMap { others[$0].next(10) } + scene.traffic.next(10) }
        try await scene.feed(batch(), to: first)
        try await first.checkpoint()
        try await scene.feed(batch(), to: first)
        scene.store.state.withLock { $0.writesLeft = writes }
        try? await first.checkpoint()
        scene.store.state.withLock { $0.writesLeft = nil }
        let second = try await scene.restarted()
        for tenant in ["acme"] + others.map(\.tenant) {
            #expect(await second.detectorDecisions(tenant) == 20, "\(tenant)")
        }
    }

    @Test(arguments: 0...4)
    func `a closing that a crash cuts short counts nothing twice`(writes: Int) async throws {
        var scene = ServiceScene()
        let first = scene.service()
        try await first.start()
        try await scene.train(first)
        try await first.checkpoint()
        try await scene.feed(scene.attack(2), to: first)
        // Goes on with what is there, and so waits to be saved.
        try await scene.feed(scene.attack(3), to: first)
        let before = await first.snapshot().incidents
        #expect(before.contains { $0.count == 5 })
        scene.store.state.withLock { $0.writesLeft = writes }
        try? await first.close()
        scene.store.state.withLock { $0.writesLeft = nil }
        let second = try await scene.restarted()
        let after = await second.snapshot().incidents
        #expect(after.map(\.id) == before.map(\.id) && after.map(\.count) == before.map(\.count))
        #expect(after.map(\.members) == before.map(\.members))
    }

    @Test func `the state of tenants no longer kept is deleted`() async throws {
        var scene = ServiceScene()
        scene.configuration.detector.maximumTenants = 2
        let service = scene.service()
        try await service.start()
        for number in 0..<5 {
            var traffic = Traffic(seed: 1, tenant: "tenant-\(number)")
            try await scene.feed(traffic.next(3), to: service)
            try await service.checkpoint()
        }
        let keys = try await scene.store.records(in: "detector").map(\.key)
        #expect(keys.filter { $0.hasPrefix("tenant:") }.count == 2)
        try await service.close()
        let second = scene.service(2)
        try await second.start()
        #expect(await second.snapshot().learning.values.sorted() == [3, 3])
    }

    @Test(.timeLimit(.minutes(5))) func `an incident written while incidents are read is there`() async throws
    {
        var scene = ServiceScene()
        let first = scene.service()
        try await first.start()
        try await scene.train(first)
        try await scene.feed(scene.attack(), to: first)
        let incident = try #require(await first.snapshot().incidents.first)
        var other = incident
        other.id = "ZZZZ"
        let value = other.json
        let second = scene.service(2)
        var changes = await second.changes().makeAsyncIterator()
        scene.store.state.withLock {
            $0.afterRead = { $0.put(RecordChange(collection: "incidents", key: "ZZZZ", value: value)) }
        }
        #expect(try await second.start() == .following)
        while await second.incident("ZZZZ") == nil { _ = await changes.next() }
        #expect(await second.incident("ZZZZ") == other)
    }
}

@Suite struct ScoringTrailTests {
    /// Decisions in the order they are looked at, each later or earlier than the one before.
    private static func decisions(_ count: Int, _ random: inout SplitMix64) -> [Decision] {
        var traffic = Traffic(seed: 1)
        let jitter = Int64.random(in: 0...400, using: &random)
        return traffic.next(count).map { decision in
            var decision = decision
            decision.time = decision.time.advanced(bySeconds: Int64.random(in: 0...jitter, using: &random))
            return decision
        }
    }

    private static func newIDs(
        of stored: [Decision], after trail: ScoringTrail
    ) async throws -> (ids: [String], doubtful: Int) {
        let ids = Set(stored.map(\.id))
        var cursor = try await trail.cursor { ids.contains($0.id) }
        let new = stored.filter { cursor.isNew($0, storedID: $0.id) }.map(\.id)
        return (new, cursor.doubtful)
    }

    private static func trail(_ decisions: some Sequence<Decision>) throws -> ScoringTrail {
        var trail = ScoringTrail()
        for decision in decisions { trail.append(decision, storedID: decision.id) }
        return try ScoringTrail(try JSONFields(.object(["marks": trail.json]), name: "progress"))
    }

    @Test(arguments: 0..<60)
    func `whatever was removed, nothing that was looked at is new`(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let decisions = Self.decisions(600, &random)
        let looked = Int.random(in: 0...600, using: &random)
        let kept = Int.random(in: 0...20, using: &random)
        let stored = decisions.filter { _ in Int.random(in: 0..<20, using: &random) < kept }
        let new = try await Self.newIDs(of: stored, after: try Self.trail(decisions[..<looked]))
        let later = Set(decisions[looked...].map(\.id))
        #expect(later.isSuperset(of: new.ids))
        let unseen = stored.filter { later.contains($0.id) }.count
        #expect(unseen - new.ids.count <= new.doubtful)
    }

    @Test(arguments: 0..<60)
    func `whatever retention removed, all that was not looked at is new`(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let decisions = Self.decisions(600, &random)
        let looked = Int.random(in: 0...600, using: &random)
        let cut = decisions[Int.random(in: 0..<600, using: &random)].time
        let stored = decisions.filter { $0.time > cut }
        let new = try await Self.newIDs(of: stored, after: try Self.trail(decisions[..<looked]))
        let later = Set(decisions[looked...].map(\.id))
        #expect(new.ids == stored.map(\.id).filter(later.contains))
    }

    @Test func `a trail stays short however long the names are`() throws {
        var random = SplitMix64(seed: 1)
        var decisions = Self.decisions(40, &random)
        for place in decisions.indices where place % 3 == 0 {
            decisions[place].id += String(repeating: "x", count: 100_000)
        }
        for count in 1...40 {
            let trail = try Self.trail(decisions[..<count])
            let bytes = trail.marks.map { $0.entry.id.utf8.count }
            #expect(bytes.reduce(0, +) < 2 * ScoringTrail.maximumBytes + 100_020)
            #expect(trail.marks.last?.entry.id == decisions[count - 1].id)
            #expect(trail.marks.map(\.newest).max() == decisions[..<count].map(\.time).max())
        }
    }

    @Test func `a trail stays short, also when times only go back`() throws {
        var random = SplitMix64(seed: 1)
        let decisions = Self.decisions(5_000, &random)
        for order in [decisions, decisions.reversed()] {
            let trail = try Self.trail(order)
            #expect(trail.marks.count <= ScoringTrail.maximumMarks)
            #expect(trail.marks.last?.entry.id == order.last?.id)
            #expect(trail.marks.map(\.newest).max() == order.map(\.time).max())
        }
    }
}
