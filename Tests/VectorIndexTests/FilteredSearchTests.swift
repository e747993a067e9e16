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

    @Test func `the row a query was taken from can be left out`() throws {
        let pair = try filled(partitions: 1)
        let vector = TestVectors.decisions(1_500, duplicates: 20)[700]
        let options = SearchOptions(excluding: Row(rawValue: 700))
        let outcome = try pair.index.search(counts: vector.span, scale: 1, options: options)
        #expect(outcome.hits.count == 10)
        #expect(outcome.strategy == .graph)
        #expect(!outcome.hits.contains { $0.row.rawValue == 700 })
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
