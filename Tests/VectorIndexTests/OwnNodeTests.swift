import Testing
import VectorIndex

/// A search for a vector that is held offers its node, whatever the walk met.
@Suite struct OwnNodeTests {
    private static let partition = Partition(rawValue: 0)

    /// Copies of one vector that differ in one value each: smaller codes tell few of them apart.
    private static func nearCopies(_ count: Int) -> [[Int8]] {
        let base = TestVectors.decisions(1, seed: 71)[0]
        return (0..<count).map { number in
            var copy = base
            let place = number % TestVectors.dimension
            copy[place] = copy[place] &+ Int8(1 + number / TestVectors.dimension)
            return copy
        }
    }

    private static func crowd(_ quantization: Quantization) throws -> (index: HNSWIndex, vectors: [[Int8]]) {
        var configuration = IndexConfiguration(dimension: TestVectors.dimension)
        configuration.quantization = quantization
        let index = try HNSWIndex(configuration)
        let vectors = TestVectors.decisions(4_900) + nearCopies(220)
        for (row, vector) in vectors.dropLast(100).enumerated() { try insert(vector, row, index) }
        try index.rebuild(configuration, threads: 2)
        return (index, vectors)
    }

    private static func insert(_ vector: [Int8], _ row: Int, _ index: HNSWIndex) throws {
        try index.insert(
            counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)), partition: partition)
    }

    private static func rows(
        _ index: HNSWIndex, _ vector: [Int8], _ options: SearchOptions, by strategy: SearchStrategy? = nil
    ) throws -> [Int] {
        let outcome = try index.search(counts: vector.span, scale: 1, options: options)
        if let strategy { #expect(outcome.strategy == strategy) }
        return outcome.hits.map { Int($0.row.rawValue) }
    }

    @Test(arguments: [Quantization.none, .sq4, .pq8])
    func `each of a crowd of near-copies is the first that is found`(quantization: Quantization) throws {
        let (index, vectors) = try Self.crowd(quantization)
        let filter = RowFilter((0..<vectors.count).map { Row(rawValue: UInt32($0)) })
        for row in vectors.count - 100..<vectors.count {
            try Self.insert(vectors[row], row, index)
            let narrow = SearchOptions(count: 1, breadth: 2)
            #expect(try Self.rows(index, vectors[row], narrow, by: .graph).first == row)
            var filtered = narrow
            filtered.filter = filter
            filtered.partition = Self.partition
            #expect(try Self.rows(index, vectors[row], filtered, by: .filteredGraph).first == row)
        }
    }

    @Test func `a row that must not be given is not, though its node is offered`() throws {
        let (index, vectors) = try Self.crowd(.none)
        let row = 4_950
        let own = Row(rawValue: UInt32(row))
        var options = SearchOptions(count: 10, strategy: .graph)
        options.excluding = own
        #expect(try !Self.rows(index, vectors[row], options).contains(row))
        options = SearchOptions(
            count: 10,
            filter: RowFilter(
                (0..<vectors.count - 100).filter { $0 != row }.map { Row(rawValue: UInt32($0)) }))
        #expect(try !Self.rows(index, vectors[row], options).contains(row))
        options = SearchOptions(count: 10, partition: Partition(rawValue: 1))
        #expect(try Self.rows(index, vectors[row], options) == [])
        #expect(index.remove(own))
        #expect(try !Self.rows(index, vectors[row], SearchOptions(count: 10, strategy: .graph)).contains(row))
    }

    @Test func `a vector is found by a walk in whichever of a few partitions it is, and not in many`() throws
    {
        var configuration = IndexConfiguration(dimension: TestVectors.dimension)
        configuration.constructionBreadth = 8
        let vectors = Array(Set(TestVectors.decisions(5_000, seed: 11))).sorted {
            $0.lexicographicallyPrecedes($1)
        }
        func found(partitions: Int) throws -> Int {
            var pair = try IndexedPair(configuration)
            for (row, vector) in vectors.enumerated() {
                try pair.insert(vector, row: row, partition: row % partitions)
            }
            // So narrow that walks from above miss many.
            let options = SearchOptions(count: 1, breadth: 1)
            return try vectors.indices.count { row in
                try pair.search(vectors[row], options: options).hits.first?.row == Row(rawValue: UInt32(row))
            }
        }
        #expect(try found(partitions: 5) == vectors.count)
        #expect(try found(partitions: 16) == vectors.count)
        #expect(try found(partitions: 17) < vectors.count)
    }
}
