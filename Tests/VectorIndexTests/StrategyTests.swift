import Testing

@testable import VectorIndex

/// Whether a search among everything walks or compares all.
@Suite struct StrategyTests {
    @Test(
        arguments: [
            (18, 1_500, false), (19, 1_500, true), (80, 6_403, true), (80, 6_404, false),
            (200, 16_000, true),
            (200, 16_004, false), (256, 20_000, true), (256, 100_000, false), (1_250, 100_000, true),
            (1_249, 100_000, false), (10_001, 100_000, true), (4_000, 1_000_000, false),
            (10_001, 1_000_000, true),
        ])
    func `a wide walk is taken to cost more than comparing few`(
        _ breadth: Int, _ nodes: Int, _ isDearer: Bool
    ) {
        #expect(Graph.isDearer(walking: breadth, thanComparing: nodes) == isDearer)
    }

    @Test(arguments: [Quantization.none, .sq4])
    func `many rows asked for, or a wide walk, are compared with everything, unless codes are smaller`(
        _ quantization: Quantization
    ) throws {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        for (row, vector) in TestVectors.decisions(1_300).enumerated() { try pair.insert(vector, row: row) }
        var wanted = pair.index.configuration
        wanted.quantization = quantization
        if quantization != .none { try pair.index.rebuild(wanted) }
        #expect(pair.index.distinctCount > 1_000)
        let query = TestVectors.decisions(1, seed: 17)[0]
        for (count, breadth, isWide) in [
            (10, 12, false), (12, 10, false), (10, 17, true), (10, nil, true), (17, 1, true),
            (1_000, nil, true),
        ] as [(Int, Int?, Bool)] {
            // A walk for many may end among equals, which are compared whatever it costs.
            if count > 10, quantization != .none { continue }
            var options = SearchOptions(count: count, breadth: breadth)
            let outcome = try pair.index.search(counts: query.span, scale: 1, options: options)
            let isCompared = isWide && quantization == .none
            #expect(outcome.isExact == isCompared, "\(count) at \(breadth ?? 0)")
            #expect(outcome.strategy == (isCompared ? .exact : .graph))
            #expect(outcome.hits.count == count)
            options.strategy = .graph
            #expect(try !pair.index.search(counts: query.span, scale: 1, options: options).isExact)
        }
    }
}
