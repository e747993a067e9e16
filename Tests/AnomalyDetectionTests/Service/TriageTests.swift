import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct TriageTests {
    /// A scene with one incident on secrets.
    static func scene() async throws -> (ServiceScene, DetectionService, String) {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        try await scene.feed(scene.attack(), to: service)
        let incidents = await service.snapshot().incidents
        let incident = try #require(incidents.first { $0.key.kind == "secrets" })
        return (scene, service, incident.id)
    }

    @Test func `acknowledging is saved at once and can be taken back`() async throws {
        let (scene, service, id) = try await Self.scene()
        let acknowledged = try await service.setState(.acknowledged, ofIncident: id, by: "ana")
        #expect(acknowledged.state == .acknowledged)
        #expect(acknowledged.history.first?.time == scene.clock.now)
        let saved = try #require(try await scene.store.record(in: "incidents", key: id)?.value)
        #expect(try Incident(json: saved) == acknowledged)
        let undone = try await service.undo(ofIncident: id, by: "ana")
        #expect(undone.state == .new && undone.history.count == 2)
        await #expect(throws: IncidentError.self) {
            try await service.setState(.acknowledged, ofIncident: "ZZZZ", by: "ana")
        }
    }

    @Test func `a follower sees what the holder writes and the holder what the follower triages`()
        async throws
    {
        var (scene, holder, id) = try await Self.scene()
        let follower = scene.service(2)
        #expect(try await follower.start() == .following)
        #expect(await follower.snapshot().incidents == holder.snapshot().incidents)
        var changes = await holder.changes().makeAsyncIterator()
        _ = try await follower.setState(.acknowledged, ofIncident: id, by: "ben")
        // The holder adopts it from the change feed.
        while await holder.incident(id)?.state != .acknowledged { _ = await changes.next() }
        try await scene.feed(scene.attack(2), to: holder)
        try await holder.checkpoint()
        let saved = try #require(try await scene.store.record(in: "incidents", key: id)?.value)
        #expect(try Incident(json: saved).state == .acknowledged)
    }

    @Test func `triage elsewhere during a save is joined with the new members`() async throws {
        var (scene, holder, id) = try await Self.scene()
        let before = try #require(await holder.incident(id))
        var triaged = before
        triaged.state = .acknowledged
        triaged.history = [
            Incident.TriageEntry(time: scene.clock.now, who: "ben", from: .new, to: .acknowledged)
        ]
        triaged.revision += 1
        let value = triaged.json
        try await scene.feed(scene.attack(8), to: holder)
        scene.store.state.withLock {
            $0.beforeWrite = { [id] state in
                state.put(RecordChange(collection: "incidents", key: id, value: value))
            }
        }
        _ = try await holder.setState(.resolved, ofIncident: id, by: "ana")
        let saved = try #require(try await scene.store.record(in: "incidents", key: id)?.value)
        let joined = try Incident(json: saved)
        #expect(joined.history.map(\.who) == ["ben", "ana"] && joined.state == .resolved)
        #expect(joined.count == before.count + 8)
        #expect(joined.revision > before.revision)
    }

    @Test func `joining full histories brings back nothing that had to go, and no state of before`()
        async throws
    {
        var scene = ServiceScene()
        scene.configuration.incidents.maximumHistory = 3
        let holder = scene.service()
        try await holder.start()
        try await scene.train(holder)
        try await scene.feed(scene.attack(), to: holder)
        let opened = await holder.snapshot().incidents.first { $0.key.kind == "secrets" }
        let id = try #require(opened?.id)
        for state in [Incident.State.acknowledged, .new, .acknowledged] {
            scene.clock.advance(60)
            _ = try await holder.setState(state, ofIncident: id, by: "ana")
        }
        var elsewhere = try #require(await holder.incident(id))
        scene.clock.advance(60)
        elsewhere.state = .resolved
        elsewhere.history.removeFirst()
        elsewhere.history.append(
            Incident.TriageEntry(time: scene.clock.now, who: "ben", from: .acknowledged, to: .resolved))
        elsewhere.revision += 1
        let written = RecordChange(collection: "incidents", key: id, value: elsewhere.json)
        try await scene.feed(scene.attack(3), to: holder)
        scene.store.state.withLock { $0.beforeWrite = { $0.put(written) } }
        // The heartbeat is not due: the write that is intruded upon is that of the incident.
        try await holder.checkpoint()
        let saved = try #require(try await scene.store.record(in: "incidents", key: id)?.value)
        let joined = try Incident(json: saved)
        #expect(joined.history == elsewhere.history && joined.state == .resolved)
        #expect(joined.count > elsewhere.count)
    }

    @Test func `a write that fails keeps the change for the next try`() async throws {
        let (scene, service, id) = try await Self.scene()
        scene.store.state.withLock { $0.writeError = StoreError(.inputOutput, "the disk is full") }
        let changed = try await service.setState(.acknowledged, ofIncident: id, by: "ana")
        #expect(changed.state == .acknowledged)
        #expect(await service.snapshot().unsavedActs == 1)
        scene.store.state.withLock { $0.writeError = nil }
        try await service.checkpoint()
        let saved = try #require(try await scene.store.record(in: "incidents", key: id)?.value)
        #expect(try Incident(json: saved).state == .acknowledged)
    }

    /// Ends the work that a service was kept at.
    private static func release(_ service: isolated DetectionService) {
        service.unscored = 0
        service.turns.pass()
    }

    @Test func `what was given up while something else kept the service is not done later`() async throws {
        let (_, service, id) = try await Self.scene()
        await service.takeTurn()
        let acknowledging = Task { try await service.setState(.acknowledged, ofIncident: id, by: "ana") }
        let undoing = Task { try await service.undo(ofIncident: id, by: "ana") }
        acknowledging.cancel()
        undoing.cancel()
        await Self.release(service)
        await #expect(throws: CancellationError.self) { try await acknowledging.value }
        await #expect(throws: CancellationError.self) { try await undoing.value }
        let incident = try #require(await service.incident(id))
        #expect(incident.state == .new && incident.history.isEmpty)
        // The turn was passed on.
        _ = try await service.setState(.acknowledged, ofIncident: id, by: "ana")
    }

    /// Says that a service is at work on decisions from before.
    private static func catchUp(_ left: Int, by service: isolated DetectionService) {
        service.unscored = left
    }

    @Test(.timeLimit(.minutes(1))) func `while decisions from before are scored triage is refused at once`()
        async throws
    {
        let (_, service, id) = try await Self.scene()
        await service.takeTurn()
        await Self.catchUp(31_204, by: service)
        for isUndo in [false, true] {
            await #expect {
                _ =
                    try await isUndo
                    ? service.undo(ofIncident: id, by: "ana")
                    : service.setState(.acknowledged, ofIncident: id, by: "ana")
            } throws: {
                "\($0)".hasSuffix(
                    "cannot be changed yet: decisions from before are being scored, 31,204 left")
            }
        }
        await Self.release(service)
        let incident = try await service.setState(.acknowledged, ofIncident: id, by: "ana")
        #expect(incident.state == .acknowledged)
    }

    @Test func `incidents deleted or changed elsewhere follow`() async throws {
        let (scene, service, id) = try await Self.scene()
        let incident = try #require(await service.incident(id))
        var changed = incident
        changed.state = .resolved
        changed.revision += 1
        await service.adopt(
            Record(collection: "incidents", key: id, value: changed.json, revision: 99))
        #expect(await service.incident(id)?.state == .resolved)
        await service.adopt(Record(collection: "incidents", key: id, value: .null, revision: 100))
        #expect(await service.incident(id)?.state == .resolved)
        await service.adopt(Record(collection: "incidents", key: id, value: incident.json, revision: 98))
        #expect(await service.incident(id)?.state == .resolved)
        await service.adopt(Record(collection: "incidents", key: id, value: nil, revision: 101))
        #expect(await service.incident(id) == nil)
        await service.adopt(Record(collection: "incidents", key: id, value: nil, revision: 102))
        #expect(scene.store.state.withLock { $0.rows.count } > 0)
    }

    @Test func `a damaged saved incident is said and the others are kept`() async throws {
        let (scene, service, id) = try await Self.scene()
        try await service.close()
        scene.store.state.withLock {
            $0.put(RecordChange(collection: "incidents", key: "BAD", value: .array([])))
        }
        let next = scene.service(2)
        try await next.start()
        let snapshot = await next.snapshot()
        #expect(snapshot.incidents.contains { $0.id == id })
        #expect(snapshot.problems.contains { $0.contains("BAD") })
    }

    @Test func `incidents that had to go are deleted from the store`() async throws {
        var scene = ServiceScene()
        scene.configuration.incidents.maximumIncidents = 1
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        // What is written is told here by hand, as late as it may be under load.
        scene.store.state.withLock { $0.watchers = [] }
        try await scene.feed(scene.attack(), to: service)
        let written = try await scene.store.records(in: "incidents")
        #expect(written.count == 1)
        try await scene.feed([scene.traffic.make("carol", "wipe", "vault")], to: service)
        try await service.checkpoint()
        let kept = await service.snapshot().incidents
        #expect(kept.count == 1 && kept.map(\.id) != written.map(\.key))
        #expect(try await scene.store.records(in: "incidents").map(\.key) == kept.map(\.id))
        for record in written {
            await service.adopt(record)
            #expect(await service.snapshot().incidents.map(\.id) == kept.map(\.id))
            let gone = Record(
                collection: "incidents", key: record.key, value: nil, revision: record.revision + 1)
            await service.adopt(gone)
            #expect(await service.removedRevisions[record.key] == nil)
        }
        #expect(await service.snapshot().incidents.map(\.id) == kept.map(\.id))
    }

    @Test func `a deletion that is told before its write has returned leaves nothing behind`() async throws {
        var scene = ServiceScene()
        scene.configuration.incidents.maximumIncidents = 1
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        scene.store.state.withLock { $0.watchers = [] }
        try await scene.feed(scene.attack(), to: service)
        let written = try #require(try await scene.store.records(in: "incidents").first)
        scene.store.state.withLock { $0.writesLeft = 0 }
        try await scene.feed([scene.traffic.make("carol", "wipe", "vault")], to: service)
        await #expect(throws: StoreError.self) { try await service.checkpoint() }
        #expect(await service.removedRevisions[written.key] == written.revision)
        await service.adopt(
            Record(
                collection: "incidents", key: written.key, value: nil, revision: written.revision + 1))
        scene.store.state.withLock { $0.writesLeft = nil }
        try await service.checkpoint()
        #expect(try await scene.store.record(in: "incidents", key: written.key) == nil)
        #expect(await service.removedRevisions.isEmpty)
    }
}
