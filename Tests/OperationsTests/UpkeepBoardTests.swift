import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

@Suite struct UpkeepBoardTests {
    private let told = Told()

    private final class Told: Sendable {
        let sentences = Mutex<[String]>([])
    }

    private func board() -> UpkeepBoard {
        UpkeepBoard { [told] sentence in told.sentences.withLock { $0.append(sentence) } }
    }

    private static let full = StoreError(.inputOutput, "the disk is full")

    @Test func `a failure is told once, stands in Health, and goes when the task succeeds`() async throws {
        let session = try await Session()
        let board = board()
        let monitor = session.monitor(upkeep: board)
        func check() async -> HealthCheck? {
            await monitor.refresh()
            return await monitor.snapshot.health.first { $0.name == "upkeep" }
        }
        #expect(await check() == nil)
        session.clock.advance(20)
        let began = session.clock.now
        for _ in 0..<3 {
            await board.attempt("quantization") { throw Self.full }
            await board.attempt("recall") {}
            #expect(
                await check()
                    == HealthCheck(
                        name: "upkeep", status: .degraded, since: began,
                        detail: "quantization: the disk is full"))
            session.clock.advance(5)
        }
        #expect(told.sentences.withLock { $0 } == ["quantization: the disk is full"])
        await board.attempt("quantization") {}
        #expect(await check() == nil)
        await board.attempt("quantization") { throw Self.full }
        #expect(told.sentences.withLock { $0.count } == 2)
    }

    @Test func `tasks that fail stand beside each other, and a cancelled one has not failed`() async {
        let board = board()
        let now = Timestamp(seconds: 1_000)
        await board.attempt("recall") { throw Self.full }
        await board.attempt("jobs") { throw StoreError(.failed, "no record") }
        await board.attempt("quantization") { throw CancellationError() }
        #expect(board.check(at: now)?.detail == "jobs: no record; recall: the disk is full")
        // What was cancelled did not succeed either.
        await board.attempt("recall") { throw StoreError(.cancelled, "stopped") }
        #expect(board.check(at: now)?.detail == "jobs: no record; recall: the disk is full")
        #expect(told.sentences.withLock { $0.count } == 2)
    }
}
