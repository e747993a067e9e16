import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

/// What resolving an incident teaches, in the process that detects, over restarts, and until it is taken back.
@Suite struct LessonServiceTests {
    private func secrets(_ scene: inout ServiceScene, _ name: String) -> Decision {
        scene.traffic.make("svc-deploy", "get", "secrets", id: name)
    }

    private func isFlagged(
        _ scene: inout ServiceScene, _ service: DetectionService, _ name: String
    ) async throws -> Bool {
        try await service.preview(secrets(&scene, name)).assessment.scored.anomalous
    }

    @Test(arguments: [Resolution.expected, .falsePositive])
    func `what was resolved as no attack is ordinary afterwards, until the lesson is taken back`(
        _ resolution: Resolution
    ) async throws {
        var (scene, service, id) = try await TriageTests.scene()
        #expect(try await isFlagged(&scene, service, "other"))
        _ = try await service.perform(.resolve(resolution), on: [id], by: "ana")
        #expect(try await !isFlagged(&scene, service, "other"))
        let withdrawn = try await service.withdraw(id, by: "ben")
        #expect(withdrawn.end?.who == "ben")
        #expect(try await isFlagged(&scene, service, "other"))
        _ = try await service.restore(id, by: "cem")
        let observed = try await scene.feed([secrets(&scene, "other")], to: service)
        #expect(observed.scored.map { $0?.anomalous } == [false] && observed.changes.isEmpty)
        let item = try #require(await service.snapshot().taught.first)
        #expect(item.id == id && item.author == "ana" && item.hits.count == 1)
        #expect((item.expires == nil) == (resolution == .expected))
    }

    @Test func `undoing the resolution takes the lesson back, and all of it is in the activity log`()
        async throws
    {
        var (scene, service, id) = try await TriageTests.scene()
        let before = try await ActivityLog.newest(100, of: scene.store).count
        _ = try await service.perform(.resolve(.expected), on: [id], by: "ana")
        _ = try await service.undo(incidents: [id], by: "ana")
        #expect(try await isFlagged(&scene, service, "other"))
        let told = try await ActivityLog.newest(100, of: scene.store).dropFirst(before).map(\.event)
        #expect(told.map(\.act) == ["resolve", "teach", "undo", "withdraw"])
        #expect(told.allSatisfy { $0.who == "ana" })
        #expect(try await ActivityLog.verify(scene.store).fault == nil)
        // Resolved again it teaches again, also by what it then turned out to be.
        _ = try await service.perform(.resolve(.truePositive), on: [id], by: "ben")
        let lesson = await service.snapshot().taught.first
        #expect(lesson?.end == nil && lesson?.author == "ben")
        #expect(try await isFlagged(&scene, service, "other"))
    }

    @Test func `lessons survive a restart and reach the process that detects`() async throws {
        var (scene, holder, id) = try await TriageTests.scene()
        let follower = scene.service(2)
        #expect(try await follower.start() == .following)
        var changes = await holder.changes().makeAsyncIterator()
        _ = try await follower.perform(.resolve(.expected), on: [id], by: "ben")
        while await holder.snapshot().taught.isEmpty { _ = await changes.next() }
        #expect(try await !isFlagged(&scene, holder, "other"))
        try await follower.close()
        let next = try await scene.restarted()
        #expect(await next.snapshot().taught.map(\.id) == [id])
        let observed = try await scene.feed([secrets(&scene, "third")], to: next)
        #expect(observed.scored.map { $0?.anomalous } == [false])
        // Who only asks for a risk minds them as well.
        let idle = scene.service(3)
        try await next.checkpoint()
        #expect(try await !isFlagged(&scene, idle, "fourth"))
    }

    @Test func `a true positive never makes its like ordinary`() async throws {
        // The same attack twelve times: without the lesson the last ones are ordinary.
        var (scene, service, id) = try await TriageTests.scene()
        try await scene.feed((0..<30).map { _ in secrets(&scene, "db") }, to: service)
        #expect(try await !isFlagged(&scene, service, "db"))
        _ = try await service.perform(.resolve(.truePositive), on: [id], by: "ana")
        let lesson = try #require(await service.snapshot().taught.first)
        guard case .lesson(let kept) = lesson.subject else { return }
        let incident = try #require(await service.incident(id))
        #expect(kept.members == incident.members && kept.kind == .withheld)
        #expect(kept.shapes.reduce(0) { $0 + $1.count } == incident.count)
        let observed = try await scene.feed([secrets(&scene, "db")], to: service)
        #expect(observed.scored.map { $0?.anomalous } == [true])
        #expect(observed.changes.map(\.incident.id) == [id] && observed.changes.map(\.isNew) == [true])
        // Reopened by a decision it stays taught.
        #expect(await service.snapshot().taught.first?.end == nil)
        let next = try await scene.restarted()
        #expect(try await isFlagged(&scene, next, "db"))
        _ = try await next.withdraw(id, by: "ben")
        #expect(try await !isFlagged(&scene, next, "db"))
    }

    @Test func `habits of the same principal are untouched by what is withheld`() async throws {
        var (scene, service, id) = try await TriageTests.scene()
        let habit = scene.traffic.make("svc-deploy", "read", "deploy", id: "deploy-1")
        let before = try await service.preview(habit)
        _ = try await service.perform(.resolve(.truePositive), on: [id], by: "ana")
        let after = try await service.preview(habit)
        #expect(!after.assessment.scored.anomalous)
        #expect(abs(after.assessment.scored.score - before.assessment.scored.score) < 0.1)
    }

    @Test func `incidents are saved with their lessons, no more together than one write takes`()
        async throws
    {
        var scene = ServiceScene()
        scene.configuration.maximumRecordsPerWrite = 3
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        try await scene.feed(
            [
                secrets(&scene, "db"), scene.traffic.make("svc-report", "delete", "payroll"),
            ], to: service)
        let ids = await service.snapshot().incidents.map(\.id)
        #expect(ids.count > 1)
        scene.store.state.withLock { $0.writes = [] }
        _ = try await service.perform(.resolve(.expected), on: ids, by: "ana")
        let writes = scene.store.state.withLock { $0.writes ?? [] }
        for write in writes {
            let own = write.filter { [Incident.collection, Lesson.collection].contains($0.collection) }
            #expect(own.count <= 2)
            #expect(own.count { $0.collection == Lesson.collection } * 2 == own.count)
        }
        #expect(try await scene.store.records(in: Lesson.collection).map(\.key) == ids.sorted())
    }

    @Test func `of more lessons than are kept those go that ended, then the oldest`() async throws {
        let scene = ServiceScene()
        let shape = Lesson.Shape(principal: "p", kind: "k", effect: .allow, actions: ["get"], count: 1)
        scene.store.state.withLock { state in
            for number in 0..<Lesson.maximumKept + 2 {
                var lesson = Lesson(
                    incident: "L\(number)", kind: .ordinary, resolution: .expected, tenant: "acme",
                    author: "ana", reason: "", created: Timestamp(seconds: 1_700_000_000 + Int64(number)),
                    shapes: [shape])
                if number == 7 { lesson.end = TaughtEnd(.undone, time: lesson.created, who: "ana") }
                state.put(
                    RecordChange(collection: Lesson.collection, key: lesson.id, value: lesson.json))
            }
        }
        let service = scene.service()
        try await service.start()
        try await service.heartbeat()
        let kept = Set(try await scene.store.records(in: Lesson.collection).map(\.key))
        #expect(kept.count == Lesson.maximumKept)
        #expect(!kept.contains("L7") && !kept.contains("L0") && kept.contains("L1"))
    }

    @Test func `a flood opens one incident of bounded size and pages once`() async throws {
        var scene = ServiceScene()
        scene.configuration.incidents.continuationSeconds = 1_000_000
        // However often it was seen it goes on with the story.
        scene.configuration.detector.familiarDecisions = 1_000_000
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        var pages = 0
        var names: Set<String> = []
        for _ in 0..<3 {
            let observed = try await scene.feed(
                (0..<100).map { secrets(&scene, "db-\($0)") }, to: service)
            pages += observed.changes.count(where: \.isNew)
            names.formUnion(observed.changes.map(\.incident.id))
        }
        let incident = try #require(await service.snapshot().incidents.first)
        #expect(pages == 1 && names == [incident.id])
        #expect(incident.count == 300 && incident.members.count == 300)
        #expect(incident.resources.count <= scene.configuration.incidents.maximumResources)
        let items = try await service.tuningHistory().items.filter { $0.incident == incident.id }
        #expect(items.count <= DetectionHistory.maximumPerStoryHour * 3)
    }
}
