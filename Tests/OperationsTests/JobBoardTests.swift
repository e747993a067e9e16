import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

@Suite struct JobBoardTests {
    /// A board of another process on the same store, and what it logs.
    private func other(
        _ store: any DecisionStore, _ session: Session, isGone: Bool = false
    ) -> (board: JobBoard, log: EventLog) {
        let clock = session.clock
        let log = EventLog { clock.now }
        let owner = JobOwner(user: "ada", host: "beta", processID: 812, command: "verdict rebuild")
        let board = JobBoard(
            store: store, owner: owner, log: log, clock: { clock.now }, isGone: { _ in isGone })
        return (board, log)
    }

    /// A session whose rebuild waits, half built.
    private func halfBuilt() async throws -> (
        session: Session, store: FlakyStore, gate: Gate, board: JobBoard
    ) {
        let session = try await Session()
        try await session.fill(60)
        let store = FlakyStore(session.store)
        let gate = Gate()
        store.refusal.withLock { $0.rebuildGate = gate }
        let board = other(store, session).board
        _ = try await board.startRebuild(RebuildRequest(m: 8))
        await gate.waitUntilReached()
        return (session, store, gate, board)
    }

    @Test func `a rebuild runs to its end and tells before and after`() async throws {
        let session = try await Session()
        try await session.fill(300)
        let id = try await session.jobs.startRebuild(RebuildRequest(efConstruction: 150))
        await session.jobs.waitUntilIdle()
        let job = try #require(await session.jobs.summaries().first)
        #expect(job.id == id)
        #expect(job.state == .done)
        #expect(job.owner == nil)
        #expect(job.title == "rebuild ef-construction=150")
        #expect(job.report?.after.recall ?? 0 >= 0.95)
        #expect(try await session.store.statistics().index.efConstruction == 150)
        let said = session.log.snapshot().lines.map(\.message)
        #expect(said.contains("rebuild ef-construction=150 done"))
        #expect(said.contains { $0.hasPrefix("rebuild ef-construction=150 linked ") })
    }

    @Test func `a rebuild is told as that of the person who was named, and stays this process's own`()
        async throws
    {
        let session = try await Session()
        try await session.fill(60)
        _ = try await session.jobs.startRebuild(RebuildRequest(m: 8), by: "cem")
        await session.jobs.waitUntilIdle()
        let told = try await ActivityLog.newest(9, of: session.store).map(\.event)
        #expect(told.map(\.who) == ["cem"] && told.map(\.act) == ["rebuild"])
        #expect(await session.jobs.summaries().map(\.owner) == [nil])
        let (board, _) = other(session.store, session)
        #expect(await board.summaries().first?.owner?.user == "cem")
    }

    @Test func `one job runs at a time and can be cancelled`() async throws {
        let session = try await Session()
        try await session.fill(3_000)
        let id = try await session.jobs.startRebuild(RebuildRequest())
        await #expect(throws: StoreError.self) { try await session.jobs.startRebuild(RebuildRequest()) }
        await session.jobs.cancel(id)
        await session.jobs.waitUntilIdle()
        let state = try #require(await session.jobs.summaries().first).state
        #expect(state != .running && state != .cancelling)
        #expect(await !session.jobs.isBusy)
        #expect(try await session.store.statistics().vectors == 3_000)
    }

    @Test func `another console sees owner and progress, and can neither start nor stop`() async throws {
        let (session, _, gate, board) = try await halfBuilt()
        // Progress arrives at the board from another task; the next beat after it tells of it.
        while await board.summaries().first?.fraction != 0.5 { await Task.yield() }
        session.clock.advance(1)
        await board.beat(1)
        let seen = try #require(await session.jobs.summaries().first)
        #expect(seen.state == .running && seen.title == "rebuild m=8" && seen.phase == "building")
        #expect(seen.fraction == 0.5 && seen.elapsedSeconds == 1)
        #expect(seen.owner?.description == "ada@beta (pid 812)")
        await session.jobs.cancel(1)
        await #expect {
            try await session.jobs.startRebuild(RebuildRequest())
        } throws: {
            "\($0)".contains("a rebuild by ada@beta (pid 812) runs")
        }
        gate.open()
        await board.waitUntilIdle()
        #expect(await session.jobs.summaries().first?.state == .done)
        #expect(await session.jobs.summaries().first?.report != nil)
    }

    @Test func `another process's job can be joined, up to its end`() async throws {
        let (session, _, gate, board) = try await halfBuilt()
        let job = try #require(await session.jobs.othersJob())
        #expect(job.owner?.description == "ada@beta (pid 812)" && job.title == "rebuild m=8")
        let looks = Mutex(0)
        let report = try await session.jobs.join(job.id) {
            // Who waits sees it run at least once; then it is let go on.
            if looks.withLock({ $0 }) == 1 { gate.open() }
            await Task.yield()
        } progress: { summary in
            #expect(summary.isRunning && summary.owner != nil)
            looks.withLock { $0 += 1 }
        }
        await board.waitUntilIdle()
        #expect(looks.withLock { $0 } > 0)
        #expect(await board.summaries().first?.report == report)
        #expect(await session.jobs.othersJob() == nil)
    }

    @Test(arguments: [JobSummary.State.cancelled, .failed("no room"), .done, .running])
    func `a joined job that made nothing ends so for who joined it`(_ state: JobSummary.State) async throws {
        let session = try await leftBehind()
        var job = try #require(try await JobRecord.all(of: session.store).first).job
        job.state = state
        if state == .running {
            session.clock.advance(JobRecord.leaseSeconds)
        } else {
            job.ended = session.clock.now
        }
        try await session.store.write([job.change()])
        let wanted: (StoreError.Code, String) =
            switch state {
            case .cancelled: (.cancelled, "the rebuild m=8 by ada@beta (pid 812) was cancelled there")
            case .failed: (.failed, "failed: no room")
            case .done: (.failed, "what it changed is not told")
            default: (.failed, "nothing is heard of the rebuild m=8 by ada@beta (pid 812) any more")
            }
        let pauses = Mutex(0)
        await #expect {
            try await session.jobs.join(1) { pauses.withLock { $0 += 1 } }
        } throws: { error in
            (error as? StoreError)?.code == wanted.0 && "\(error)".contains(wanted.1)
        }
        // What is told is believed at once, silence only when it lasts.
        #expect(pauses.withLock { $0 } == (state == .running ? JobBoard.looksBeforeOrphaned - 1 : 0))
        await #expect(throws: StoreError.self) { try await session.jobs.join(2) {} }
    }

    @Test func `the end that an owner told before it was gone is seen a moment later`() async throws {
        let session = try await leftBehind()
        let board = other(session.store, session, isGone: true).board
        var job = try #require(try await JobRecord.all(of: session.store).first).job
        job.state = .done
        job.ended = session.clock.now
        job.report = RebuildReport(
            before: IndexQuality(recall: 0.9, p50Microseconds: 40, memoryBytes: 100),
            after: IndexQuality(recall: 1, p50Microseconds: 30, memoryBytes: 90))
        let end = job.change()
        let looks = Mutex(0)
        let report = try await board.join(1) {
            if looks.withLock({ $0 }) == JobBoard.looksBeforeOrphaned - 1 {
                try await session.store.write([end])
            }
        } progress: { _ in
            looks.withLock { $0 += 1 }
        }
        #expect(report == job.report)
    }

    @Test func `who stops waiting leaves the job alone`() async throws {
        let (session, _, gate, board) = try await halfBuilt()
        await #expect(throws: CancellationError.self) {
            try await session.jobs.join(1) { throw CancellationError() }
        }
        gate.open()
        await board.waitUntilIdle()
        #expect(await board.summaries().first?.state == .done)
    }

    @Test func `a job does what is asked when it has the same parameters, or none are asked for`() {
        let job = JobSummary(id: 1, title: "rebuild m=8 pq8", state: .running)
        #expect(RebuildRequest().isDone(by: job))
        #expect(RebuildRequest(m: 8, quantization: "pq8").isDone(by: job))
        #expect(!RebuildRequest(m: 8).isDone(by: job))
    }

    @Test func `progress is recorded once a second at most`() async throws {
        let (session, store, gate, board) = try await halfBuilt()
        for _ in 0..<50 { await board.beat(1) }
        #expect(store.written.withLock { $0.count } == 1)
        for _ in 0..<3 {
            session.clock.advance(1)
            for _ in 0..<50 { await board.beat(1) }
        }
        #expect(store.written.withLock { $0.count } == 4)
        gate.open()
        await board.waitUntilIdle()
        #expect(store.written.withLock { $0.count } == 5)
        session.clock.advance(5)
        await board.beat(1)
        #expect(store.written.withLock { $0.count } == 5)
    }

    /// A session whose store keeps a job of a process that says no more.
    private func leftBehind() async throws -> Session {
        let session = try await Session()
        try await session.fill(5)
        let owner = JobOwner(user: "ada", host: "beta", processID: 812, command: "verdict rebuild")
        let job = JobRecord(
            id: 1, owner: owner, kind: .rebuild, title: "rebuild m=8", started: session.clock.now)
        try await session.store.write([job.change()])
        return session
    }

    @Test func `a job whose process is silent is orphaned, and the next writer ends it once`() async throws {
        let session = try await leftBehind()
        session.clock.advance(JobRecord.leaseSeconds - 1)
        try await session.jobs.endOrphans()
        #expect(await session.jobs.summaries().first?.state == .running)
        session.clock.advance(1)
        #expect(await session.jobs.summaries().first?.state == .orphaned)
        for _ in 0..<2 { try await session.jobs.endOrphans() }
        #expect(await session.jobs.summaries().first?.state == .failed("its process ended"))
        let said = session.log.snapshot().lines.map(\.message)
        #expect(said == ["rebuild m=8 by ada@beta (pid 812): its process ended"])
        #expect(try await session.jobs.startRebuild(RebuildRequest()) == 2)
        await session.jobs.waitUntilIdle()
        #expect(await session.jobs.summaries().map(\.state) == [.done, .failed("its process ended")])
    }

    @Test func `a process known to have ended need not be waited for`() async throws {
        let session = try await leftBehind()
        let (board, log) = other(session.store, session, isGone: true)
        #expect(await board.summaries().first?.state == .orphaned)
        _ = try await board.rebuild(RebuildRequest())
        #expect(log.snapshot().lines.first?.message.contains("its process ended") == true)
    }

    @Test func `a reader looks only`() async throws {
        let session = try await leftBehind()
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.readOnlyReason = "held by pid 812 (verdict rebuild)" }
        let (reader, log) = other(store, session, isGone: true)
        try await reader.endOrphans()
        #expect(await reader.summaries().first?.state == .orphaned)
        await #expect(throws: StoreError.self) { try await reader.startRebuild(RebuildRequest()) }
        #expect(log.snapshot().lines.isEmpty)
        #expect(store.written.withLock { $0.isEmpty })
    }

    @Test func `the last twenty ended jobs are kept`() async throws {
        let session = try await Session()
        try await session.fill(5)
        for _ in 0..<(JobBoard.maximumKept + 3) { _ = try await session.jobs.rebuild(RebuildRequest()) }
        let ids = await session.jobs.summaries().map(\.id)
        #expect(ids == Array((4...JobBoard.maximumKept + 3).reversed()))
        #expect(try await session.store.records(in: JobRecord.collection).count == JobBoard.maximumKept)
    }

    @Test func `a rebuild that cannot be recorded is done and told`() async throws {
        let session = try await Session()
        try await session.fill(30)
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.records = StoreError(.inputOutput, "the disk is full") }
        let (board, log) = other(store, session)
        let report = try await board.rebuild(RebuildRequest())
        #expect(report.after.recall > 0)
        #expect(await board.summaries().map(\.state) == [.done])
        #expect(log.snapshot().lines.count { $0.message.contains("the disk is full") } == 2)
        #expect(await !board.isBusy)
    }

    @Test func `an end that could not be recorded is recorded later, and hinders no other job`() async throws
    {
        let (session, store, gate, board) = try await halfBuilt()
        store.refusal.withLock { $0.records = StoreError(.inputOutput, "the disk is full") }
        gate.open()
        await board.waitUntilIdle()
        #expect(await session.jobs.summaries().map(\.state) == [.running])
        #expect(try await board.startRebuild(RebuildRequest()) == 2)
        await board.waitUntilIdle()
        store.refusal.withLock { $0.records = nil }
        try await board.endOrphans()
        #expect(await session.jobs.summaries().map(\.state) == [.done, .done])
        #expect(await session.jobs.summaries().map(\.id) == [2, 1])
    }

    @Test func `a job that could not be recorded is still the only one that runs`() async throws {
        let session = try await Session()
        try await session.fill(30)
        let store = FlakyStore(session.store)
        let gate = Gate()
        store.refusal.withLock {
            $0.records = StoreError(.inputOutput, "the disk is full")
            $0.rebuildGate = gate
        }
        let board = other(store, session).board
        _ = try await board.startRebuild(RebuildRequest())
        await gate.waitUntilReached()
        await #expect {
            try await board.startRebuild(RebuildRequest())
        } throws: {
            "\($0)".contains("a rebuild is running")
        }
        gate.open()
        await board.waitUntilIdle()
        #expect(await board.summaries().map(\.id) == [1])
    }

    @Test func `a record that cannot be read keeps its number`() async throws {
        let session = try await Session()
        try await session.fill(5)
        try await session.store.write([
            RecordChange(collection: JobRecord.collection, key: "1", value: .string("of a later version"))
        ])
        #expect(try await session.jobs.startRebuild(RebuildRequest()) == 2)
        await session.jobs.waitUntilIdle()
    }

    @Test func `a record is read as it was written, and a damaged one is left out`() async throws {
        let owner = JobOwner(user: "ada", host: "beta", processID: 812, command: "verdict rebuild")
        let time = Timestamp(seconds: 1_700_000_000)
        var job = JobRecord(id: 7, owner: owner, kind: .rebuild, title: "rebuild m=8", started: time)
        job.note(
            RebuildProgress(phase: .verifying, fraction: 0.25, done: 10, total: 40),
            at: time.advanced(bySeconds: 2))
        #expect(JobRecord(json: job.json) == job)
        var strange = job
        strange.phase = "\u{1B}]0;dreaming\u{7}"
        #expect(JobRecord(json: strange.json)?.phase == "")
        job.state = .failed("no room")
        #expect(JobRecord(json: job.json) == nil)
        job.ended = time.advanced(bySeconds: 3)
        job.report = RebuildReport(
            before: IndexQuality(recall: 0.9, p50Microseconds: 40.5, memoryBytes: 100),
            after: IndexQuality(recall: 1, p50Microseconds: 0, memoryBytes: 90))
        #expect(JobRecord(json: job.json) == job)
        job.report?.built = RebuildReport.BuiltGraph(
            nodes: 40, tombstonesDropped: 3, rowsCarriedOver: 2, selfRecall: 0.99)
        #expect(JobRecord(json: job.json) == job)
        job.detail = "linking rows"
        job.report?.server = ServerRebuild(index: "i", m: 24, bytesBefore: 9, bytesAfter: 8, seconds: 1.5)
        #expect(JobRecord(json: job.json) == job)
        job.report?.server?.refusal = "only the owner may"
        #expect(JobRecord(json: job.json) == job)
        let object = try #require(job.json.object)
        let optional: Set = ["ended", "before", "after", "built", "server", "detail"]
        for key in object.members.map(\.key) where !optional.contains(key) {
            var damaged = object
            damaged[key] = .bool(true)
            #expect(JobRecord(json: .object(damaged)) == nil, "\(key)")
        }
        #expect(JobRecord(json: .null) == nil)
        let session = try await Session()
        try await session.store.write(
            [job.key, "8", "x"].map {
                RecordChange(collection: JobRecord.collection, key: $0, value: $0 == "x" ? .null : job.json)
            })
        #expect(await session.jobs.summaries().map(\.id) == [7])
    }
}
