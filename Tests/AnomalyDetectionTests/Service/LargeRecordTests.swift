import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

/// Decisions as long as a log line may be must not keep anything from being saved.
@Suite struct LargeRecordTests {
    /// What nobody did before, with long texts in every place.
    private static func long(_ decision: Decision, _ count: Int) -> Decision {
        let long = String(repeating: "\u{1}", count: count)
        var decision = decision
        decision.id += long
        decision.resource.id = long + decision.id
        decision.principal.roles = Array(repeating: long, count: 3) + (0..<200).map { "role-\($0)" }
        decision.policies = [long]
        decision.outcome = "e\u{301}" + String(repeating: "\u{301}", count: count)
        decision.source.ip = long + decision.id
        decision.source.agent = long
        decision.extras = ["trace": .string(long)]
        return decision
    }

    @Test func `evidence keeps the beginnings of long texts and leaves out long metadata`() throws {
        var traffic = Traffic(seed: 1)
        let plain = traffic.make("alice", "read", "report", id: "r")
        let channels = ScoredDecision.Channels(distance: 1, rarity: 1, firstSeen: 1)
        #expect(Evidence(decision: plain, channels: channels).decision == plain)
        let decision = Self.long(plain, 50_000)
        var evidence = Evidence(decision: decision, channels: channels)
        evidence.nearest = Evidence.Neighbour(decision: decision, similarity: 1, differs: ["id"])
        #expect(evidence.decision.id.hasPrefix(plain.id) && evidence.decision.id.hasSuffix("…"))
        #expect(evidence.decision.principal.roles.count == 32 && evidence.decision.extras.members.isEmpty)
        var writer = JSONWriter()
        writer.value(evidence.json)
        #expect(writer.text.utf8.count < 100_000)
        #expect(try Evidence(json: evidence.json) == evidence)
    }

    @Test func `an incident stays small however long its decisions are`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        try await scene.feed(scene.attack(40).map { Self.long($0, 100_000) }, to: service)
        try await service.checkpoint()
        let incident = try #require(await service.snapshot().incidents.first { $0.key.kind == "secrets" })
        #expect(incident.count > 10 && incident.members.count == 10)
        for collection in [Incident.collection, Detector.collection] {
            for record in try await scene.store.records(in: collection) {
                let change = RecordChange(collection: collection, key: record.key, value: record.value)
                #expect(change.maximumBytes ?? .max < 8 << 20, "\(record.key)")
            }
        }
        #expect(await service.snapshot().problems.isEmpty)
    }

    @Test func `a long name is counted by its beginning and a hash`() {
        var names = NameTable()
        let long = String(repeating: "n", count: 5_000)
        let numbers = [long, long, long + "x"].map { names.intern($0, limit: 10) }
        #expect(numbers == [1, 1, 2] && names.number(of: long) == 1)
        #expect(names.names.allSatisfy { $0.utf8.count <= NameTable.maximumNameBytes })
    }

    @Test func `records are grouped by their number and their bytes, and one always fits`() {
        var configuration = DetectionConfiguration()
        configuration.maximumRecordsPerWrite = 4
        configuration.maximumBytesPerWrite = 100
        let change = RecordChange(collection: "c", key: "k", value: .null)
        var group = WriteGroup(configuration)
        var taken = [group.add([change], bytes: 1_000), group.add([change], bytes: 1)]
        #expect(taken == [true, false] && group.changes.count == 1)
        group = WriteGroup(configuration)
        taken = [group.add([change, change], bytes: 50), group.add([change], bytes: 51)]
        taken += [group.add([change], bytes: 50), group.add([change], bytes: 0)]
        #expect(taken == [true, false, true, false] && group.changes.count == 3)
    }

    @Test func `a state of many bytes is saved in several writes`() async throws {
        var scene = ServiceScene()
        scene.configuration.maximumBytesPerWrite = 1
        var other = Traffic(seed: 2, tenant: "globex")
        let service = scene.service()
        try await service.start()
        try await scene.feed(scene.traffic.next(20) + other.next(20), to: service)
        try await service.checkpoint()
        #expect(try await scene.store.record(in: Detector.collection, key: "saving") != nil)
        let next = try await scene.restarted()
        #expect(await next.detectorDecisions("acme") == 20)
        #expect(await next.detectorDecisions("globex") == 20)
    }

    @Test func `an incident that cannot be saved is set aside and said, and all else is saved`() async throws
    {
        let (scene, service, id) = try await TriageTests.scene()
        var huge = try #require(await service.incident(id))
        huge.id = "HUGE"
        // More than a record may take, as each of these characters is written as six.
        huge.why = Array(repeating: String(repeating: "\u{1}", count: 6_000_000), count: 8)
        await service.adopt(Record(collection: "incidents", key: "HUGE", value: huge.json, revision: 1))
        await #expect(throws: IncidentError.self) {
            try await service.setState(.acknowledged, ofIncident: "HUGE", by: "ana")
        }
        _ = try await service.setState(.acknowledged, ofIncident: id, by: "ana")
        try await service.checkpoint()
        let saved = try #require(try await scene.store.record(in: "incidents", key: id)?.value)
        #expect(try Incident(json: saved).state == .acknowledged)
        #expect(await service.snapshot().problems.count { $0.contains("HUGE") } == 1)
    }

    @Test func `a start that cannot save what it caught up goes on, says so and saves it later`()
        async throws
    {
        var scene = ServiceScene()
        let first = scene.service()
        try await first.start()
        try await scene.train(first)
        try await first.checkpoint()
        _ = try await scene.store.insert(scene.attack().map(Entry.init))
        // The lease is written, and nothing after it.
        scene.store.state.withLock { $0.writesLeft = 1 }
        let second = try await scene.restarted()
        #expect(await second.snapshot().role == .detecting)
        #expect(await second.snapshot().problems.contains { $0.contains("the disk is full") })
        #expect(await second.snapshot().incidents.contains { $0.key.kind == "secrets" })
        scene.store.state.withLock { $0.writesLeft = nil }
        try await second.close()
        #expect(try await !scene.store.records(in: "incidents").isEmpty)
    }

    @Test func `closing without being able to save is a failure, and leaves something to catch up`()
        async throws
    {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        scene.store.state.withLock { $0.writeError = StoreError(.usage, "too much at once") }
        let error = await #expect(throws: StoreError.self) { try await service.close() }
        #expect(error?.code == .failed)
        #expect(error?.description.contains("too much at once") == true)
        scene.store.state.withLock { $0.writeError = nil }
        let lease = try #require(try await scene.store.record(in: Detector.collection, key: Lease.key)?.value)
        #expect(try !Lease(json: lease).isReleased)
        let next = try await scene.restarted()
        #expect(await next.detectorDecisions("acme") == 200)
    }
}
