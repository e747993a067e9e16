import AnomalyDetection
import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

/// What becomes of recorded decisions that a store does not take.
@Suite struct EmbeddingWorkerTests {
    private static let full = StoreError(.inputOutput, "the disk is full")

    private final class Pauses: Sendable {
        let taken = Mutex<[Duration]>([])
        /// Pauses that are no wait for decisions.
        var long: [Duration] { taken.withLock { $0.filter { $0 >= .milliseconds(500) } } }
    }

    private func worker(
        _ recorder: DecisionRecorder, into store: FlakyStore, _ session: Session,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) -> EmbeddingWorker {
        EmbeddingWorker(
            recorder: recorder, pipeline: DecisionPipeline(store: store, detection: session.detection),
            log: session.log, sleep: pause)
    }

    @Test func `a batch that the store refuses is held and stored once it takes it`() async throws {
        let session = try await Session()
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.inserts = Self.full }
        let recorder = DecisionRecorder(capacity: 300)
        for number in 0..<300 { recorder.record(Session.decision(number)) }
        let pauses = Pauses()
        let held = Mutex<[Int]>([])
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let shared = Mutex<WorkerProgress?>(nil)
        let worker = worker(recorder, into: store, session) { pause in
            pauses.taken.withLock { $0.append(pause) }
            guard pause >= .milliseconds(500) else {
                end.finish()
                try Task.checkCancellation()
                return await Task.yield()
            }
            held.withLock { $0.append(shared.withLock { $0?.current.held ?? -1 }) }
            if pauses.long.count == 3 {
                // Meanwhile the recorder is full and drops what is too much.
                for number in 300..<700 { recorder.record(Session.decision(number)) }
            }
            if pauses.long.count == 9 { store.refusal.withLock { $0.inserts = nil } }
        }
        shared.withLock { $0 = worker.progress }
        #expect(worker.progress.current.running == 0)
        let task = Task { await worker.run() }
        for await _ in ended {}
        #expect(worker.progress.current.running == 1)
        task.cancel()
        await task.value
        #expect(worker.progress.current.running == 0)
        let seconds = [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
        #expect(pauses.long == seconds.map { Duration.milliseconds(Int($0 * 1_000)) })
        #expect(held.withLock { $0 } == Array(repeating: 300, count: 9))
        #expect(recorder.dropped == 100 && recorder.pending == 0)
        #expect(try await session.store.statistics().vectors == 600)
        let progress = worker.progress.current
        #expect(progress.carried == 600 && progress.held == 0 && progress.lost == 0 && progress.reason == nil)
        let lines = session.log.snapshot().lines
        #expect(lines.map(\.level) == [.warning, .info])
        #expect(lines.first?.message == "300 decisions wait, and are tried again: the disk is full")
    }

    @Test func `what cannot be stored when the worker ends is counted and told`() async throws {
        let session = try await Session()
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.inserts = Self.full }
        let recorder = DecisionRecorder(capacity: 1_000)
        for number in 0..<700 { recorder.record(Session.decision(number)) }
        let worker = worker(recorder, into: store, session) { _ in try Task.checkCancellation() }
        let (cancelled, _) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for await _ in cancelled {}
            await worker.run()
        }
        task.cancel()
        await task.value
        #expect(worker.progress.current.lost == 700 && recorder.pending == 0)
        let lines = session.log.snapshot().lines.map(\.message)
        #expect(
            lines == [
                "512 of 512 decisions could not be stored: the disk is full",
                "188 of 188 decisions could not be stored: the disk is full",
            ])
    }

    @Test func `what a store will never take is given up, and is not asked about for ever`() async throws {
        let session = try await Session()
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.inserts = StoreError(.unsupported, "no decisions go in here") }
        let recorder = DecisionRecorder(capacity: 10)
        for number in 0..<5 { recorder.record(Session.decision(number)) }
        let pauses = Pauses()
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let worker = worker(recorder, into: store, session) { pause in
            pauses.taken.withLock { $0.append(pause) }
            // It pauses where nothing is left to carry.
            end.finish()
            await Task.yield()
        }
        let task = Task { await worker.run() }
        for await _ in ended {}
        task.cancel()
        await task.value
        #expect(pauses.long.isEmpty)
        #expect(worker.progress.current.lost == 5)
        #expect(
            session.log.snapshot().lines.map(\.message) == [
                "5 of 5 decisions could not be stored: no decisions go in here"
            ])
    }

    @Test func `Health tells what recorders hold, drop and leave out`() async throws {
        let session = try await Session()
        let recorders = RecorderBoard()
        let recorder = DecisionRecorder(capacity: 2)
        let progress = WorkerProgress()
        recorders.watch(recorder, progress, as: "live traffic")
        func check() throws -> HealthCheck { try #require(recorders.checks(at: session.clock.now).first) }
        recorder.record(Session.decision(1))
        #expect(try check().name == "recorder live traffic")
        #expect(try check().status == .ok)
        #expect(try check().detail == "1 of 2 wait; 1 taken; none dropped")
        for number in 2..<5 { recorder.record(Session.decision(number)) }
        #expect(try check().status == .degraded)
        #expect(try check().detail == "2 of 2 wait; 2 taken; 2 dropped because it was full")
        session.clock.advance(RecorderBoard.memorySeconds)
        #expect(try check().status == .ok)
        recorder.policy = RecordingPolicy(.off)
        recorder.record(Session.decision(9))
        progress.hold(512, because: "the disk is full")
        #expect(try check().status == .degraded)
        #expect(
            try check().detail == "514 of 2 wait; 2 taken; 2 dropped because it was full; "
                + "1 left out by the recording mode; last problem: the disk is full")
        progress.lose(512, because: "the disk is full")
        #expect(try check().detail.contains("512 refused by the store"))
        let clock = session.clock
        let monitor = StoreMonitor(
            builder: SnapshotBuilder(storeName: "test", access: .operate, clock: { clock.now }),
            sources: StoreMonitor.Sources(
                store: session.store, detection: session.detection, jobs: session.jobs, meter: session.meter,
                log: session.log, board: session.board, recorders: recorders))
        await monitor.refresh()
        #expect(await monitor.snapshot.health.contains { $0.name == "recorder live traffic" })
    }
}
