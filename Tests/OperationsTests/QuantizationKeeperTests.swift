import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

@Suite struct QuantizationKeeperTests {
    private func keeper(
        _ session: Session, of store: (any DecisionStore)? = nil, choosing choice: QuantizationChoice? = nil
    ) -> (keeper: QuantizationKeeper, jobs: JobBoard) {
        let clock = session.clock
        let store = store ?? session.store
        let jobs = JobBoard(
            store: store,
            owner: JobOwner(user: "kim", host: "alpha", processID: 1, command: "verdict console"),
            log: session.log, clock: { clock.now })
        return (QuantizationKeeper(store: store, jobs: jobs, choosing: choice), jobs)
    }

    /// A session whose rebuild to what was chosen waits, half built.
    private func halfBuilt() async throws -> (
        session: Session, store: FlakyStore, keeper: QuantizationKeeper, jobs: JobBoard, gate: Gate,
        work: Task<Void, any Error>
    ) {
        let session = try await Session()
        try await session.fill(120)
        let store = FlakyStore(session.store)
        let gate = Gate()
        store.refusal.withLock { $0.rebuildGate = gate }
        let (keeper, jobs) = keeper(session, of: store)
        try await keeper.choose("sq4")
        let work = Task { try await keeper.keepUp() }
        await gate.waitUntilReached()
        return (session, store, keeper, jobs, gate, work)
    }

    @Test func `what was chosen is made by a job, once there are decisions`() async throws {
        let session = try await Session()
        let (keeper, jobs) = keeper(session)
        try await keeper.keepUp()
        try await keeper.choose("sq4")
        try await keeper.keepUp()
        #expect(await jobs.summaries().isEmpty)
        try await session.fill(120)
        try await keeper.keepUp()
        let job = try #require(await jobs.summaries().first)
        #expect(job.title == "rebuild sq4" && job.state == .done && job.report != nil)
        #expect(try await session.store.statistics().index.quantization == "sq4")
        #expect(try await QuantizationKeeper.setting(of: session.store) == QuantizationSetting("sq4"))
        try await keeper.keepUp()
        #expect(await jobs.summaries().count == 1)
        // And back.
        try await keeper.choose("none")
        try await keeper.keepUp()
        #expect(try await session.store.statistics().index.quantization == "none")
        #expect(await jobs.summaries().map(\.title) == ["rebuild none", "rebuild sq4"])
    }

    @Test func `what needs training waits for its vectors`() async throws {
        let session = try await Session()
        try await session.fill(120)
        let (keeper, jobs) = keeper(session)
        try await keeper.choose("pq8")
        try await keeper.keepUp()
        #expect(await jobs.summaries().isEmpty)
        #expect(try await session.store.statistics().index.quantization == "none")
        // A rebuild by hand takes the vectors there are, and is the choice from then on.
        _ = try await jobs.rebuild(RebuildRequest(quantization: "sq8"))
        #expect(try await QuantizationKeeper.setting(of: session.store)?.name == "sq8")
        try await keeper.keepUp()
        #expect(await jobs.summaries().count == 1)
    }

    @Test func `the job is recorded while it runs, and a person's cancel is not taken back`() async throws {
        let (session, store, keeper, jobs, gate, work) = try await halfBuilt()
        let job = try #require(await session.jobs.summaries().first)
        #expect(job.title == "rebuild sq4" && job.state == .running)
        #expect(try await QuantizationKeeper.setting(of: store)?.job == job.id)
        // Somebody else who looks meanwhile starts nothing.
        try await self.keeper(session).keeper.keepUp()
        await jobs.cancel(job.id)
        gate.open()
        await #expect(throws: StoreError.self) { try await work.value }
        #expect(try await QuantizationKeeper.setting(of: store)?.outcome == .cancelled)
        try await keeper.keepUp()
        try await self.keeper(session).keeper.keepUp()
        try await keeper.choose("sq4")
        try await keeper.keepUp()
        #expect(await jobs.summaries().count == 1)
        // Chosen anew, after another one, it is tried again.
        try await keeper.choose("none")
        try await keeper.choose("sq4")
        try await keeper.keepUp()
        #expect(await jobs.summaries().first?.state == .done)
    }

    @Test func `what the end of a session stopped goes on in the next one`() async throws {
        let (session, store, _, jobs, gate, work) = try await halfBuilt()
        work.cancel()
        gate.open()
        await #expect(throws: StoreError.self) { try await work.value }
        #expect(await jobs.summaries().first?.state == .cancelled)
        #expect(try await QuantizationKeeper.setting(of: store) == QuantizationSetting("sq4"))
        try await self.keeper(session).keeper.keepUp()
        #expect(try await session.store.statistics().index.quantization == "sq4")
    }

    @Test func `a failure is told once and not repeated`() async throws {
        let (session, store, keeper, jobs, gate, work) = try await halfBuilt()
        store.refusal.withLock { $0.rebuilds = StoreError(.inputOutput, "the disk is full") }
        gate.open()
        await #expect(throws: StoreError.self) { try await work.value }
        let check = try #require(try await store.health().first { $0.name == "quantization" })
        #expect(check.status == .degraded && check.detail.contains("the disk is full"))
        store.refusal.withLock { $0.rebuilds = nil }
        try await keeper.keepUp()
        try await self.keeper(session).keeper.keepUp()
        #expect(await jobs.summaries().count == 1)
        _ = try await jobs.rebuild(RebuildRequest(quantization: "sq4"))
        #expect(try await store.health().first { $0.name == "quantization" }?.detail == "sq4 in use")
    }

    @Test func `a failure that cannot be recorded is not repeated either`() async throws {
        let (_, store, keeper, jobs, gate, work) = try await halfBuilt()
        let full = StoreError(.inputOutput, "the disk is full")
        store.refusal.withLock {
            $0.rebuilds = full
            $0.records = full
        }
        gate.open()
        await #expect(throws: StoreError.self) { try await work.value }
        store.refusal.withLock { $0.records = nil }
        try await keeper.keepUp()
        #expect(await jobs.summaries().count == 1)
    }

    @Test func `a job whose process ended is told and not tried again`() async throws {
        let session = try await Session()
        try await session.fill(60)
        let (keeper, jobs) = keeper(session)
        var setting = try #require(QuantizationSetting("sq4"))
        setting.job = 7
        try await session.store.write([setting.change()])
        try await keeper.keepUp()
        #expect(await jobs.summaries().isEmpty)
        #expect(
            try await QuantizationKeeper.setting(of: session.store)?.outcome == .failed("its process ended"))
    }

    @Test func `a choice that could not be kept is kept as soon as it can`() async throws {
        let session = try await Session()
        try await session.fill(60)
        let store = FlakyStore(session.store)
        let keeper = keeper(session, of: store, choosing: QuantizationChoice("sq4", isAskedHere: false))
            .keeper
        store.refusal.withLock { $0.records = StoreError(.inputOutput, "the disk is full") }
        for _ in 0..<2 { await #expect(throws: StoreError.self) { try await keeper.keepUp() } }
        #expect(try await QuantizationKeeper.setting(of: store) == nil)
        store.refusal.withLock { $0.records = nil }
        try await keeper.keepUp()
        #expect(try await store.statistics().index.quantization == "sq4")
        // Once it is kept it is the store's, and what is chosen later stays.
        try await self.keeper(session).keeper.choose("none")
        try await keeper.keepUp()
        #expect(try await QuantizationKeeper.setting(of: store)?.name == "none")
    }

    @Test func `a reader is told only of what it was asked for itself and the store is not to have`()
        async throws
    {
        let session = try await Session()
        try await session.fill(60)
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.readOnlyReason = "held by pid 812 (verdict ingest)" }
        func keepUp(_ name: String, isAskedHere: Bool) async throws {
            let choice = QuantizationChoice(name, isAskedHere: isAskedHere)
            try await keeper(session, of: store, choosing: choice).keeper.keepUp()
        }
        try await keepUp("sq8", isAskedHere: false)
        try await keepUp("none", isAskedHere: true)
        let error = await #expect(throws: StoreError.self) { try await keepUp("sq8", isAskedHere: true) }
        #expect(
            error?.description
                == "the quantization is the writer's to choose: held by pid 812 (verdict ingest)")
        try await keeper(session).keeper.choose("sq8")
        try await keepUp("sq8", isAskedHere: true)
        await #expect(throws: StoreError.self) { try await keepUp("none", isAskedHere: true) }
    }

    @Test func `a reader chooses and starts nothing`() async throws {
        let session = try await Session()
        try await session.fill(60)
        try await keeper(session).keeper.choose("sq4")
        let store = FlakyStore(session.store)
        store.refusal.withLock { $0.readOnlyReason = "held by pid 812 (verdict ingest)" }
        let (keeper, jobs) = keeper(session, of: store)
        try await keeper.keepUp()
        #expect(await jobs.summaries().isEmpty)
        await #expect(throws: StoreError.self) { try await keeper.choose("pq8") }
        await #expect(throws: StoreError.self) { try await self.keeper(session).keeper.choose("pq9") }
    }
}
