import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct ServiceFlipTests {
    /// A tenant in which one principal reads secrets every day, and then another one does.
    static func scene() async throws -> (ServiceScene, DetectionService, Incident) {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        for round in 0..<8 {
            var decisions = scene.traffic.next(40)
            for number in 0..<6 {
                decisions.append(
                    scene.traffic.make("vault-agent", "get", "secrets", id: "db-\((round + number) % 4)"))
            }
            try await scene.feed(decisions, to: service)
        }
        try await scene.feed(scene.attack(4), to: service)
        let incident = try #require(
            await service.snapshot().incidents.first { $0.key.principal == "svc-deploy" })
        return (scene, service, incident)
    }

    @Test func `the smallest change that makes it ordinary comes first, and each offer is one`() async throws
    {
        let (_, service, incident) = try await Self.scene()
        let report = try await service.flips(of: incident)
        #expect(report.score.isFlagged && report.isLive)
        #expect(abs(report.score.score - incident.score) < 0.05)
        #expect(!report.offers.isEmpty && report.tried == report.singles.count)
        for offer in report.offers {
            #expect(offer.changes.count == 1 && !offer.score.isFlagged)
            #expect(try await service.score(of: incident, after: offer.changes) == offer.score)
        }
        // Nothing that was tried and helps is smaller than the first.
        let first = try #require(report.offers.first)
        for single in report.singles where !single.score.isFlagged {
            #expect(!single.isSmaller(than: first))
        }
        // Who does that every day is among what is tried.
        #expect(report.values(of: .principal).contains(.principal("vault-agent")))
        #expect(report.values(of: .resource).contains { $0.value.hasPrefix("deploy/deploy-") })
    }

    @Test func `trying changes stores, counts and files nothing, and gives the same again`() async throws {
        let (scene, service, incident) = try await Self.scene()
        let before = await service.snapshot()
        let stored = scene.store.state.withLock { ($0.rows, $0.records) }
        let report = try await service.flips(of: incident)
        #expect(try await service.flips(of: incident) == report)
        #expect(await service.snapshot() == before)
        let now = scene.store.state.withLock { ($0.rows, $0.records) }
        #expect(stored.0 == now.0 && stored.1 == now.1)
    }

    @Test func `another process tries them against what was saved last`() async throws {
        let (scene, service, incident) = try await Self.scene()
        try await service.checkpoint()
        let report = try await scene.service(2).flips(of: incident)
        #expect(!report.isLive && report.score.isFlagged)
        var live = try await service.flips(of: incident)
        live.isLive = false
        #expect(report == live)
    }

    @Test func `an incident of the watching itself has no decision to change`() async throws {
        let scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await service.raise(SignalServiceTests.silence(scene))
        let incident = try #require(await service.snapshot().incidents.first)
        await #expect(throws: IncidentError.self) { try await service.flips(of: incident) }
    }
}
