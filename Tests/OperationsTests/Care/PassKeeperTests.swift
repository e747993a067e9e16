import AnomalyDetection
import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

@Suite struct PassKeeperTests {
    private func keeper(
        _ scene: DrillScene, _ detection: DetectionService, every interval: Int64? = 900
    ) -> PassKeeper {
        let clock = scene.clock
        return PassKeeper(
            store: scene.store, detection: detection, every: interval, clock: { clock.now },
            instant: { scene.awake.withLock { $0 } },
            tell: { text in scene.told.withLock { $0.append(text) } })
    }

    @Test func `a pass runs an interval after the one before, also across a restart`() async throws {
        let scene = try DrillScene()
        let detection = scene.detection()
        try await detection.start()
        let keeper = keeper(scene, detection)
        await keeper.look()
        #expect(try await PassRecord.last(of: scene.memory) == nil)
        scene.pass(900)
        await keeper.look()
        let first = try #require(try await PassRecord.last(of: scene.memory))
        #expect(first.began == scene.clock.now && first.problem == nil)
        #expect(first.next == scene.clock.now.advanced(bySeconds: 900))
        try await detection.close()
        let next = scene.detection(2)
        try await next.start()
        let other = self.keeper(scene, next)
        scene.pass(899)
        await other.look()
        #expect(try await PassRecord.last(of: scene.memory) == first)
        scene.pass(1)
        await other.look()
        #expect(try await PassRecord.last(of: scene.memory)?.began == scene.clock.now)
    }

    @Test func `only the process that detects runs passes, and none where they are off`() async throws {
        let scene = try DrillScene()
        let detection = scene.detection()
        try await detection.start()
        let follower = scene.detection(2)
        try await follower.start()
        let following = keeper(scene, follower)
        let off = keeper(scene, detection, every: nil)
        for _ in 0..<10 {
            scene.pass(500)
            try await detection.heartbeat()
            await following.look()
            await off.look()
        }
        #expect(try await PassRecord.last(of: scene.memory) == nil)
    }

    @Test func `a pass that fails is told once, kept as such, and tried again at its next time`() async throws
    {
        let scene = try DrillScene()
        let detection = scene.detection()
        try await detection.start()
        let pipeline = DecisionPipeline(store: scene.memory, detection: detection)
        _ = try await pipeline.accept((0..<20).map { Session.decision($0) })
        let keeper = keeper(scene, detection)
        await keeper.look()
        scene.store.refusal.withLock { $0.statistics = StoreError(.inputOutput, "the server is away") }
        scene.pass(900)
        await keeper.look()
        let failed = try #require(try await PassRecord.last(of: scene.memory))
        #expect(failed.problem == "the server is away")
        #expect(scene.told.withLock { $0 } == ["the periodic pass was not ended: the server is away"])
        scene.store.refusal.withLock { $0.statistics = nil }
        scene.pass(1)
        await keeper.look()
        #expect(try await PassRecord.last(of: scene.memory) == failed)
        scene.pass(899)
        await keeper.look()
        let ended = try #require(try await PassRecord.last(of: scene.memory))
        #expect(ended.problem == nil && ended.report.looked == 20)
    }

    @Test(arguments: [false, true])
    func `a pass of a detector that was held up writes over nothing that the next one kept`(fails: Bool)
        async throws
    {
        let scene = try DrillScene()
        let detection = scene.detection()
        try await detection.start()
        let keeper = keeper(scene, detection)
        await keeper.look()
        scene.pass(900)
        let kept = PassRecord(
            began: scene.clock.now, seconds: 2, report: PassReport(),
            next: scene.clock.now.advanced(bySeconds: 900))
        try await scene.takeOver(keeping: kept.change)
        if fails {
            scene.store.refusal.withLock { $0.statistics = StoreError(.inputOutput, "the server is away") }
        }
        await keeper.look()
        #expect(scene.told.withLock { $0.count } == (fails ? 1 : 0))
        #expect(try await PassRecord.last(of: scene.memory) == kept)
    }

    @Test func `health and metrics tell of the last drill and the last pass`() async throws {
        let session = try await Session()
        let drill = DrillRecord(
            sent: session.clock.now, outcome: .caught(seconds: 0.2), next: nil, session: "s")
        var report = PassReport()
        report.drifts = 2
        let pass = PassRecord(
            began: session.clock.now, seconds: 1.5, report: report, next: session.clock.now)
        try await session.store.write([drill.change(), pass.change])
        let monitor = session.monitor()
        _ = await monitor.tick(measuring: true)
        let snapshot = await monitor.snapshot
        #expect(snapshot.care?.drill?.outcome == .caught(seconds: 0.2))
        let checks = snapshot.health.filter { ["drill", "pass"].contains($0.name) }
        #expect(checks.count == 2 && checks.allSatisfy { $0.status == .ok })
        #expect(checks.contains { $0.detail.contains("took 1.5 s") && $0.detail.contains("2 findings") })
        #expect(snapshot.metric(.drill)?.values.last == 200_000)
        #expect(snapshot.metric(.pass)?.values.last == 1_500_000)
        #expect(snapshot.metric(.passFindings)?.values.last == 2)
    }
}
