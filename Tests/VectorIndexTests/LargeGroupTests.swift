import Testing
import VectorIndex

/// One vector that 20,000 rows share, among others.
@Suite struct LargeGroupTests {
    private static let group = 20_000
    private static let others = 1_200

    /// An index whose first rows are the group, each other vector once, and what was inserted.
    private struct Crowd {
        let pair: IndexedPair
        let vectors: [[Int8]]
        /// The same without the group's copies.
        let alone: HNSWIndex
    }

    private static let crowd = Result {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        let alone = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        let vectors = Array(
            Set(TestVectors.decisions(others + 100)).sorted { $0.lexicographicallyPrecedes($1) }.prefix(
                others))
        for row in 0..<group { try pair.insert(vectors[0], row: row) }
        for (number, vector) in vectors.enumerated() {
            if number > 0 { try pair.insert(vector, row: group + number) }
            try alone.insert(
                counts: vector.span, scale: 1, row: Row(rawValue: UInt32(number)),
                partition: Partition(rawValue: 0))
        }
        return Crowd(pair: pair, vectors: vectors, alone: alone)
    }

    @Test func `it hides nothing`() throws {
        let crowd = try Self.crowd.get()
        #expect(crowd.pair.index.distinctCount == Self.others)
        let queries = TestVectors.decisions(15, seed: 14) + [crowd.vectors[0]]
        for strategy in [StrategyChoice.automatic, .graph] {
            #expect(try crowd.pair.recall(queries, options: SearchOptions(strategy: strategy)) >= 0.95)
        }
    }

    @Test func `it makes no walk wider`() throws {
        let crowd = try Self.crowd.get()
        for query in [crowd.vectors[0], crowd.vectors[7]] {
            let options = SearchOptions(excluding: Row(rawValue: 0), strategy: .graph)
            let crowded = try crowd.pair.index.search(counts: query.span, scale: 1, options: options)
            let alone = try crowd.alone.search(counts: query.span, scale: 1, options: options)
            #expect(crowded.hops <= alone.hops + 20)
            #expect(crowded.scanned <= 2 * alone.scanned)
        }
    }

    @Test(arguments: [StrategyChoice.automatic, .graph, .exact])
    func `its rows come in the order that is asked for`(strategy: StrategyChoice) throws {
        let crowd = try Self.crowd.get()
        // Mixed up, so that the first are neither the oldest nor the newest.
        func rank(_ row: Row) -> UInt64 {
            var generator = SeededGenerator(seed: UInt64(row.rawValue))
            return generator.next()
        }
        let ranked = (0..<Self.group).map { Row(rawValue: UInt32($0)) }.sorted { rank($0) < rank($1) }
        let half = RowFilter(
            (0..<Self.group + Self.others).filter { $0 % 2 == 0 }.map { Row(rawValue: UInt32($0)) })
        let few = RowFilter((0..<30).map { Row(rawValue: UInt32($0 * 611)) })
        let vector = crowd.vectors[0]
        for (filter, count) in [(nil, 12), (half, 12), (few, 12), (few, 40)] as [(RowFilter?, Int)] {
            let options = SearchOptions(
                count: count, filter: filter, excluding: ranked[0], strategy: strategy)
            let outcome = try crowd.pair.index.search(
                counts: vector.span, scale: 1, options: options
            ) { rank($0) < rank($1) }
            let expected = ranked.dropFirst().filter { filter?.contains($0) ?? true }.prefix(count)
            #expect(outcome.hits.map(\.row) == Array(expected))
        }
        let plain = try crowd.pair.index.search(
            counts: vector.span, scale: 1, options: SearchOptions(count: 50, strategy: strategy))
        #expect(plain.hits.map(\.row.rawValue) == Array(0..<50))
    }

    @Test func `what a filter leaves of it is found, and what it leaves nothing of is passed over`() throws {
        let crowd = try Self.crowd.get()
        let vector = crowd.vectors[0]
        let outside = RowFilter((1..<Self.others).map { Row(rawValue: UInt32(Self.group + $0)) })
        var withOne = outside
        withOne.insert(Row(rawValue: 19_500))
        for strategy in [StrategyChoice.automatic, .graph, .exact] {
            for (filter, first) in [(outside, nil), (withOne, 19_500)] as [(RowFilter, UInt32?)] {
                let options = SearchOptions(filter: filter, strategy: strategy)
                let outcome = try crowd.pair.index.search(
                    counts: vector.span, scale: 1, options: options)
                #expect(outcome.hits.count == 10)
                #expect(outcome.hits.allSatisfy { filter.contains($0.row) })
                if let first { #expect(outcome.hits[0].row.rawValue == first) }
            }
        }
    }

    @Test(arguments: VectorElement.allCases)
    func `equal vectors of more nodes than a walk keeps come in order too`(element: VectorElement) throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension, element: element))
        let vectors = TestVectors.decisions(1_250, seed: 40)
        // The same vector in 150 partitions is as many nodes.
        for row in 0..<1_250 {
            let vector = vectors[row < 150 ? 0 : row]
            let partition = Partition(rawValue: row < 150 ? UInt32(row) : 200)
            if element == .counts {
                try index.insert(
                    counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)), partition: partition)
            } else {
                try index.insert(
                    floats: TestVectors.floats(vector).span, row: Row(rawValue: UInt32(row)),
                    partition: partition)
            }
        }
        func search(_ vector: [Int8], _ options: SearchOptions, by order: (Row, Row) -> Bool) throws
            -> SearchOutcome
        {
            element == .counts
                ? try index.search(counts: vector.span, scale: 1, options: options, precedes: order)
                : try index.search(
                    floats: TestVectors.floats(vector).span, options: options, precedes: order)
        }
        #expect(index.distinctCount > 1_000)
        let vector = vectors[0]
        for breadth in [10, 80] {
            let outcome = try search(vector, SearchOptions(count: 10, breadth: breadth)) { $0 > $1 }
            #expect(outcome.hits.map(\.row.rawValue) == (140..<150).reversed())
            #expect(outcome.isExact)
        }
        let other = vectors[600]
        let walked = try search(other, SearchOptions(count: 3, breadth: 10)) { $0 < $1 }
        #expect(!walked.isExact && walked.hits.first?.row.rawValue == 600)
    }
}
