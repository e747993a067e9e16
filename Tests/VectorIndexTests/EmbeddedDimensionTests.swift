import Testing
import VectorIndex

/// The gates of recall with as many dimensions as embedded decisions have.
@Suite struct EmbeddedDimensionTests {
    private static let dimension = TestVectors.embeddedDimension
    private static let floor = 0.95
    private let walked = SearchOptions(strategy: .graph)

    private func decisions(_ count: Int, duplicates: Int = 0, seed: UInt64 = 7) -> [[Int8]] {
        TestVectors.decisions(count, duplicates: duplicates, seed: seed, dimension: Self.dimension)
    }

    private func filled(_ vectors: [[Int8]], element: VectorElement = .counts) throws -> IndexedPair {
        var pair = try IndexedPair(IndexConfiguration(dimension: Self.dimension, element: element))
        for (row, vector) in vectors.enumerated() { try pair.insert(vector, row: row) }
        return pair
    }

    @Test(arguments: [0, 50, 90, 99])
    func `repeating decisions are found, after deletes and after a rebuild too`(duplicates: Int) throws {
        var pair = try filled(decisions(1_200, duplicates: duplicates))
        let queries = decisions(30, seed: 3)
        #expect(try pair.recall(queries, options: walked) >= Self.floor)
        for row in stride(from: 0, to: 1_200, by: 2) { _ = pair.remove(row) }
        #expect(try pair.recall(queries, options: walked) >= Self.floor)
        try pair.index.rebuild(threads: 2)
        #expect(try pair.recall(queries, options: walked) >= Self.floor)
        #expect(pair.index.checkInvariants() == [])
    }

    @Test(arguments: DataShape.allCases, VectorElement.allCases)
    func `misleading data is found as counts and as floats`(shape: DataShape, element: VectorElement) throws {
        let pair = try filled(shape.vectors(800, seed: 1, dimension: Self.dimension), element: element)
        let queries = shape.vectors(30, seed: 2, dimension: Self.dimension)
        #expect(try pair.recall(queries, options: walked) >= Self.floor)
        try pair.index.rebuild(threads: 2)
        #expect(try pair.recall(queries, options: walked) >= Self.floor)
    }

    @Test(arguments: [Quantization.sq8, .sq4, .pq4, .pq8, .pq16], VectorElement.allCases)
    func `smaller codes lose little of what none finds`(quantization: Quantization, element: VectorElement)
        throws
    {
        let pair = try filled(decisions(700, duplicates: 30), element: element)
        let queries = decisions(40, seed: 5)
        var wanted = pair.index.configuration
        wanted.quantization = quantization
        try pair.index.rebuild(wanted, threads: 2)
        #expect(try pair.recall(queries, options: walked) >= Self.floor)
    }

    @Test(arguments: [10, 50, 90])
    func `what lies together is found under a filter, far from most queries`(percent: Int) throws {
        let vectors = decisions(1_200, duplicates: 20)
        let pair = try filled(vectors)
        let pivot = TestVectors.floats(vectors[17])
        let nearest = pair.oracle.search(pivot, count: 1_200 * percent / 100).map(\.row)
        let filter = RowFilter(nearest)
        for strategy in [StrategyChoice.automatic, .graph] {
            let options = SearchOptions(filter: filter, strategy: strategy)
            #expect(try pair.recall(decisions(20, seed: 9), options: options) >= Self.floor)
            for query in decisions(5, seed: 10) {
                let hits = try pair.index.search(counts: query.span, scale: 1, options: options).hits
                #expect(hits.count == 10 && hits.allSatisfy { filter.contains($0.row) })
            }
        }
    }

    @Test func `half deleted and as many inserted, five times over, keeps recall and reach`() throws {
        var pair = try filled(decisions(1_000, duplicates: 10))
        var generator = SeededGenerator(seed: 45)
        var rows = Array(0..<1_000)
        let queries = decisions(25, seed: 46)
        for round in 1...5 {
            rows.shuffle(using: &generator)
            let leaving = Array(rows.suffix(500))
            for row in leaving { _ = pair.remove(row) }
            for (row, vector) in zip(leaving, decisions(500, duplicates: 10, seed: UInt64(100 + round))) {
                try pair.insert(vector, row: row)
            }
            #expect(pair.index.checkInvariants() == [])
            let statistics = pair.index.statistics()
            #expect(statistics.rows == 1_000 && statistics.unreachable == 0)
            #expect(try pair.recall(queries, options: walked) >= Self.floor)
        }
    }
}
