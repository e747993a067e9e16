import Testing
import VectorIndex

@Suite struct HNSWIndexTests {
    let configuration = IndexConfiguration(dimension: TestVectors.dimension)

    @Test func `an empty index finds nothing`() throws {
        let index = try HNSWIndex(configuration)
        let query = TestVectors.decisions(1)[0]
        let outcome = try index.search(counts: query.span, scale: 1)
        #expect(outcome.hits.isEmpty)
        #expect(outcome.isExact)
        #expect(index.count == 0)
    }

    @Test(arguments: [0, 50, 90, 99])
    func `the graph finds the nearest rows whatever the share of duplicates`(duplicates: Int) throws {
        var pair = try IndexedPair(configuration)
        for (row, vector) in TestVectors.decisions(1_500, duplicates: duplicates).enumerated() {
            try pair.insert(vector, row: row)
        }
        let queries = TestVectors.decisions(40, seed: 99)
        #expect(try pair.recall(queries, options: SearchOptions(strategy: .graph)) >= 0.95)
        #expect(try pair.recall(queries, options: SearchOptions(strategy: .exact)) == 1)
    }

    @Test func `rows of equal score come in row order`() throws {
        var pair = try IndexedPair(configuration)
        let vector = TestVectors.decisions(1)[0]
        for row in [5, 3, 9, 1] { try pair.insert(vector, row: row) }
        let outcome = try pair.index.search(counts: vector.span, scale: 1)
        #expect(outcome.hits.map(\.row.rawValue) == [1, 3, 5, 9])
        #expect(outcome.hits.allSatisfy { abs($0.score - 1) < 1e-6 })
    }

    /// Also of a tenant whose rows lie among those of many others.
    @Test(arguments: [(rows: 600, choices: 5, tenants: 3), (3_000, 40, 25)])
    func `novelty is measured against what was there before`(
        rows: Int, choices: Int, tenants: Int
    ) throws {
        var pair = try IndexedPair(configuration)
        var generator = SeededGenerator(seed: 3)
        for row in 0..<rows {
            let vector = TestVectors.decision(&generator, choices: choices)
            let partition = row % tenants
            let before = pair.oracle.search(
                TestVectors.floats(vector), count: 10, partition: Partition(rawValue: UInt32(partition)))
            let novelty = try pair.insert(vector, row: row, partition: partition)
            let expected = before.reduce(0) { $0 + $1.score } / 10
            #expect(abs(novelty.meanSimilarity - expected) < 0.01)
            #expect(novelty.multiplicityBefore == before.count { $0.score > 1 - 1e-6 } || before.count == 10)
            if let nearest = before.first { #expect(abs(novelty.nearestSimilarity - nearest.score) < 0.02) }
        }
    }
}
