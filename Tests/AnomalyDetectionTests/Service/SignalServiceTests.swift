import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct SignalServiceTests {
    static func silence(_ scene: ServiceScene, ended: Bool = false) -> Signal {
        Signal(
            kind: .silentSource, subject: "host:audit.log", raised: scene.clock.now,
            ended: ended ? scene.clock.now.advanced(bySeconds: 120) : nil, why: ["nothing came for 5 min"])
    }

    /// Waits until a service knows so many incidents that fit.
    static func wait(
        for service: DetectionService, until isSo: @Sendable ([Incident]) -> Bool
    ) async -> [Incident] {
        var changes = await service.changes().makeAsyncIterator()
        while true {
            let incidents = await service.snapshot().incidents
            if isSo(incidents) { return incidents }
            _ = await changes.next()
        }
    }

    @Test func `the process that detects files at once, and triage works as for any incident`() async throws {
        let scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await service.raise(Self.silence(scene))
        let incident = try #require(await service.snapshot().incidents.first)
        #expect(incident.isOfNoDecision)
        let saved = try #require(try await scene.store.record(in: "incidents", key: incident.id)?.value)
        #expect(try Incident(json: saved) == incident)
        #expect(try await scene.store.records(in: Signal.collection).isEmpty)
        let taken = try await service.setState(.acknowledged, ofIncident: incident.id, by: "ana")
        #expect(taken.state == .acknowledged && taken.signal == incident.signal)
        try await service.raise(Self.silence(scene, ended: true))
        #expect(await service.incident(incident.id)?.signal?.ended != nil)
        #expect(await service.incident(incident.id)?.state == .acknowledged)
    }

    @Test func `another process hands over, and the one that detects files it from the change feed`()
        async throws
    {
        let scene = ServiceScene()
        let holder = scene.service()
        try await holder.start()
        let watcher = scene.service(2)
        #expect(try await watcher.start() == .following)
        try await watcher.raise(Self.silence(scene))
        let opened = await Self.wait(for: holder) { !$0.isEmpty }
        #expect(opened.count == 1 && opened[0].key.principal == "host:audit.log")
        // The watcher is shown it like any other.
        let shown = await Self.wait(for: watcher) { !$0.isEmpty }
        #expect(shown == opened)
        try await watcher.raise(Self.silence(scene, ended: true))
        let ended = await Self.wait(for: holder) { $0.first?.signal?.ended != nil }
        #expect(ended.count == 1 && ended[0].count == 1)
        try await holder.checkpoint()
        #expect(try await scene.store.records(in: Signal.collection).isEmpty)
    }

    @Test func `what was handed over while nobody detected is filed by whoever does next`() async throws {
        let scene = ServiceScene()
        let watcher = scene.service(2)
        try await watcher.raise(Self.silence(scene))
        try await watcher.raise(Self.silence(scene, ended: true))
        let waiting = try await scene.store.records(in: Signal.collection)
        #expect(waiting.count == 1)
        let holder = scene.service()
        try await holder.start()
        let incident = try #require(await holder.snapshot().incidents.first)
        #expect(incident.signal?.ended != nil && incident.count == 1)
        #expect(try await scene.store.records(in: Signal.collection).isEmpty)
        // An end that nobody waits for leaves nothing behind.
        let end = Signal(kind: .silentSource, subject: "host:other.log", raised: nil, ended: scene.clock.now)
        try await scene.service(3).raise(end)
        #expect(try await scene.store.records(in: Signal.collection).isEmpty)
    }

    @Test func `a record that is no signal is told and keeps none from being filed`() async throws {
        let scene = ServiceScene()
        try await scene.store.write([
            RecordChange(collection: Signal.collection, key: "broken", value: .string("x"))
        ])
        try await scene.service(2).raise(Self.silence(scene))
        let holder = scene.service()
        try await holder.start()
        let snapshot = await holder.snapshot()
        #expect(snapshot.incidents.count == 1)
        #expect(snapshot.problems.contains { $0.contains("broken") })
        #expect(try await scene.store.records(in: Signal.collection).isEmpty)
    }

    @Test func `what cannot be saved stays handed over until it can`() async throws {
        let scene = ServiceScene()
        try await scene.service(2).raise(Self.silence(scene))
        let holder = scene.service()
        // The lease can be written, the incident cannot.
        scene.store.state.withLock { $0.writesLeft = 1 }
        try await holder.start()
        #expect(await holder.snapshot().incidents.count == 1)
        #expect(try await scene.store.records(in: Signal.collection).count == 1)
        scene.store.state.withLock { $0.writesLeft = nil }
        try await holder.heartbeat()
        #expect(try await scene.store.records(in: Signal.collection).isEmpty)
        #expect(try await scene.store.records(in: Incident.collection).count == 1)
        #expect(await holder.snapshot().incidents.first?.count == 1)
    }

    @Test func `an end that is noted while somebody else triages is kept`() async throws {
        let scene = ServiceScene()
        let holder = scene.service()
        try await holder.start()
        try await holder.raise(Self.silence(scene))
        let incident = try #require(await holder.snapshot().incidents.first)
        let follower = scene.service(2)
        try await follower.start()
        var book = IncidentBook()
        book.adopt(incident)
        let noted = book.file(Self.silence(scene, ended: true))
        let value = try #require(noted).incident.json
        scene.store.state.withLock {
            $0.beforeWrite = { [id = incident.id] state in
                state.put(RecordChange(collection: "incidents", key: id, value: value))
            }
        }
        _ = try await follower.setState(.acknowledged, ofIncident: incident.id, by: "ben")
        let saved = try #require(try await scene.store.record(in: "incidents", key: incident.id)?.value)
        let joined = try Incident(json: saved)
        #expect(joined.state == .acknowledged && joined.signal?.ended != nil)
        #expect(joined.why.first?.hasPrefix("heard again at ") == true && joined.count == 1)
    }

    @Test func `where nothing may be written nothing is raised`() async throws {
        let scene = ServiceScene()
        scene.store.state.withLock { $0.readOnlyReason = "held by pid 7" }
        let service = scene.service()
        try await service.start()
        try await service.raise(Self.silence(scene))
        #expect(await service.snapshot().incidents.isEmpty)
        #expect(try await scene.store.records(in: Signal.collection).isEmpty)
    }
}
