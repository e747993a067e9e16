import AnomalyDetection
import DecisionLogs
import Decisions
import Synchronization
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
        for line in 1...12 { report.reject(file: "a", line: line, reason: "broken") }
        #expect(report.read == 3 + 2 + 1 + 4 + 1 + 12)
        #expect(report.rejected == 12)
        #expect(report.rejects.count == IngestReport.maximumRejects)
    }
}
