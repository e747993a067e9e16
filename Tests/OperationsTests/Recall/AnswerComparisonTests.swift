import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct AnswerComparisonTests {
    private func results(_ rows: [(id: String, similarity: Float)]) -> [SearchResult] {
        rows.map { row in
            let decision = Session.decision(1, id: row.id)
            return SearchResult(
                stored: StoredDecision(
                    decision: decision, embedding: DecisionEmbedder().embed(decision), storedID: row.id),
                similarity: row.similarity)
        }
    }

    private func comparison(
        _ walked: [(id: String, similarity: Float)], _ exact: [(id: String, similarity: Float)]
    ) -> AnswerComparison {
        AnswerComparison(of: results(walked), with: results(exact))
    }

    @Test func `what the walk did not give is missed`() {
        let answer = comparison([("a", 0.9), ("c", 0.7), ("d", 0.6)], [("a", 0.9), ("b", 0.8), ("c", 0.7)])
        #expect(answer.standings == [.found(0), .missed, .found(1)])
        #expect(answer.extras == [2])
        #expect(answer.found == 2)
        #expect(answer.recall == 2.0 / 3)
    }

    @Test func `another row as near counts as found, up to the tolerance`() {
        let near = comparison([("a", 0.9), ("x", 0.8 - 5e-7)], [("a", 0.9), ("b", 0.8)])
        #expect(near.standings == [.found(0), .tied(1)])
        #expect(near.recall == 1)
        let far = comparison([("a", 0.9), ("x", 0.8 - 5e-6)], [("a", 0.9), ("b", 0.8)])
        #expect(far.standings == [.found(0), .missed])
        #expect(far.extras == [1])
    }

    @Test func `one row stands for one other at most`() {
        let answer = comparison([("x", 0.8)], [("a", 0.8), ("b", 0.8)])
        #expect(answer.standings == [.tied(0), .missed])
        #expect(answer.recall == 0.5)
    }

    @Test func `a nearer row stored in between takes the place of the last`() {
        let answer = comparison([("new", 0.95), ("a", 0.9)], [("a", 0.9), ("b", 0.8)])
        #expect(answer.standings == [.found(1), .tied(0)])
        #expect(answer.extras.isEmpty)
    }

    @Test func `where nothing is to be found there is no recall`() {
        #expect(comparison([], []).recall == nil)
        #expect(comparison([], [("a", 1)]).recall == 0)
    }

    @Test func `the probe counts the ten nearest`() {
        func answer(_ count: Int) -> SearchAnswer {
            SearchAnswer(
                strategy: .graph, exact: false, scanned: 0, elapsedMicroseconds: 1,
                results: results((0..<count).map { ("r\($0)", 1 - Float($0) / 100) }))
        }
        #expect(RecallProbe.recall(of: answer(10), against: answer(12)) == 1)
        #expect(RecallProbe.recall(of: answer(6), against: answer(12)) == 0.6)
        #expect(RecallProbe.recall(of: answer(0), against: answer(0)) == nil)
    }
}
