import Testing
import VectorIndex

/// Searches under a filter or in a partition that walk over smaller codes.
@Suite struct QuantizedFilterTests {
    private static let smaller: [Quantization] = [.sq4, .pq4, .pq8, .pq16]

    private func filled(
        _ count: Int, partitions: Int = 1, duplicates: Int = 20, _ quantization: Quantization,
        _ configuration: IndexConfiguration = IndexConfiguration(dimension: TestVectors.dimension)
    ) throws -> IndexedPair {
        var pair = try IndexedPair(configuration)
        for (row, vector) in TestVectors.decisions(count, duplicates: duplicates).enumerated() {
            try pair.insert(vector, row: row, partition: row % partitions)
        }
        var configuration = configuration
        configuration.quantization = quantization
        try pair.index.rebuild(configuration, threads: 2)
        return pair
    }

    private func filter(_ percent: Int, of count: Int) -> RowFilter {
        var generator = SeededGenerator(seed: UInt64(percent))
        return RowFilter(
            (0..<count).filter { _ in Int.random(in: 0..<100, using: &generator) < percent }
                .map { Row(rawValue: UInt32($0)) })
    }

    @Test(arguments: smaller)
    func `a filter keeps recall, always fills the answer, and scores exactly`(
        quantization: Quantization
    ) throws {
        let pair = try filled(1_200, quantization)
        for percent in [2, 10, 50, 90] {
            let filter = filter(percent, of: 1_200)
            let options = SearchOptions(breadth: 120, filter: filter, strategy: .graph)
            let recall = try pair.recall(TestVectors.decisions(20, seed: 9), options: options)
            #expect(recall >= (quantization == .sq4 || quantization == .pq4 ? 0.9 : 0.95), "\(percent) %")
            for query in TestVectors.decisions(5, seed: 10) {
                let outcome = try pair.index.search(counts: query.span, scale: 1, options: options)
                #expect(outcome.strategy == .filteredGraph)
                #expect(outcome.hits.count == min(10, filter.count))
                let all = pair.oracle.search(TestVectors.floats(query), count: 1_200, filter: filter)
                for hit in outcome.hits {
                    let truth = try #require(all.first { $0.row == hit.row })
                    #expect(abs(truth.score - hit.score) < 1e-5)
                }
            }
        }
    }

    @Test(arguments: smaller)
    func `a partition is never left`(quantization: Quantization) throws {
        let pair = try filled(1_500, partitions: 3, quantization)
        let options = SearchOptions(breadth: 120, partition: Partition(rawValue: 2), strategy: .graph)
        #expect(try pair.recall(TestVectors.decisions(20, seed: 12), options: options) >= 0.9)
        for query in TestVectors.decisions(10, seed: 13) {
            let outcome = try pair.index.search(counts: query.span, scale: 1, options: options)
            #expect(outcome.hits.count == 10)
            #expect(outcome.hits.allSatisfy { $0.row.rawValue % 3 == 2 })
            #expect(outcome.strategy == .filteredGraph)
        }
    }

    @Test func `the walk itself is over the smaller codes`() throws {
        let pair = try filled(1_200, partitions: 2, .pq4)
        var options = SearchOptions(partition: Partition(rawValue: 1), strategy: .graph)
        options.isRescored = false
        let query = TestVectors.decisions(1, seed: 9)[0]
        let raw = try pair.index.search(counts: query.span, scale: 1, options: options)
        let all = pair.oracle.search(TestVectors.floats(query), count: 1_200)
        let isExact = raw.hits.map { hit in
            all.contains { $0.row == hit.row && abs($0.score - hit.score) < 1e-5 }
        }
        #expect(isExact.contains(false))
    }

    @Test func `of many matches the walk is taken by itself, and answers as it does when forced`() throws {
        // Few links and a narrow search for them: so many vectors are inserted faster.
        var configuration = IndexConfiguration(dimension: TestVectors.dimension)
        configuration.maximumLinks = 8
        configuration.constructionBreadth = 16
        let pair = try filled(4_150, duplicates: 0, .sq4, configuration)
        let filter = filter(98, of: 4_150)
        let options = SearchOptions(breadth: 100, partition: Partition(rawValue: 0), filter: filter)
        var forced = options
        forced.strategy = .graph
        for query in TestVectors.decisions(8, seed: 14) {
            let outcome = try pair.index.search(counts: query.span, scale: 1, options: options)
            #expect(outcome.strategy == .filteredGraph)
            #expect(outcome.hits.count == 10)
            #expect(
                try pair.index.search(counts: query.span, scale: 1, options: forced).hits == outcome.hits)
        }
        let recall = try pair.recall(TestVectors.decisions(8, seed: 14), options: options)
        #expect(recall >= 0.9)
    }

    @Test func `k results come whenever k exist, also when rows have gone`() throws {
        var pair = try filled(900, partitions: 2, .pq8)
        for row in 0..<880 where row % 2 == 0 { _ = pair.remove(row) }
        for strategy in [StrategyChoice.automatic, .graph] {
            let options = SearchOptions(partition: Partition(rawValue: 0), strategy: strategy)
            for query in TestVectors.decisions(8, seed: 15) {
                let outcome = try pair.index.search(counts: query.span, scale: 1, options: options)
                #expect(
                    outcome.hits.map(\.row.rawValue).sorted() == stride(from: 880, to: 900, by: 2).map { $0 })
            }
        }
    }

    @Test func `floats are scored with both of their codes`() throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension, element: .floats))
        var oracle = ExactIndex(dimension: TestVectors.dimension)
        for (row, vector) in TestVectors.decisions(700).enumerated() {
            let floats = TestVectors.floats(vector)
            let partition = Partition(rawValue: UInt32(row % 2))
            try index.insert(floats: floats.span, row: Row(rawValue: UInt32(row)), partition: partition)
            try oracle.insert(floats: floats.span, row: Row(rawValue: UInt32(row)), partition: partition)
        }
        let options = SearchOptions(partition: Partition(rawValue: 1), strategy: .graph)
        for quantization in [Quantization.none, .pq8] {
            var wanted = index.configuration
            wanted.quantization = quantization
            try index.rebuild(wanted)
            for query in TestVectors.decisions(8, seed: 16) {
                let floats = TestVectors.floats(query)
                let truth = oracle.search(floats, count: 700, partition: Partition(rawValue: 1))
                let outcome = try index.search(floats: floats.span, options: options)
                #expect(outcome.hits.count == 10)
                for hit in outcome.hits {
                    let score = try #require(truth.first { $0.row == hit.row }).score
                    #expect(abs(score - hit.score) < 2e-4)
                }
            }
        }
    }
}
