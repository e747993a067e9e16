import Testing
import VectorIndex

@Suite struct FilteredSearchTests {
    private func filled(partitions: Int) throws -> IndexedPair {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        for (row, vector) in TestVectors.decisions(1_500, duplicates: 20).enumerated() {
            try pair.insert(vector, row: row, partition: row % partitions)
        }
        return pair
    }

    @Test(arguments: [1, 10, 50, 90])
    func `a filter keeps recall and always fills the answer`(percent: Int) throws {
        let pair = try filled(partitions: 1)
        var generator = SeededGenerator(seed: UInt64(percent))
        let matching = (0..<1_500).filter { _ in Int.random(in: 0..<100, using: &generator) < percent }
        let filter = RowFilter(matching.map { Row(rawValue: UInt32($0)) })
        #expect(filter.count == matching.count)
        for strategy in [StrategyChoice.automatic, .graph] {
            let options = SearchOptions(filter: filter, strategy: strategy)
            #expect(try pair.recall(TestVectors.decisions(20, seed: 9), options: options) >= 0.95)
            for query in TestVectors.decisions(5, seed: 10) {
                let outcome = try pair.index.search(counts: query.span, scale: 1, options: options)
                #expect(outcome.hits.allSatisfy { filter.contains($0.row) })
                #expect(outcome.hits.count == min(10, matching.count))
            }
        }
    }

    @Test func `a partition is never left`() throws {
        let pair = try filled(partitions: 5)
        for strategy in [StrategyChoice.automatic, .graph, .exact] {
            let options = SearchOptions(partition: Partition(rawValue: 3), strategy: strategy)
            #expect(try pair.recall(TestVectors.decisions(20, seed: 12), options: options) >= 0.95)
            for query in TestVectors.decisions(10, seed: 13) {
                let outcome = try pair.index.search(counts: query.span, scale: 1, options: options)
                #expect(outcome.hits.allSatisfy { $0.row.rawValue % 5 == 3 })
                #expect(outcome.strategy == (strategy == .graph ? .filteredGraph : .exact))
            }
        }
        let query = TestVectors.decisions(1)[0]
        let nothing = try pair.index.search(
            counts: query.span, scale: 1,
            options: SearchOptions(partition: Partition(rawValue: 99)))
        #expect(nothing.hits.isEmpty)
    }

    /// Few rows are looked up one by one, many in the order in which their vectors lie; no others are compared.
    @Test(arguments: [1, 10, 16, 18, 50, 90])
    func `an exact search under a filter finds all, before and after a rebuild`(percent: Int) throws {
        var pair = try filled(partitions: 3)
        for row in stride(from: 0, to: 1_500, by: 7) { _ = pair.remove(row) }
        let filter = RowFilter((0..<1_500).filter { $0 % 100 < percent }.map { Row(rawValue: UInt32($0)) })
        for _ in 0..<2 {
            for partition in [nil, Partition(rawValue: 2)] {
                let options = SearchOptions(partition: partition, filter: filter, strategy: .exact)
                #expect(try pair.recall(TestVectors.decisions(20, seed: 15), options: options) == 1)
                for query in TestVectors.decisions(5, seed: 16) {
                    let outcome = try pair.search(query, options: options)
                    #expect(outcome.hits.allSatisfy { filter.contains($0.row) })
                    if partition == nil { #expect(outcome.scanned <= filter.count) }
                }
            }
            try pair.index.rebuild()
        }
    }

    @Test func `the row a query was taken from can be left out`() throws {
        let pair = try filled(partitions: 1)
        let vector = TestVectors.decisions(1_500, duplicates: 20)[700]
        let options = SearchOptions(excluding: Row(rawValue: 700), strategy: .graph)
        let outcome = try pair.index.search(counts: vector.span, scale: 1, options: options)
        #expect(outcome.hits.count == 10)
        #expect(outcome.strategy == .graph)
        #expect(!outcome.hits.contains { $0.row.rawValue == 700 })
    }

    @Test func `one group of identical rows hides nothing`() throws {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        let vectors = TestVectors.decisions(400)
        for row in 0..<20_000 { try pair.insert(vectors[0], row: row) }
        for (number, vector) in vectors.enumerated() { try pair.insert(vector, row: 20_000 + number) }
        #expect(pair.index.statistics().nodes <= 400)
        let recall = try pair.recall(
            TestVectors.decisions(30, seed: 14), options: SearchOptions(strategy: .graph))
        #expect(recall >= 0.95)
        // The nearest of all is the group: what lies beside it is found too, once the group is left out.
        let others = RowFilter((0..<400).map { Row(rawValue: 20_000 + UInt32($0)) })
        for options in [SearchOptions(strategy: .graph), SearchOptions(filter: others, strategy: .graph)] {
            #expect(try pair.recall([vectors[0]], options: options) >= 0.95)
        }
    }

    @Test func `nearest nodes stand for enough rows`() throws {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        let vectors = TestVectors.decisions(40)
        for row in 0..<120 { try pair.insert(vectors[row % 40], row: row, partition: 2) }
        let vector = vectors[5]
        let nodes = try pair.index.nearestNodes(
            counts: vector.span, scale: 1, partition: Partition(rawValue: 2), rows: 7)
        #expect(nodes.first?.firstRow == Row(rawValue: 5))
        #expect(nodes.first?.lastRow == Row(rawValue: 85))
        #expect(nodes.allSatisfy { $0.count >= 3 })
        #expect(nodes.reduce(0) { $0 + $1.count } >= 7)
        #expect(nodes.dropLast().reduce(0) { $0 + $1.count } < 7)
        #expect(zip(nodes, nodes.dropFirst()).allSatisfy { $0.similarity >= $1.similarity })
        let none = try pair.index.nearestNodes(
            counts: vector.span, scale: 1, partition: Partition(rawValue: 8), rows: 7)
        #expect(none.isEmpty)
    }
}
