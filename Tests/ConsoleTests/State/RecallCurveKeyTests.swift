import Operations
import Testing
import VectorStores

@testable import Console

/// Measuring recall against breadth in the Index view.
@Suite struct RecallCurveKeyTests {
    @Test func `the breadth that searches of a large store have is on its recall curve, and marked`() {
        var snapshot = Fixture.snapshot()
        snapshot.statistics.index.ef = 284
        var console = Harness(snapshot: snapshot)
        console.press("7 c")
        #expect(console.questions.last?.0 == .recallCurve(RecallTuner.breadths + [284]))
        console.answer(
            .recallCurve([
                RecallPoint(breadth: 256, recall: 0.95, p50Microseconds: 120),
                RecallPoint(breadth: 284, recall: 0.96, p50Microseconds: 130),
            ]), .recallCurve)
        #expect(console.picture.contains("▸ 284") && !console.picture.contains("▸ 256"))
    }

    @Test func `the recall curve is measured by key and drawn`() {
        var console = Harness(.index)
        console.press("c")
        #expect(console.questions.last?.0 == .recallCurve(RecallTuner.breadths))
        #expect(console.picture.contains("measuring"))
        console.answer(
            .recallCurve([
                RecallPoint(breadth: 64, recall: 0.99, p50Microseconds: 40),
                RecallPoint(breadth: 16, recall: 0.91, p50Microseconds: 18),
            ]), .recallCurve)
        #expect(console.state.index.curve.map(\.breadth) == [16, 64])
        #expect(console.picture.contains("91.0 %"))
    }
}
