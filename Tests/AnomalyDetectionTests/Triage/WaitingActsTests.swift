import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

/// What people do while the store does not take it: nothing of it is lost, and it is tried again.
@Suite struct WaitingActsTests {
    private static let full = StoreError(.inputOutput, "the disk is full")

    /// A follower beside the process that detects, whose act the store has just refused.
    private func refused() async throws -> (ServiceScene, holder: DetectionService, DetectionService, String)
    {
        let (scene, holder, id) = try await TriageTests.scene()
        let follower = scene.service(2)
        try await follower.start()
        scene.store.state.withLock { $0.writeError = Self.full }
        let outcome = try await follower.perform(.acknowledge, on: [id], by: "ben")
        #expect(outcome.unsaved?.contains("the disk is full") == true)
        return (scene, holder: holder, follower, id)
    }

    private func stored(_ id: String, _ scene: ServiceScene) async throws -> Incident {
        try Incident(json: try #require(try await scene.store.record(in: "incidents", key: id)?.value))
    }

    private func told(_ scene: ServiceScene) async throws -> [String] {
        try await ActivityLog.newest(100, of: scene.store).filter { $0.event.who == "ben" }.map(\.event.act)
    }

    @Test func `a follower tries again by itself, and says meanwhile that it waits`() async throws {
        let (scene, holder, follower, id) = try await refused()
        #expect(await follower.incident(id)?.state == .acknowledged)
        #expect(await follower.snapshot().unsavedActs == 1)
        scene.clock.advance(1)
        _ = try? await follower.heartbeat()
        scene.store.state.withLock { $0.writeError = nil }
        // Not before its pause is over.
        try await holder.heartbeat()
        try await follower.heartbeat()
        #expect(try await stored(id, scene).state == .new)
        scene.clock.advance(1)
        try await holder.heartbeat()
        try await follower.heartbeat()
        #expect(try await stored(id, scene).state == .acknowledged)
        #expect(try await told(scene) == ["acknowledge"])
        #expect(await follower.snapshot().unsavedActs == 0)
        #expect(await follower.snapshot().problems.isEmpty)
    }

    @Test func `each pause is twice as long as the one before, up to half a minute`() {
        let start = Timestamp(seconds: 1_800_000_000, fractionDigits: 0)
        var waiting = WaitingActs(because: "it is away", at: start)
        var now = start
        for seconds: Int64 in [2, 4, 8, 16, 30, 30, 30] {
            #expect(!waiting.isDue(at: now.advanced(bySeconds: seconds - 1)))
            now = now.advanced(bySeconds: seconds)
            #expect(waiting.isDue(at: now))
            waiting.failed(because: "it is away still", at: now)
        }
        #expect(
            waiting.sentence
                == "what was done is not saved yet: it is away still; it is tried again by itself")
        // A clock that is set back by a day keeps nobody waiting for one.
        #expect(waiting.isDue(at: now.advanced(bySeconds: -86_400)))
    }

    @Test func `who takes over has what it did before, and saves it`() async throws {
        let (scene, _, follower, id) = try await refused()
        scene.gone.insert(ServiceScene.holder(1))
        scene.store.state.withLock { $0.writeError = nil }
        // Before the pause is over: taking over reads everything anew.
        #expect(try await follower.heartbeat() == .detecting)
        #expect(await follower.incident(id)?.state == .acknowledged)
        #expect(try await stored(id, scene).state == .acknowledged)
        #expect(try await told(scene) == ["acknowledge"])
        #expect(await follower.snapshot().unsavedActs == 0)
    }

    @Test func `what the holder did meanwhile is joined`() async throws {
        let (scene, holder, follower, id) = try await refused()
        scene.store.state.withLock { $0.writeError = nil }
        _ = try await holder.perform(.assign("cem"), on: [id], by: "ana")
        scene.clock.advance(WaitingActs.firstPauseSeconds)
        try await holder.heartbeat()
        try await follower.heartbeat()
        let stored = try await stored(id, scene)
        #expect(stored.state == .acknowledged && stored.assignee == "cem")
        #expect(try await told(scene) == ["acknowledge"])
    }

    @Test func `an act that came there without an answer is told once`() async throws {
        let (scene, holder, follower, id) = try await refused()
        scene.store.state.withLock { $0.writeError = nil }
        // As the follower wrote it, and never heard of.
        let own = try #require(await follower.incident(id))
        let event = ActivityEvent(
            time: scene.clock.now, who: "ben", act: "acknowledge", subject: "incident \(id)")
        try await ActivityLog.append(
            [event], to: scene.store,
            with: [RecordChange(collection: Incident.collection, key: id, value: own.json)])
        scene.clock.advance(WaitingActs.firstPauseSeconds)
        try await holder.heartbeat()
        try await follower.heartbeat()
        #expect(try await told(scene) == ["acknowledge"])
        #expect(await follower.snapshot().unsavedActs == 0)
    }

    @Test func `closing saves what waits, or says that it could not`() async throws {
        let (scene, _, follower, id) = try await refused()
        await #expect {
            try await follower.close()
        } throws: {
            "\($0)" == "what was done last is not saved: the disk is full"
        }
        let (other, _, second, name) = try await refused()
        other.store.state.withLock { $0.writeError = nil }
        try await second.close()
        #expect(try await stored(name, other).state == .acknowledged)
        #expect(try await stored(id, scene).state == .new)
    }
}
