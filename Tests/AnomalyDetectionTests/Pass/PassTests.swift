import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct PassTests {
    private static let story = Incident.Key(
        tenant: "acme", principal: "reporter", kind: "invoice", effect: .allow)

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a slow drift that streaming does not flag is found by the pass, once`(seed: UInt64) async throws {
        var scene = try PassScene(seed: seed)
        let service = scene.service()
        try await service.start()
        try await scene.drift(service)
        #expect(await service.snapshot().incidents.filter { $0.key == Self.story }.isEmpty)
        let before = await service.snapshot().incidents.count
        let report = try #require(try await service.pass())
        #expect(report.drifts == 1 && report.principals == 3 && report.looked > 1_000)
        let incidents = await service.snapshot().incidents
        #expect(incidents.count == before + report.incidents.count)
        let incident = try #require(incidents.first { $0.key == Self.story })
        #expect(report.incidents.contains(incident.id))
        #expect(incident.isFoundByPass && incident.isOpen)
        #expect(
            incident.count == PassConfiguration().maximumMembers && incident.members.count == incident.count)
        #expect(incident.score > 0.93 && incident.score < 1)
        #expect(incident.why[0].hasPrefix("reporter drifts: "))
        #expect(incident.why[0].contains(" are read invoice, "))
        #expect(incident.why.contains { $0.contains("found by the periodic pass at ") })
        #expect(incident.evidence.nearest != nil)
        #expect(try Incident(json: incident.json) == incident)
        #expect(incident.evidence.principalHours.reduce(0, +) > 1_000)
        // Not again: neither by this process nor by the next.
        #expect(try await service.pass()?.findings == 0)
        try await service.close()
        let next = scene.service(2)
        try await next.start()
        #expect(try await next.pass()?.findings == 0)
        #expect(await next.snapshot().incidents.count == incidents.count)
        #expect(await next.snapshot().incidents.first { $0.key == Self.story }?.isFoundByPass == true)
    }

    @Test func `who does what they always did has not drifted`() async throws {
        var scene = try PassScene(seed: 4)
        let service = scene.service()
        try await service.start()
        try await scene.feed(scene.traffic(3_600) { _ in 0.3 }, to: service)
        let report = try #require(try await service.pass())
        #expect(report.drifts == 0 && report.principals == 3)
    }

    @Test func `what streaming raised of the same story is not raised again`() async throws {
        var scene = try PassScene(seed: 5)
        let service = scene.service()
        try await service.start()
        try await scene.feed(scene.traffic(2_000) { _ in 0 }, to: service)
        // The first invoice that a reporter reads is strange, so that it has an incident by now.
        try await scene.feed(scene.traffic(1_400) { _ in 0.95 }, to: service)
        let known = try #require(await service.snapshot().incidents.first { $0.key == Self.story })
        let report = try #require(try await service.pass())
        #expect(report.drifts == 0)
        #expect(await service.snapshot().incidents.filter { $0.key == Self.story } == [known])
    }

    @Test func `an attack while a tenant was learning is found once there is a past, also after a restart`()
        async throws
    {
        var scene = try PassScene(seed: 6)
        let first = scene.service()
        try await first.start()
        try await scene.feed(scene.traffic(400) { _ in 0.3 }, to: first)
        let attack = scene.decision("builder", "delete", "secret")
        try await scene.feed([attack], to: first)
        try await scene.feed(scene.traffic(700) { _ in 0.3 }, to: first)
        #expect(try await first.pass()?.rescored == 0)
        #expect(await first.snapshot().incidents.isEmpty)
        try await first.close()
        let service = scene.service(2)
        try await service.start()
        try await scene.feed(scene.traffic(1_300) { _ in 0.3 }, to: service)
        let streamed = await service.snapshot().incidents
        let report = try #require(try await service.pass())
        #expect(report.rescored == 1_000)
        let found = await service.snapshot().incidents.filter { !streamed.map(\.id).contains($0.id) }
        #expect(found.contains { $0.members == [attack.id] && $0.isFoundByPass })
        #expect(report.strange <= 30)
        #expect(
            found.first { $0.members == [attack.id] }?.why.last?.hasPrefix("found by the periodic pass")
                == true)
        // All of it was judged now.
        #expect(try await service.pass()?.rescored == 0)
    }

    @Test func `more than one run takes is left for the next`() async throws {
        var scene = try PassScene(seed: 7)
        scene.configuration.pass.maximumRescored = 300
        let service = scene.service()
        try await service.start()
        try await scene.feed(scene.traffic(2_100) { _ in 0.3 }, to: service)
        var rescored: [Int] = []
        for _ in 0..<6 { rescored.append(try await service.pass()?.rescored ?? -1) }
        // The decision at which a run ends is looked at by the next one, too.
        #expect(rescored == [300, 300, 300, 103, 0, 0])
    }

    @Test func `a tenant that was quiet for longer than is looked back leaves its place to others`()
        async throws
    {
        var scene = try PassScene(seed: 11)
        let service = scene.service()
        try await service.start()
        var old = scene.decision("builder", "create", "build")
        (old.tenant, old.time) = ("globex", old.time.advanced(bySeconds: -2 * 86_400))
        try await scene.feed([old] + scene.traffic(10) { _ in 0.3 }, to: service)
        #expect(await service.unjudged.tenants == ["acme", "globex"])
        _ = try await service.pass()
        #expect(await service.unjudged.tenants == ["acme"])
    }

    @Test func `what is only made up is taken as ordinary`() async throws {
        var scene = try PassScene(seed: 8)
        let service = scene.service()
        try await service.start()
        try await scene.feed(scene.traffic(2_100) { _ in 0.3 }, to: service)
        await service.takeUnjudgedAsOrdinary()
        #expect(try await service.pass()?.rescored == 0)
    }

    @Test func `a process that does not detect runs none, and one that is called off ends`() async throws {
        var scene = try PassScene(seed: 9)
        let service = scene.service()
        try await service.start()
        let follower = scene.service(2)
        try await follower.start()
        #expect(try await follower.pass() == nil)
        #expect(try await service.pass() == PassReport())
        try await scene.feed(scene.traffic(2_100) { _ in 0.3 }, to: service)
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await service.pass()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        // Whoever streams goes on, and nothing was forgotten.
        try await scene.feed(scene.traffic(10) { _ in 0.3 }, to: service)
        #expect(try await service.pass()?.rescored == 1_000)
    }

    @Test func `a record of a run is read back as it was kept, and a damaged one is none`() async throws {
        let scene = try PassScene(seed: 10)
        #expect(try await PassRecord.last(of: scene.store) == nil)
        var report = PassReport()
        (report.looked, report.principals, report.rescored) = (812, 14, 3)
        (report.drifts, report.incidents) = (1, ["K7F2"])
        let record = PassRecord(
            began: Timestamp(seconds: 1_800_000_000, fractionDigits: 0), seconds: 0.84, report: report,
            next: Timestamp(seconds: 1_800_000_900, fractionDigits: 0))
        try await scene.store.write([record.change])
        #expect(try await PassRecord.last(of: scene.store) == record)
        let check = record.check(at: scene.clock.now)
        #expect(check.name == "pass" && check.status == .ok)
        #expect(
            check.detail
                == "last run 2027-01-15T08:00:00Z took 0.8 s: 812 decisions looked at, 14 principals "
                + "compared, 3 scored again, 1 finding (K7F2); next run 2027-01-15T08:15:00Z")
        var failed = record
        failed.problem = "the disk is full"
        #expect(failed.check(at: scene.clock.now).status == .degraded)
        try await scene.store.write([
            RecordChange(collection: PassRecord.collection, key: PassRecord.key, value: .string("x"))
        ])
        #expect(try await PassRecord.last(of: scene.store) == nil)
    }
}
