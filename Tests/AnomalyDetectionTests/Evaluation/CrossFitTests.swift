import Decisions
import Testing

@testable import AnomalyDetection

@Suite struct CrossFitTests {
    private static func events(_ count: Int, attackEvery period: Int = 7) -> [EvaluationEvent] {
        var traffic = Traffic(seed: 3)
        return traffic.next(count).enumerated().map { index, decision in
            EvaluationEvent(decision: decision, incident: index % period == 3 ? "attack-\(index)" : nil)
        }
    }

    @Test(arguments: [1, 5, 6, 7, 11, 12, 100, 2_900])
    func `every event is in the part that its place says`(count: Int) {
        for index in 0..<count {
            let ranges = (0..<CrossFit.folds).map { CrossFit.range(ofFold: $0, count: count) }
            #expect(ranges.firstIndex { $0.contains(index) } == index * CrossFit.folds / count)
        }
    }

    @Test func `each part is judged by what is benign in all others, in order`() {
        let events = Self.events(50)
        let parts = CrossFit(events).parts
        #expect(parts.count == 6)
        #expect(parts.flatMap { Array($0.judged) } == events)
        for part in parts {
            let judged = Set(part.judged.map(\.decision.id))
            #expect(
                part.past == events.filter { $0.incident == nil && !judged.contains($0.decision.id) })
        }
    }

    @Test func `few events make few parts, and none make none`() {
        #expect(CrossFit([]).parts.isEmpty)
        let one = CrossFit(Self.events(1)).parts
        #expect(one.count == 1 && one[0].judged.count == 1 && one[0].past.isEmpty)
        #expect(CrossFit(Self.events(4)).parts.count == 4)
    }
}

@Suite struct JudgementTests {
    private typealias Judgement = DetectionEvaluation.Judgement

    @Test func `figures are shares of what was judged`() {
        let evaluation = DetectionEvaluation([
            Judgement(score: 0.9, isFlagged: true, incident: "a"),
            Judgement(score: 0.4, isFlagged: false, incident: "a"),
            Judgement(score: 0.2, isFlagged: false, incident: "b"),
            Judgement(score: 0.8, isFlagged: true, incident: nil),
            Judgement(score: 0.3, isFlagged: false, incident: nil),
            Judgement(score: 0.3, isFlagged: false, isLearning: true, incident: nil),
            Judgement(score: 0.1, isFlagged: false, incident: nil),
        ])
        // Of twelve pairs the attack is above in 4, 3 and 1.
        #expect(evaluation.ranking.areaUnderCurve == 8.0 / 12)
        #expect(evaluation.falsePositiveRate == 0.25)
        #expect(evaluation.recall == 1.0 / 3)
        #expect(evaluation.incidentsOpened == 0.5)
        #expect(evaluation.attacks == 3 && evaluation.benign == 4)
        #expect(evaluation.incidents == 2 && evaluation.learning == 1)
    }

    @Test func `the first share of events is past only`() {
        #expect(DetectionEvaluation.warmUp(of: 16_589, share: 0.2) == 3_317)
        #expect(DetectionEvaluation.warmUp(of: 2_900, share: 0.1) == 290)
        #expect(DetectionEvaluation.warmUp(of: 10, share: 0) == 0)
        #expect(DetectionEvaluation.warmUp(of: 10, share: 2) == 10)
    }
}
