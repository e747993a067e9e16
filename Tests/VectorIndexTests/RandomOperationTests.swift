import Testing
import VectorIndex

/// Random operations against the plain scan as the model.
@Suite struct RandomOperationTests {
    @Test(arguments: [1, 2, 3, 4])
    func `random operations agree with a plain scan`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        var rows: Set<Int> = []
        for step in 0..<900 {
            let choice = Int.random(in: 0..<10, using: &generator)
            if choice < 6 {
                let row = Int.random(in: 0..<2_000, using: &generator)
                let vector = TestVectors.decision(&generator, choices: 4)
                let partition = Int.random(in: 0..<3, using: &generator)
                if rows.insert(row).inserted {
                    try pair.insert(vector, row: row, partition: partition)
                } else {
                    #expect(throws: IndexError.rowTaken(Row(rawValue: UInt32(row)))) {
                        try pair.index.insert(
                            counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                            partition: Partition(rawValue: 0))
                    }
                }
            } else if choice < 8 {
                let row = rows.randomElement(using: &generator) ?? 0
                let expected = rows.remove(row) != nil
                let removed = pair.remove(row)
                #expect(removed == (expected, expected))
            } else {
                try compareSearches(pair, rows: rows, &generator)
            }
            if step == 450 { try pair.index.rebuild() }
            if step % 300 == 299 { #expect(pair.index.checkInvariants() == []) }
        }
        #expect(pair.index.count == rows.count)
    }

    private func compareSearches(_ pair: IndexedPair, rows: Set<Int>, _ generator: inout SeededGenerator)
        throws
    {
        let query = TestVectors.decision(&generator, choices: 4)
        var options = SearchOptions(count: Int.random(in: 1...20, using: &generator))
        if Bool.random(using: &generator) {
            options.partition = Partition(rawValue: UInt32.random(in: 0..<4, using: &generator))
        }
        if Bool.random(using: &generator) {
            options.filter = RowFilter(
                rows.sorted().filter { _ in Bool.random(using: &generator) }.map { Row(rawValue: UInt32($0)) }
            )
        }
        let truth = pair.oracle.search(
            TestVectors.floats(query), count: options.count, partition: options.partition,
            filter: options.filter)
        for strategy in [StrategyChoice.automatic, .exact] {
            options.strategy = strategy
            let outcome = try pair.index.search(counts: query.span, scale: 1, options: options)
            #expect(outcome.hits.count == truth.count)
            #expect(zip(outcome.hits, truth).allSatisfy { abs($0.score - $1.score) < 1e-5 })
            #expect(zip(outcome.hits, outcome.hits.dropFirst()).allSatisfy { $0.precedes($1) })
            #expect(outcome.hits.allSatisfy { options.filter?.contains($0.row) ?? true })
        }
        options.strategy = .graph
        let walked = try pair.index.search(counts: query.span, scale: 1, options: options)
        let partitionRows = pair.oracle.search(
            TestVectors.floats(query), count: 10_000, partition: options.partition, filter: options.filter)
        #expect(Set(partitionRows.map(\.row)).isSuperset(of: walked.hits.map(\.row)))
    }
}
