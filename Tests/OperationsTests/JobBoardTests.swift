import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct JobBoardTests {
    @Test func `a rebuild runs to its end and tells before and after`() async throws {
        let session = try await Session()
        try await session.fill(300)
        let id = try await session.jobs.startRebuild(RebuildRequest(efConstruction: 150))
        await session.jobs.waitUntilIdle()
        let job = try #require(await session.jobs.summaries().first)
        #expect(job.id == id)
        #expect(job.state == .done)
        #expect(job.title == "rebuild ef-construction=150")
        #expect(job.report?.after.recall ?? 0 >= 0.95)
        #expect(try await session.store.statistics().index.efConstruction == 150)
        #expect(session.log.snapshot().lines.map(\.message).contains("rebuild ef-construction=150 done"))
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
}
