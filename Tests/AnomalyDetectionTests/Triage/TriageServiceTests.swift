import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

/// Acts through the service: several at once, joined with others', told to the activity log.
@Suite struct TriageServiceTests {
    private func entries(_ scene: ServiceScene) async throws -> [ActivityEntry] {
        try await ActivityLog.newest(100, of: scene.store)
    }

    @Test func `each act is told to the activity log in the same write`() async throws {
        let (scene, service, id) = try await TriageTests.scene()
        let before = try await entries(scene).count
        _ = try await service.perform(.acknowledge, on: [id], by: "ana")
        _ = try await service.perform(.note("seen"), on: [id], by: "ben")
        _ = try await service.undo(incidents: [id], by: "ben")
        // What changes nothing is no act.
        _ = try await service.perform(.acknowledge, on: [id], by: "cem")
        let told = try await entries(scene).dropFirst(before)
        #expect(told.map(\.event.act) == ["acknowledge", "note", "undo"])
        #expect(told.map(\.event.who) == ["ana", "ben", "ben"])
        #expect(told.allSatisfy { $0.event.subject == "incident \(id)" && $0.event.time == scene.clock.now })
        #expect(told.first?.event.before == .object(["state": .string("new")]))
        #expect(told.first?.event.after == .object(["state": .string("acknowledged")]))
        #expect(told.dropFirst().first?.event.after.object?["note"] == .string("seen"))
        #expect(try await ActivityLog.verify(scene.store).fault == nil)
    }

    @Test func `many are changed together, and what cannot be is told`() async throws {
        let (scene, service, id) = try await TriageTests.scene()
        let outcome = try await service.perform(.resolve(.expected), on: [id, "ZZZZ"], by: "ana")
        #expect(outcome.incidents.map(\.resolution) == [.expected] && outcome.changed == [id])
        #expect(outcome.refusals.count == 1 && outcome.refusals.first?.contains("ZZZZ") == true)
        await #expect(throws: IncidentError.self) {
            try await service.perform(.acknowledge, on: ["ZZZZ"], by: "ana")
        }
        let saved = try #require(try await scene.store.record(in: "incidents", key: id)?.value)
        #expect(try Incident(json: saved).resolution == .expected)
    }

    @Test func `two people who change different things at the same moment both have their way`() async throws
    {
        let (scene, holder, id) = try await TriageTests.scene()
        let follower = scene.service(2)
        try await follower.start()
        // The follower does not hear of it before it writes.
        var elsewhere = try #require(await holder.incident(id))
        _ = try elsewhere.perform(.assign("cem"), by: "ana", at: scene.clock.now)
        _ = try elsewhere.perform(.note("mine"), by: "ana", at: scene.clock.now)
        let value = elsewhere.json
        scene.store.state.withLock {
            $0.beforeWrite = { [id] in $0.put(RecordChange(collection: "incidents", key: id, value: value)) }
        }
        _ = try await follower.perform(.acknowledge, on: [id], by: "ben")
        let saved = try Incident(
            json: try #require(try await scene.store.record(in: "incidents", key: id)?.value))
        #expect(saved.state == .acknowledged && saved.assignee == "cem")
        #expect(saved.notes.map(\.text) == ["mine"])
        #expect(saved.history.map(\.who) == ["ana", "ana", "ben"])
    }

    @Test func `the one who detects ends snoozes, and that is told`() async throws {
        let (scene, service, id) = try await TriageTests.scene()
        _ = try await service.perform(
            .snooze(.until(scene.clock.now.advanced(bySeconds: 30))), on: [id], by: "ana")
        #expect(await service.incident(id)?.isOpen == false)
        scene.clock.advance(29)
        try await service.heartbeat()
        #expect(await service.incident(id)?.isOpen == false)
        scene.clock.advance(1)
        try await service.heartbeat()
        #expect(await service.incident(id)?.isOpen == true)
        let last = try #require(try await entries(scene).last)
        #expect(last.event.act == "wake" && last.event.who == "verdict")
        let saved = try #require(try await scene.store.record(in: "incidents", key: id)?.value)
        #expect(try Incident(json: saved).snooze == nil)
    }

    @Test func `an act that could not be saved is told with the save that succeeds`() async throws {
        let (scene, service, id) = try await TriageTests.scene()
        let before = try await entries(scene).count
        scene.store.state.withLock { $0.writeError = StoreError(.inputOutput, "the disk is full") }
        let outcome = try await service.perform(.acknowledge, on: [id], by: "ana")
        #expect(
            outcome.unsaved == "what was done is not saved yet: the disk is full; it is tried again by itself"
        )
        #expect(outcome.changed == [id] && outcome.incidents.map(\.state) == [.acknowledged])
        #expect(await service.snapshot().unsavedActs == 1)
        #expect(await service.snapshot().problems == [outcome.unsaved])
        scene.store.state.withLock { $0.writeError = nil }
        #expect(try await entries(scene).count == before)
        try await service.checkpoint()
        let told = try await entries(scene).dropFirst(before)
        #expect(told.map(\.event.act) == ["acknowledge"])
        #expect(await service.snapshot().unsavedActs == 0)
        #expect(await service.snapshot().problems.isEmpty)
    }

    @Test func `an entry of somebody else in between costs no act`() async throws {
        let (scene, service, id) = try await TriageTests.scene()
        let event = ActivityEvent(time: scene.clock.now, who: "ops", act: "rebuild", subject: "index")
        let changes = try await ActivityLog.changes(adding: [event], to: scene.store)
        scene.store.state.withLock {
            $0.beforeWrite = { state in for change in changes { state.put(change) } }
        }
        let acknowledged = try await service.perform(.acknowledge, on: [id], by: "ana").incidents.first
        #expect(acknowledged?.state == .acknowledged && acknowledged?.history.count == 1)
        #expect(try await entries(scene).suffix(2).map(\.event.act) == ["rebuild", "acknowledge"])
        #expect(try await ActivityLog.verify(scene.store).fault == nil)
    }
}
