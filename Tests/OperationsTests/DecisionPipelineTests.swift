import AnomalyDetection
import DecisionLogs
import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

@Suite struct DecisionPipelineTests {
    @Test func `a batch is counted by what became of it`() async throws {
        let session = try await Session()
        var changed = Session.decision(1)
        changed.principal.id = "someone else"
        let counts = try await session.pipeline.accept(
            [Session.decision(1), Session.decision(2), Session.decision(1), changed])
        #expect(counts.accepted == 2)
        #expect(counts.duplicates == 1)
        #expect(counts.conflicts == 1)
        #expect(counts.merged == 0)
        #expect(try await session.store.statistics().vectors == 3)
    }

    @Test func `batches from several sources take turns and none is lost`() async throws {
        let session = try await Session()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for source in 0..<8 {
                group.addTask {
                    for batch in 0..<5 {
                        let decisions = (0..<20).map { Session.decision($0, id: "\(source)-\(batch)-\($0)") }
                        _ = try await session.pipeline.accept(decisions)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await session.store.statistics().vectors == 800)
    }

    @Test func `how new decisions are is asked by who scores them, and by nobody else`() async throws {
        let session = try await Session()
        let store = FlakyStore(session.store)
        let clock = session.clock
        let follower = DetectionService(
            store: store, holder: LeaseHolder(host: "test", processID: 2, session: "t"), clock: { clock.now })
        #expect(try await follower.start() == .following)
        for (number, detection) in [nil, session.detection, follower].enumerated() {
            let pipeline = DecisionPipeline(store: store, detection: detection)
            let counts = try await pipeline.accept([Session.decision(number)])
            #expect(counts.accepted == 1)
            #expect(counts.scored == (number == 1 ? 1 : 0))
        }
        #expect(store.refusal.withLock { $0.measured } == [false, true, false])
    }

    @Test func `a worker carries over what was recorded before it was cancelled`() async throws {
        let session = try await Session()
        let recorder = DecisionRecorder(capacity: 1_000)
        for number in 0..<700 { #expect(recorder.record(Session.decision(number))) }
        let carried = Mutex(0)
        let worker = EmbeddingWorker(recorder: recorder, pipeline: session.pipeline, log: session.log) {
            counts, _ in
            carried.withLock { $0 += counts.accepted }
        }
        let task = Task { await worker.run() }
        task.cancel()
        await task.value
        #expect(carried.withLock { $0 } == 700)
        #expect(recorder.pending == 0)
    }

    @Test func `scores start from nothing and repeat for a repeated decision`() async throws {
        let scorer = try PastScorer()
        let scored = try await scorer.score([Session.decision(1), Session.decision(2), Session.decision(1)])
        #expect(scored.map(\.id) == ["d-1", "d-2", "d-1"])
        #expect(scored[0] == scored[2])
        #expect(scored.allSatisfy { $0.state == .learning && !$0.anomalous })
    }

    @Test func `entries of a selection are counted without deleting`() async throws {
        let session = try await Session()
        try await session.fill(50)
        let query = try Query(parsing: "effect:deny", now: session.clock.now)
        #expect(try await session.store.count(.query(query)) == 5)
        #expect(try await session.store.count(.ids(["d-1", "d-2", "d-1", "gone"], tenant: nil)) == 2)
        #expect(try await session.store.statistics().vectors == 50)
        try await session.fill(3, tenant: "globex")
        let error = await #expect(throws: StoreError.self) {
            try await session.store.count(.ids(["d-9", "d-2"], tenant: nil))
        }
        #expect(error?.code == .ambiguousID)
        #expect(error?.description.contains("acme, globex") == true)
        #expect(try await session.store.count(.ids(["d-2"], tenant: "globex")) == 1)
    }

    @Test func `retention keeps every member of an incident and nothing is scored twice`() async throws {
        let session = try await Session(retention: RetentionPolicy(maximumRows: 300))
        var log = (0..<1_500).map { Session.decision($0) }
        for number in 0..<30 {
            var attack = Session.decision(1_500 + number)
            attack.principal.id = "user-1"
            attack.resource = Resource(kind: "secrets", id: "db-\(number)", scope: "eu")
            attack.actions = ["get"]
            log.append(attack)
        }
        log += (1_530..<3_000).map { Session.decision($0) }
        var counts = DecisionPipeline.Counts()
        for start in stride(from: 0, to: log.count, by: DecisionPipeline.batchSize) {
            let end = min(start + DecisionPipeline.batchSize, log.count)
            counts += try await session.pipeline.accept(Array(log[start..<end]))
        }
        #expect(counts.accepted == 3_000)
        let incidents = await session.detection.snapshot().incidents
        #expect(incidents.contains { $0.key.kind == "secrets" })
        for incident in incidents {
            for member in incident.members {
                let found = try await session.store.entries(id: member, tenant: incident.key.tenant)
                #expect(found.count == 1, "\(member) of \(incident.id)")
            }
        }
        try await session.detection.close()
        try await session.detection.start()
        let again = try await session.pipeline.accept(log)
        #expect(again.duplicates == 3_000)
        let held = await session.detection.snapshot()
        #expect(held.incidents.map(\.count) == incidents.map(\.count))
    }

    @Test func `what came before is scored first, and the console tells how much of it is left`()
        async throws
    {
        let session = try await Session()
        let embedder = DecisionEmbedder()
        _ = try await session.store.insert(
            (0..<30).map { number in
                let decision = Session.decision(number)
                return Entry(decision: decision, embedding: embedder.embed(decision))
            })
        let store = FlakyStore(session.store)
        let gate = Gate()
        store.refusal.withLock { $0.searchGate = gate }
        let clock = session.clock
        let detection = DetectionService(
            store: store, holder: LeaseHolder(host: "test", processID: 1, session: "s"), clock: { clock.now })
        let monitor = StoreMonitor(
            builder: SnapshotBuilder(storeName: "test", access: .operate, clock: { clock.now }),
            sources: StoreMonitor.Sources(
                store: session.store, detection: detection, jobs: session.jobs, meter: session.meter,
                log: session.log, board: session.board))
        func told() async -> (left: Int, detail: String?) {
            await monitor.refresh()
            let snapshot = await monitor.snapshot
            return (snapshot.unscored, snapshot.health.first { $0.name == "detector" }?.detail)
        }
        try await detection.follow()
        let catchUp = Task { try await detection.heartbeat() }
        await gate.waitUntilReached()
        #expect(await told() == (30, "30 decisions from before still to be scored"))
        let insert = Task {
            try await DecisionPipeline(store: store, detection: detection).accept([Session.decision(77)])
        }
        for _ in 0..<1_000 { await Task.yield() }
        #expect(try await session.store.statistics().vectors == 30)
        gate.open()
        #expect(try await catchUp.value == .detecting)
        #expect(try await insert.value.accepted == 1)
        #expect(await told() == (0, "this process scores what comes in"))
        #expect(await detection.snapshot().learning == ["acme": 31])
    }

    @Test func `what is stored is told as stored when the detector cannot save`() async throws {
        let session = try await Session()
        let store = FlakyStore(session.store)
        let clock = session.clock
        let detection = DetectionService(
            store: store, holder: LeaseHolder(host: "test", processID: 1, session: "s"), clock: { clock.now })
        try await detection.start()
        clock.advance(10)
        store.refusal.withLock { $0.records = StoreError(.inputOutput, "the disk is full") }
        let pipeline = DecisionPipeline(store: store, detection: detection)
        let counts = try await pipeline.accept([Session.decision(1), Session.decision(2)])
        #expect(counts.accepted == 2)
        #expect(await detection.snapshot().problems.contains { $0.contains("the disk is full") })
    }
}

@Suite struct IngestReportTests {
    @Test func `read is the sum of the six`() {
        var report = IngestReport()
        var counts = DecisionPipeline.Counts()
        counts.accepted = 3
        counts.duplicates = 2
        counts.merged = 1
        counts.conflicts = 4
        report.add(counts)
        report.skip()
        for reason in [SkipReason.dropped, .sampledOut, .sampledOut, .blank] { report.skip(reason) }
        counts = DecisionPipeline.Counts()
        counts.expired = 5
        report.add(counts)
        for line in 1...12 { report.reject(file: "a", line: line, reason: "broken") }
        #expect(report.read == 3 + 2 + 1 + 4 + 5 + 5 + 12)
        #expect(report.skipped == 10)
        #expect(report.dropped == 1 && report.sampledOut == 2)
        #expect(report.rejected == 12)
        #expect(report.rejects.count == IngestReport.maximumRejects)
    }
}
