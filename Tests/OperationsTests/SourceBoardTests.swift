import Decisions
import Locks
import Testing
import VectorStores

@testable import Operations

/// A clock that tests move by hand.
final class HandClock: Sendable {
    private let seconds: Mutex<Int64>

    init(_ start: Int64) { seconds = Mutex(start) }

    var now: Timestamp { Timestamp(seconds: seconds.withLock { $0 }) }

    func advance(_ delta: Int64) { seconds.withLock { $0 += delta } }
}

@Suite struct SourceBoardTests {
    @Test func `a source counts what came and says its rate and lag`() throws {
        let clock = HandClock(1_000)
        let board = SourceBoard { clock.now }
        board.begin("audit.log", following: true)
        board.note(
            "audit.log", accepted: 50, rejected: 2, lastEvent: Timestamp(seconds: 990), lastReject: "line 3")
        clock.advance(5)
        let source = try #require(board.summaries(elapsedSeconds: 5).first)
        #expect(source.accepted == 50)
        #expect(source.rejected == 2)
        #expect(source.ratePerSecond == 10)
        #expect(source.lagSeconds == 15)
        #expect(source.lastReject == "line 3")
        #expect(source.state == .following)
        #expect(board.summaries(elapsedSeconds: 1).first?.ratePerSecond == 0)
    }

    @Test func `a followed source is silent when it is quiet for longer than usual`() {
        let clock = HandClock(0)
        let board = SourceBoard { clock.now }
        board.begin("a", following: true)
        for _ in 0..<30 {
            clock.advance(30)
            board.note("a", accepted: 1, rejected: 0, lastEvent: clock.now)
        }
        #expect(board.summaries(elapsedSeconds: 1).first?.state == .following)
        clock.advance(89)
        #expect(board.summaries(elapsedSeconds: 1).first?.state == .following)
        clock.advance(2)
        #expect(board.summaries(elapsedSeconds: 1).first?.state == .silent)
        board.note("a", accepted: 1, rejected: 0, lastEvent: clock.now)
        #expect(board.summaries(elapsedSeconds: 1).first?.state == .following)
    }

    @Test func `what rules leave out is heard, and counted apart`() {
        let clock = HandClock(0)
        let board = SourceBoard { clock.now }
        board.begin("a", following: true)
        for _ in 0..<30 {
            clock.advance(30)
            board.note("a", accepted: 0, rejected: 0, leftOut: 2, lastEvent: nil)
        }
        let source = board.summaries(elapsedSeconds: 1).first
        #expect(source?.state == .following)
        #expect(source?.accepted == 0 && source?.leftOut == 60)
        clock.advance(91)
        #expect(board.summaries(elapsedSeconds: 1).first?.state == .silent)
    }

    @Test func `an outage is not learned as usual`() {
        let clock = HandClock(0)
        let board = SourceBoard { clock.now }
        board.begin("a", following: true)
        func state() -> SourceSummary.State? { board.summaries(elapsedSeconds: 1).first?.state }
        for _ in 0..<30 {
            clock.advance(30)
            board.note("a", accepted: 1, rejected: 0, lastEvent: clock.now)
        }
        clock.advance(3_600)
        board.note("a", accepted: 1, rejected: 0, lastEvent: clock.now)
        #expect(state() == .following)
        clock.advance(91)
        #expect(state() == .silent)
    }

    @Test func `a source that is read again after a failure is not silent at once`() {
        let clock = HandClock(0)
        let board = SourceBoard { clock.now }
        board.begin("a", following: true)
        clock.advance(10)
        board.end("a", failure: "no permission")
        clock.advance(10_000)
        board.begin("a", following: true)
        #expect(board.summaries(elapsedSeconds: 1).first?.state == .following)
    }

    @Test func `late ones, clocks that differ and gaps are counted and told for a while`() throws {
        let clock = HandClock(100_000)
        let board = SourceBoard { clock.now }
        board.begin("a", following: true)
        func source() throws -> SourceSummary { try #require(board.summaries(elapsedSeconds: 1).first) }
        let gap = LogGap(from: Timestamp(seconds: 90_000), to: Timestamp(seconds: 95_000))
        var order = FollowedLane.Order()
        order.late = 2
        board.note("a", order: order)
        #expect(try source().late == 2)
        #expect(try source().check(at: clock.now) == nil)
        order.ahead = 1
        order.aheadSeconds = 300
        order.gaps = [gap]
        board.note("a", order: order)
        #expect(try source().late == 4 && source().ahead == 1 && source().lastGap == gap)
        #expect(try source().check(at: clock.now)?.detail.contains("up to 300 s later") == true)
        clock.advance(SourceSummary.aheadToldSeconds)
        board.note("a", accepted: 1, rejected: 0, lastEvent: clock.now)
        #expect(try source().check(at: clock.now)?.detail.contains("holds nothing between") == true)
        clock.advance(SourceSummary.gapToldSeconds)
        #expect(try source().state == .silent)
        board.note("a", accepted: 1, rejected: 0, lastEvent: clock.now)
        #expect(try source().check(at: clock.now) == nil)
    }

    @Test func `nothing is silent before its usual gap is learned`() {
        let clock = HandClock(0)
        let board = SourceBoard { clock.now }
        board.begin("a", following: true)
        clock.advance(SourceBoard.learningSeconds - 1)
        #expect(board.summaries(elapsedSeconds: 1).first?.state == .following)
        clock.advance(2)
        #expect(board.summaries(elapsedSeconds: 1).first?.state == .silent)
    }

    @Test func `a file that was read once is done and never silent`() {
        let clock = HandClock(0)
        let board = SourceBoard { clock.now }
        board.begin("a", following: false)
        board.end("a")
        clock.advance(100_000)
        #expect(board.summaries(elapsedSeconds: 1).first?.state == .done)
        board.begin("b", following: false)
        board.end("b", failure: "no permission")
        #expect(board.summaries(elapsedSeconds: 1).last?.state == .failed)
    }
}
