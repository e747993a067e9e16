import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct ServiceHuntTests {
    /// A store with a past, a process that detects, and a story that is hunted.
    static func scene() async throws -> (scene: ServiceScene, service: DetectionService, story: Decision) {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service, 60)
        let story = try #require(scene.attack().first)
        try await scene.feed([story], to: service)
        return (scene, service, story)
    }

    @Test func `what is hunted is counted and told, saved, and known to other processes`() async throws {
        var (scene, service, story) = try await Self.scene()
        let saved = try await service.perform(.save(story, incident: "K7F2"), by: "ana")
        #expect(
            saved.hunt.author == "ana" && saved.hunt.name == "get secrets, allow" && saved.tally.hits == 0)
        let follower = scene.service(2)
        try await follower.start()
        #expect(await follower.snapshot().hunts == [saved])
        let hits = [
            scene.traffic.make("mallory", "get", "secrets", id: "a"),
            scene.traffic.make("svc-deploy", "get", "secrets", id: "b"),
            scene.traffic.make("bob", "get", "secrets", id: "c"),
        ]
        try await scene.feed(hits + scene.traffic.next(5), to: service)
        let status = try #require(await service.snapshot().hunts.first)
        #expect(status.tally.hits == 2 && status.tally.last?.principal == "bob")
        let told = try #require(await service.snapshot().incidents.first { $0.signal?.kind == .huntHit })
        #expect(told.key.principal == "\(saved.id) get secrets, allow" && told.severity == .high)
        #expect(told.isOfNoDecision && told.why[0].hasPrefix("bob in acme did what is hunted"))
        try await service.heartbeat()
        #expect(try await Hunt.live(of: scene.store) == [status])
        _ = await SignalServiceTests.wait(for: follower) { $0.contains { $0.signal?.kind == .huntHit } }
        while await follower.snapshot().hunts != [status] { await Task.yield() }
        #expect(await follower.snapshot().hunts == [status])
    }

    @Test func `a process that takes over goes on counting and counts nothing twice`() async throws {
        var (scene, service, story) = try await Self.scene()
        let saved = try await service.perform(.save(story, incident: nil), by: "ana")
        try await service.checkpoint()
        try await scene.feed([scene.traffic.make("mallory", "get", "secrets", id: "a")], to: service)
        // Saved with the incidents, while the state of the detector is older.
        try await service.heartbeat()
        // And one that nobody saved.
        try await scene.feed([scene.traffic.make("mallory", "get", "secrets", id: "b")], to: service)
        #expect(try await Hunt.live(of: scene.store).first?.tally.hits == 1)
        let next = try await scene.restarted()
        #expect(await next.snapshot().hunts.map(\.id) == [saved.id])
        #expect(await next.snapshot().hunts.first?.tally.hits == 2)
        try await scene.feed([scene.traffic.make("bob", "get", "secrets", id: "c")], to: next)
        try await next.close()
        #expect(try await Hunt.live(of: scene.store).first?.tally.hits == 3)
    }

    @Test func `hunts are removed and brought back by name, and the activity log tells who did so`()
        async throws
    {
        var (scene, service, story) = try await Self.scene()
        let saved = try await service.perform(.save(story, incident: nil), by: "ana")
        await #expect(throws: IncidentError.self) {
            try await service.perform(.save(story, incident: nil), by: "ben")
        }
        scene.clock.advance(5)
        let removed = try await service.perform(.remove(saved.id), by: "ben")
        #expect(removed.hunt.removed?.who == "ben")
        #expect(await service.snapshot().hunts.isEmpty)
        try await scene.feed([scene.traffic.make("mallory", "get", "secrets", id: "a")], to: service)
        await #expect(throws: IncidentError.self) { try await service.perform(.remove(saved.id), by: "ben") }
        let back = try await service.perform(.restore(saved.id), by: "cem")
        #expect(back.hunt == saved.hunt && back.tally.hits == 0)
        await #expect(throws: IncidentError.self) { try await service.perform(.restore(saved.id), by: "ben") }
        let told = try await ActivityLog.newest(10, of: scene.store).map(\.event)
        #expect(told.map(\.act) == ["hunt", "hunt-remove", "hunt-restore"])
        #expect(told.map(\.who) == ["ana", "ben", "cem"])
        #expect(told.allSatisfy { $0.subject == "hunt \(saved.id): get secrets, allow" })
        #expect(told[0].before == .null && told[1].before == saved.hunt.json)
        #expect(told[1].after == removed.hunt.json)
    }

    @Test func `there is a limit to what is live and to what is kept of what was removed`() async throws {
        var (scene, service, _) = try await Self.scene()
        var ids: [String] = []
        for number in 0..<Hunt.maximumLive {
            let story = scene.traffic.make("svc-deploy", "act-\(number)", "secrets", id: "db")
            ids.append(try await service.perform(.save(story, incident: nil), by: "ana").id)
        }
        #expect(Set(ids).count == Hunt.maximumLive)
        let more = scene.traffic.make("svc-deploy", "one-more", "secrets", id: "db")
        let error = await #expect(throws: IncidentError.self) {
            try await service.perform(.save(more, incident: nil), by: "ana")
        }
        #expect(error?.description.contains("20 hunts are live") == true)
        for id in ids {
            scene.clock.advance(1)
            _ = try await service.perform(.remove(id), by: "ana")
        }
        for number in 0..<3 {
            let story = scene.traffic.make("svc-deploy", "new-\(number)", "secrets", id: "db")
            let id = try await service.perform(.save(story, incident: nil), by: "ana").id
            scene.clock.advance(1)
            _ = try await service.perform(.remove(id), by: "ana")
        }
        let kept = try await scene.store.records(in: Hunt.collection).map(\.key)
        #expect(kept.count == Hunt.maximumRemoved && !kept.contains(ids[0]) && kept.contains(ids[5]))
        await #expect(throws: IncidentError.self) { try await service.perform(.restore(ids[0]), by: "ana") }
    }

    @Test func `where nothing may be written nothing is hunted, and what cannot be read is told`()
        async throws
    {
        let (scene, service, story) = try await Self.scene()
        scene.store.state.withLock { $0.readOnlyReason = "held by pid 7" }
        await #expect(throws: IncidentError.self) {
            try await service.perform(.save(story, incident: nil), by: "ana")
        }
        scene.store.state.withLock { $0.readOnlyReason = nil }
        try await scene.store.write([
            RecordChange(collection: Hunt.collection, key: "BAD", value: .string("x"))
        ])
        let next = try await scene.restarted()
        #expect(await next.snapshot().problems.contains { $0.hasPrefix("hunt BAD: ") })
        #expect(await next.snapshot().hunts.isEmpty)
        _ = try await next.perform(.save(story, incident: nil), by: "ana")
        #expect(await next.snapshot().hunts.count == 1)
    }

    @Test func `what another process saves at the same moment is not overwritten`() async throws {
        let (scene, service, story) = try await Self.scene()
        let saved = try await service.perform(.save(story, incident: nil), by: "ana")
        var renamed = saved.hunt
        renamed.name = "renamed"
        scene.store.state.withLock {
            $0.beforeWrite = { [value = renamed.json] state in
                state.put(RecordChange(collection: Hunt.collection, key: saved.id, value: value))
            }
        }
        let removed = try await service.perform(.remove(saved.id), by: "ben")
        #expect(removed.hunt.name == "renamed" && removed.hunt.removed?.who == "ben")
    }
}
