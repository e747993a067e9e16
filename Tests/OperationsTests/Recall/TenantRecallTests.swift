import Decisions
import Testing

@testable import Operations

@Suite struct TenantRecallTests {
    private var recall = TenantRecall()
    private var seconds: Int64 = 1_000

    /// Takes samples in, seconds apart.
    private mutating func note(
        _ value: Double, times: Int = 1, _ breadth: RecallSample.Breadth = .usual, exactly: Bool = false,
        apart: Int64 = 10
    ) {
        for _ in 0..<times {
            seconds += apart
            recall.note(
                RecallSample(
                    recall: value, breadth: breadth, isAnsweredExactly: exactly,
                    time: Timestamp(seconds: seconds)))
        }
    }

    private var summary: TenantRecallSummary? { recall.summary(at: Timestamp(seconds: seconds)) }

    @Test mutating func `fifteen bad samples judge nothing, the sixteenth widens`() {
        note(0.5, times: 15)
        #expect(recall.step == .usual)
        // From 16:50 to 19:10, past the hour.
        #expect(summary == TenantRecallSummary(recall: 0.5, samples: 15, minutes: 4))
        #expect(summary?.isJudged == false)
        note(0.5)
        #expect(recall.step == .widened)
        #expect(recall.since == Timestamp(seconds: seconds))
        #expect(summary?.isJudged == true)
    }

    @Test mutating func `a recall at the floor is not below it`() {
        for _ in 0..<16 {
            note(1)
            note(0.9)
        }
        #expect(recall.step == .usual)
        note(0.9)
        #expect(recall.step == .widened)
    }

    @Test mutating func `where widening is enough it stays at that`() {
        note(0.8, times: 16)
        for _ in 0..<40 {
            note(0.8)
            note(1, .wide)
        }
        #expect(recall.step == .widened)
    }

    @Test mutating func `where widening is not enough searches go exact`() {
        note(0.8, times: 16)
        note(0.9, times: 15, .wide)
        #expect(recall.step == .widened)
        note(0.9, .wide)
        #expect(recall.step == .exact)
        #expect(recall.since == Timestamp(seconds: seconds - 160))
    }

    @Test(arguments: [0, 16])
    mutating func `sixteen good samples lead back, and what was before is forgotten`(_ wide: Int) {
        note(0, times: 30)
        note(0, times: wide, .wide)
        note(1, times: 15)
        #expect(recall.step == (wide == 0 ? .widened : .exact))
        note(1)
        #expect(recall.step == .usual)
        #expect(recall.since == nil)
        #expect(summary == TenantRecallSummary(recall: 1, samples: 16, minutes: 4))
        note(1)
        #expect(recall.step == .usual)
    }

    @Test mutating func `good samples from before the trouble do not end it`() {
        note(1, times: 40)
        note(0, times: 4)
        #expect(recall.step == .widened)
        note(1, times: 15)
        #expect(recall.step == .widened)
        note(1)
        #expect(recall.step == .usual)
    }

    @Test mutating func `all samples of the last hour count, however many`() {
        seconds = 6_000
        // Two hours, a sample a second.
        note(1, times: 3_600, apart: 1)
        note(0.975, times: 3_600, apart: 1)
        // In the minute that has just begun there is one.
        #expect(summary?.samples == 59 * 60 + 1 && summary?.minutes == 60)
        #expect(summary.map { abs($0.recall - 0.975) < 1e-9 } == true)
        note(1, times: 1_770, apart: 1)
        #expect(summary.map { abs($0.recall - 0.9875) < 1e-3 } == true)
        // What it is judged by are the newest.
        #expect(recall.judged(at: Timestamp(seconds: seconds)).map { $0 == (1, 64) } == true)
        seconds += 59 * 60
        #expect(summary?.samples == 31 && summary?.minutes == 60)
        seconds += 60
        #expect(summary == nil)
        // The newest still count, until they say nothing of now.
        #expect(recall.judged(at: Timestamp(seconds: seconds)).map { $0 == (1, 16) } == true)
        seconds += 6 * 3_600
        #expect(recall.judged(at: Timestamp(seconds: seconds)) == nil)
        note(0.5, times: 15)
        #expect(recall.step == .usual)
    }

    @Test(arguments: [325, 650] as [Int64])
    mutating func `a tenant among many, seldom sampled, comes into trouble all the same`(apart: Int64) {
        note(1, times: 40, apart: apart)
        #expect(recall.judged(at: Timestamp(seconds: seconds)).map { $0 == (1, 16) } == true)
        #expect(summary.map { $0.samples < RecallGuard.leastSamples } == true)
        note(0.8, times: 4, apart: apart)
        #expect(recall.step == .usual, "15.2 of 16")
        note(0.8, apart: apart)
        #expect(recall.step == .widened)
        #expect(recall.since == Timestamp(seconds: seconds))
    }

    @Test mutating func `a clock that is set back leaves what is newer`() {
        seconds = 100_000
        note(0, times: 5)
        seconds -= 7_200
        note(1, times: 3, apart: 1)
        #expect(summary == TenantRecallSummary(recall: 1, samples: 3, minutes: 1))
    }

    @Test mutating func `a tenant that is seldom sampled is judged by as many as any other`() {
        note(0, times: 16)
        note(0, times: 40, apart: 640)
        #expect(recall.step == .widened)
        note(0, times: 16, .wide, apart: 640)
        #expect(recall.step == .exact)
        note(1, times: 15, apart: 640)
        #expect(recall.step == .exact)
        note(1, apart: 640)
        #expect(recall.step == .usual)
    }

    @Test mutating func `what the store answers exactly by itself is nothing to guard`() {
        note(0.5, times: 40, exactly: true)
        #expect(recall.step == .usual)
        #expect(summary?.recall == 0.5)
        note(0.5)
        #expect(recall.step == .widened)
        note(0.5, exactly: true)
        #expect(recall.step == .usual)
    }
}
