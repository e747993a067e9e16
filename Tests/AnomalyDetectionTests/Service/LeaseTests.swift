import Decisions
import Locks
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct LeaseTests {
    @Test func `a second process follows while the first is there and scores nothing`() async throws {
        var scene = ServiceScene()
        let first = scene.service(1)
        let second = scene.service(2)
        #expect(try await first.start() == .detecting)
        #expect(try await second.start() == .following)
        #expect(try await second.start() == .following)
        let observation = try await scene.feed(scene.traffic.next(3), to: second)
        #expect(observation.scored == [nil, nil, nil])
        scene.clock.advance(4)
        #expect(try await first.heartbeat() == .detecting)
        scene.clock.advance(7)
        #expect(try await second.heartbeat() == .following)
        try await second.checkpoint()
        #expect(try await scene.store.record(in: "detector", key: "progress") == nil)
    }

    @Test func `a silent holder is replaced after ten seconds and then follows`() async throws {
        var scene = ServiceScene()
        let first = scene.service(1)
        let second = scene.service(2)
        try await first.start()
        try await second.start()
        try await scene.train(first)
        try await scene.feed(scene.attack(), to: first)
        try await first.checkpoint()
        let incidents = await first.snapshot().incidents
        scene.clock.advance(9)
        #expect(try await second.heartbeat() == .following)
        scene.clock.advance(1)
        #expect(try await second.heartbeat() == .detecting)
        #expect(await second.snapshot().incidents == incidents)
        #expect(await second.snapshot().learning.isEmpty)
        #expect(try await first.heartbeat() == .following)
        let observation = try await scene.feed(scene.traffic.next(2), to: first)
        #expect(observation.scored == [nil, nil])
        #expect(await first.snapshot().problems.contains("another process took over detection"))
    }

    @Test func `who only looks learns who scores, as long as somebody does`() async throws {
        let scene = ServiceScene()
        let onlooker = scene.service(2)
        #expect(try await onlooker.leaseHolder() == nil)
        let first = scene.service(1)
        try await first.start()
        #expect(try await onlooker.leaseHolder() == ServiceScene.holder(1))
        #expect(await onlooker.snapshot().role == .idle)
        scene.clock.advance(10)
        #expect(try await onlooker.leaseHolder() == nil)
        try await first.heartbeat()
        #expect(try await onlooker.leaseHolder() == ServiceScene.holder(1))
        try await first.close()
        #expect(try await onlooker.leaseHolder() == nil)
    }

    @Test func `a holder that ended is replaced at once`() async throws {
        let scene = ServiceScene()
        try await scene.service(1).start()
        scene.gone.insert(ServiceScene.holder(1))
        #expect(try await scene.service(2).start() == .detecting)
    }

    @Test func `a lease that was given back is free at once`() async throws {
        let scene = ServiceScene()
        let first = scene.service(1)
        try await first.start()
        try await first.close()
        #expect(try await scene.service(2).start() == .detecting)
    }

    @Test func `a holder that lost the lease does not give back another's`() async throws {
        let scene = ServiceScene()
        let first = scene.service(1)
        let second = scene.service(2)
        try await first.start()
        try await second.start()
        scene.clock.advance(20)
        #expect(try await second.heartbeat() == .detecting)
        try await first.close()
        let record = try #require(try await scene.store.record(in: "detector", key: Lease.key)?.value)
        let lease = try Lease(json: record)
        #expect(lease.holder == ServiceScene.holder(2) && !lease.isReleased)
    }

    @Test func `of two that try at once one gets it`() async throws {
        let scene = ServiceScene()
        let second = Lease(holder: ServiceScene.holder(2), heartbeat: scene.clock.now).json
        scene.store.state.withLock {
            $0.beforeWrite = { state in
                state.put(RecordChange(collection: "detector", key: Lease.key, value: second))
            }
        }
        #expect(try await scene.service(1).start() == .following)
    }

    /// Takes the lease and writes over what the detector saved, as the next one does, before the write after so many.
    private static func takingOver(after writes: Int, at now: Timestamp)
        -> @Sendable (inout PlainStore.State) -> Void
    {
        { state in
            if writes > 0 {
                state.beforeWrite = takingOver(after: writes - 1, at: now)
                return
            }
            let lease = Lease(holder: ServiceScene.holder(2), heartbeat: now).json
            state.put(RecordChange(collection: "detector", key: Lease.key, value: lease))
            for record in state.records.values where saved(record) {
                state.put(RecordChange(collection: record.collection, key: record.key, value: next))
            }
        }
    }

    private static let next = JSONValue.string("of the next")

    private static func saved(_ record: Record) -> Bool {
        record.collection == AnomalyCounts.collection
            || record.collection == Detector.collection && record.key != Lease.key
    }

    @Test func `a detector that was held up before a write writes over nothing that the next one saved`()
        async throws
    {
        var interrupted = 0
        for writes in 0..<10 {
            var scene = ServiceScene()
            let first = scene.service(1)
            try await first.start()
            try await scene.train(first)
            try await scene.feed(scene.attack(), to: first)
            try await first.checkpoint()
            try await scene.feed(scene.attack(2) + scene.traffic.next(3), to: first)
            scene.store.state.withLock {
                $0.beforeWrite = Self.takingOver(after: writes, at: scene.clock.now)
            }
            try await first.checkpoint()
            let isOver = scene.store.state.withLock { $0.beforeWrite == nil }
            guard isOver else { break }
            interrupted += 1
            #expect(await first.snapshot().role == .following)
            #expect(await first.snapshot().problems.contains("another process took over detection"))
            let records = scene.store.state.withLock { $0.records.filter { Self.saved($0.value) } }
            #expect(records.count >= 3)
            for record in records.values {
                #expect(record.value == Self.next, "\(record.key), write \(writes)")
            }
            // Nothing more is written either.
            try await first.checkpoint()
            try await first.close()
            #expect(scene.store.state.withLock { $0.records.filter { Self.saved($0.value) } } == records)
        }
        // The incidents, and the state at least.
        #expect(interrupted >= 2)
    }

    @Test func `a write whose answer was lost costs nobody the lease`() async throws {
        var scene = ServiceScene()
        let service = scene.service(1)
        try await service.start()
        try await scene.train(service)
        let own = Lease(holder: ServiceScene.holder(1), heartbeat: scene.clock.now).json
        for isBeating in [false, true] {
            scene.store.state.withLock {
                $0.put(RecordChange(collection: "detector", key: Lease.key, value: own))
            }
            scene.clock.advance(5)
            if isBeating { try await service.heartbeat() } else { try await service.checkpoint() }
            #expect(await service.snapshot().role == .detecting)
        }
        #expect(try await scene.store.record(in: "detector", key: "progress") != nil)
        let lease = try #require(try await scene.store.record(in: "detector", key: Lease.key)?.value)
        #expect(try Lease(json: lease).heartbeat == scene.clock.now)
    }

    @Test func `what is written beside the line needs the lease, and costs nobody its return`() async throws {
        let scene = ServiceScene()
        let (first, second) = (scene.service(1), scene.service(2))
        try await first.start()
        try await second.start()
        func change(_ text: String) -> RecordChange {
            RecordChange(collection: "c", key: "k", value: .string(text))
        }
        #expect(try await first.writeDetecting([change("first")]))
        #expect(try await !second.writeDetecting([change("second")]))
        let kept = try await scene.store.record(in: "c", key: "k")
        #expect(kept?.value == .string("first"))
        // The lease is neither renewed nor lost by that.
        let lease = try #require(try await scene.store.record(in: "detector", key: Lease.key)?.value)
        #expect(try Lease(json: lease).heartbeat == scene.clock.now)
        scene.clock.advance(5)
        #expect(try await first.writeDetecting([change("again")]))
        #expect(try await scene.store.record(in: "detector", key: Lease.key)?.value == lease)
        #expect(try await first.heartbeat() == .detecting)
        #expect(try await first.writeDetecting([change("last")]))
        try await first.close()
        #expect(try await !first.writeDetecting([change("late")]))
        #expect(try await second.heartbeat() == .detecting)
        #expect(try await scene.store.record(in: "c", key: "k")?.value == .string("last"))
        // A change that comes too late itself is told.
        await #expect(throws: StoreError.self) {
            try await second.writeDetecting([
                RecordChange(collection: "c", key: "k", value: .null, expected: 99)
            ])
        }
    }

    @Test func `a store that may only be read is never watched from here`() async throws {
        let scene = ServiceScene()
        scene.store.state.withLock { $0.readOnlyReason = "held by pid 812 (verdict ingest)" }
        let service = scene.service()
        #expect(try await service.start() == .following)
        await #expect(throws: IncidentError.self) {
            try await service.setState(.acknowledged, ofIncident: "K7F2", by: "ana")
        }
        await #expect(throws: IncidentError.self) { try await service.undo(ofIncident: "K7F2", by: "ana") }
    }

    @Test func `heartbeats of the far future count as silence`() {
        let now = Timestamp(seconds: 1_000)
        let lease = Lease(holder: ServiceScene.holder(1), heartbeat: Timestamp(seconds: 5_000))
        #expect(lease.isFree(at: now, after: 10, holderIsGone: false))
        let fresh = Lease(holder: ServiceScene.holder(1), heartbeat: Timestamp(seconds: 995))
        #expect(!fresh.isFree(at: now, after: 10, holderIsGone: false))
        #expect(fresh.isFree(at: now, after: 10, holderIsGone: true))
    }

    @Test func `a lease comes back as it was saved, and a damaged one is free`() async throws {
        let lease = Lease(
            holder: ServiceScene.holder(3), heartbeat: Timestamp(seconds: 5, fractionDigits: 0),
            isReleased: true)
        #expect(try Lease(json: lease.json) == lease)
        let scene = ServiceScene()
        scene.store.state.withLock {
            $0.put(RecordChange(collection: "detector", key: Lease.key, value: .bool(true)))
        }
        #expect(try await scene.service(1).start() == .detecting)
    }
}
