import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct ServicePreviewTests {
    @Test func `a preview in the process that scores is what scoring then gives`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        for decision in scene.traffic.next(20) + scene.attack(3) {
            let preview = try await service.preview(decision)
            let observation = try await scene.feed([decision], to: service)
            #expect(preview.isLive)
            #expect(preview.assessment.scored == observation.scored[0])
        }
    }

    @Test func `previewing stores, counts and files nothing`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        try await scene.train(service)
        let before = await service.snapshot()
        let stored = scene.store.state.withLock { ($0.rows, $0.records) }
        let strange = try #require(scene.attack().first)
        let first = try await service.preview(strange)
        #expect(try await service.preview(strange) == first)
        #expect(first.assessment.scored.anomalous && first.past == 200)
        #expect(await service.snapshot() == before)
        let now = scene.store.state.withLock { ($0.rows, $0.records) }
        #expect(stored.0 == now.0 && stored.1 == now.1)
    }

    @Test func `another process previews against what was saved last, and again when that is newer`()
        async throws
    {
        var scene = ServiceScene()
        let holder = scene.service()
        try await holder.start()
        let reader = scene.service(2)
        let strange = try #require(scene.attack().first)
        let nothing = try await reader.preview(strange)
        #expect(!nothing.isLive && nothing.past == 0 && nothing.assessment.scored.state == .learning)
        try await scene.train(holder)
        try await holder.checkpoint()
        let preview = try await reader.preview(strange)
        let live = try await holder.preview(strange)
        #expect(!preview.isLive && preview.past == 200)
        #expect(preview.assessment == live.assessment && preview.severity == live.severity)
        #expect(await reader.snapshot().role == .idle)
        try await scene.train(holder, 30)
        try await holder.checkpoint()
        #expect(try await reader.preview(strange).past == 230)
    }

    @Test func `what is left out is no neighbour`() async throws {
        var scene = ServiceScene()
        let service = scene.service()
        try await service.start()
        let decisions = scene.traffic.next(30)
        try await scene.feed(decisions, to: service)
        let own = decisions[12]
        let embedding = DecisionEmbedder().embed(own)
        let with = try await service.novelty(of: embedding, tenant: "acme")
        #expect(with.nearestSimilarity > 0.999)
        let identity = EntryIdentity(tenant: "acme", id: own.id)
        let without = try await service.novelty(of: embedding, tenant: "acme", leavingOut: [identity])
        #expect(without.nearestID != own.id)
        #expect(without.meanSimilarity <= with.meanSimilarity)
        let elsewhere = try await service.novelty(of: embedding, tenant: "globex")
        #expect(elsewhere.nearestID == nil && elsewhere.meanSimilarity == 0)
    }
}
