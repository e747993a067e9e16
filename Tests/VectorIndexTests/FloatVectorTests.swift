import Testing
import VectorIndex

/// Foreign float vectors, other metrics, and what is refused.
@Suite struct FloatVectorTests {
    private static let dimension = 50

    private static func vectors(_ count: Int, seed: UInt64) -> [[Float]] {
        var generator = SeededGenerator(seed: seed)
        // Eight loose clusters.
        return (0..<count).map { _ in
            var centre = SeededGenerator(seed: UInt64.random(in: 0..<8, using: &generator))
            return (0..<dimension).map { _ in
                Float.random(in: -1...1, using: &centre) + Float.random(in: -0.7...0.7, using: &generator)
            }
        }
    }

    @Test(arguments: Metric.allCases)
    func `float vectors are found by every metric`(metric: Metric) throws {
        let index = try HNSWIndex(
            IndexConfiguration(dimension: FloatVectorTests.dimension, element: .floats, metric: metric))
        var oracle = ExactIndex(dimension: FloatVectorTests.dimension, metric: metric)
        for (row, vector) in FloatVectorTests.vectors(1_200, seed: 1).enumerated() {
            let row = Row(rawValue: UInt32(row))
            let partition = Partition(rawValue: row.rawValue % 2)
            try index.insert(floats: vector.span, row: row, partition: partition)
            try oracle.insert(floats: vector.span, row: row, partition: partition)
        }
        var found = 0
        for query in FloatVectorTests.vectors(30, seed: 2) {
            let truth = oracle.search(query, count: 10)
            let worst = try #require(truth.last).score
            let exact = try index.search(floats: query.span, options: SearchOptions(strategy: .exact))
            #expect(zip(exact.hits, truth).allSatisfy { abs($0.score - $1.score) < 1e-3 })
            let walked = try index.search(floats: query.span, options: SearchOptions(strategy: .graph))
            found += walked.hits.count { $0.score >= worst - 1e-3 }
        }
        // The inner product is no metric, so a walk for it may miss more.
        #expect(Double(found) >= (metric == .innerProduct ? 0.8 : 0.95) * 300)
        #expect(index.checkInvariants() == [])
    }

    @Test(arguments: Metric.allCases)
    func `exact is what scoring each vector alone gives, in a crowd that first codes do not tell apart`(
        metric: Metric
    ) throws {
        var generator = SeededGenerator(seed: 12)
        let centre = FloatVectorTests.vectors(1, seed: 3)[0]
        let index = try HNSWIndex(
            IndexConfiguration(dimension: FloatVectorTests.dimension, element: .floats, metric: metric))
        for row in 0..<700 {
            let spread: Float = row % 2 == 0 ? 0.02 : 1
            let vector = centre.map { $0 + Float.random(in: -spread...spread, using: &generator) }
            try index.insert(
                floats: vector.span, row: Row(rawValue: UInt32(row)), partition: Partition(rawValue: 0))
        }
        for query in [centre] + FloatVectorTests.vectors(4, seed: 4) {
            func exact(_ count: Int, _ rows: [Int]) throws -> [Hit] {
                let filter = RowFilter(rows.map { Row(rawValue: UInt32($0)) })
                let options = SearchOptions(count: count, filter: filter, strategy: .exact)
                return try index.search(floats: query.span, options: options).hits
            }
            let alone = try (0..<700).flatMap { try exact(1, [$0]) }.sorted { $0.precedes($1) }
            #expect(try exact(10, Array(0..<700)) == Array(alone.prefix(10)))
            let odd = alone.filter { $0.row.rawValue % 2 == 1 }
            #expect(try exact(10, Array(stride(from: 1, to: 700, by: 2))) == Array(odd.prefix(10)))
        }
    }

    @Test func `what is as near as the last but for rounding still competes by row`() throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: 8, metric: .euclidean))
        let scale: Float = 0.307_393_76
        let near: [Int8] = [2, 0, -3, 3, -2, -3, 1, 2]
        let query: [Int8] = [-4, 4, -4, -1, -3, -4, 5, -2]
        let zero = [Int8](repeating: 0, count: 8)
        for (row, vector) in [(UInt32(1), zero), (0, near)] {
            try index.insert(
                counts: vector.span, scale: scale, row: Row(rawValue: row), partition: Partition(rawValue: 0))
        }
        let options = SearchOptions(count: 1, strategy: .exact)
        let hits = try index.search(counts: query.span, scale: scale, options: options).hits
        #expect(hits.map(\.row) == [Row(rawValue: 0)])
    }

    @Test func `counts are found by distance and product too`() throws {
        for metric in [Metric.euclidean, .innerProduct] {
            var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension, metric: metric))
            for (row, vector) in TestVectors.decisions(500, duplicates: 30).enumerated() {
                try pair.insert(vector, row: row)
            }
            // Unit vectors, so every metric ranks alike.
            let recall = try pair.recall(
                TestVectors.decisions(20, seed: 6), options: SearchOptions(strategy: .graph))
            #expect(recall >= 0.95)
            let again = TestVectors.decisions(1)[0]
            for row in 600..<615 { try pair.insert(again, row: row) }
            let novelty = try pair.insert(again, row: 700)
            #expect(abs(novelty.meanSimilarity - (metric == .euclidean ? 0 : 1)) < 1e-4)
        }
    }

    @Test(arguments: [2, 384])
    func `vectors that differ by less than the first code tells are told apart`(dimension: Int) throws {
        let index = try HNSWIndex(
            IndexConfiguration(dimension: dimension, element: .floats, metric: .euclidean))
        let seconds: [Float] = [0.501, 0.502, 0.5035, 0.501]
        for (row, second) in seconds.enumerated() {
            let vector: [Float] = [1, second] + [Float](repeating: 0, count: dimension - 2)
            try index.insert(
                floats: vector.span, row: Row(rawValue: UInt32(row)), partition: Partition(rawValue: 0))
        }
        #expect(index.distinctCount == 3)
    }

    @Test func `rebuilding keeps float vectors`() throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: FloatVectorTests.dimension, element: .floats))
        let vectors = FloatVectorTests.vectors(300, seed: 3)
        for (row, vector) in vectors.enumerated() {
            try index.insert(
                floats: vector.span, row: Row(rawValue: UInt32(row)), partition: Partition(rawValue: 0))
        }
        try index.rebuild(threads: 2)
        for (row, vector) in vectors.enumerated() {
            let outcome = try index.search(
                floats: vector.span, options: SearchOptions(count: 1, strategy: .graph))
            #expect(outcome.hits.first?.row == Row(rawValue: UInt32(row)))
        }
    }

    @Test func `what is no vector of the index is refused in one sentence`() throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: 4, element: .floats))
        let row = Row(rawValue: 0)
        let partition = Partition(rawValue: 0)
        func refuse(_ vector: [Float], _ expected: IndexError) {
            #expect(throws: expected) {
                try index.insert(floats: vector.span, row: row, partition: partition)
            }
            #expect(throws: expected) { try index.search(floats: vector.span) }
            #expect(expected.description.hasSuffix("."))
        }
        refuse([1, 2], .dimension(expected: 4, found: 2))
        refuse([1, .nan, 0, 0], .notFinite)
        refuse([1, .infinity, 0, 0], .notFinite)
        refuse([0, 0, 0, 0], .zeroVector)
        let counts: [Int8] = [1, 2, 3, 4]
        #expect(throws: IndexError.element(expected: .floats)) {
            try index.insert(counts: counts.span, scale: 1, row: row, partition: partition)
        }
        let far = Row(rawValue: Row.limit)
        let vector: [Float] = [1, 0, 0, 0]
        #expect(throws: IndexError.numberBeyondLimit(name: "row", value: Row.limit, limit: Row.limit)) {
            try index.insert(floats: vector.span, row: far, partition: partition)
        }
        let foreign = Partition(rawValue: Partition.limit)
        #expect(
            throws: IndexError.numberBeyondLimit(
                name: "partition", value: Partition.limit, limit: Partition.limit)
        ) { try index.insert(floats: vector.span, row: row, partition: foreign) }
        #expect(index.count == 0)
    }

    @Test func `counts without direction or scale are refused`() throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: 3))
        let zero: [Int8] = [0, 0, 0]
        let one: [Int8] = [1, 0, 0]
        let none: [Int8] = []
        let floats: [Float] = [1, 0, 0]
        #expect(throws: IndexError.zeroVector) { try index.search(counts: zero.span, scale: 1) }
        #expect(throws: IndexError.notFinite) { try index.search(counts: one.span, scale: .nan) }
        #expect(throws: IndexError.dimension(expected: 3, found: 0)) {
            try index.search(counts: none.span, scale: 1)
        }
        #expect(throws: IndexError.element(expected: .counts)) { try index.search(floats: floats.span) }
    }

    @Test func `settings outside their bounds are refused`() throws {
        for change in [
            { (configuration: inout IndexConfiguration) in configuration.dimension = 0 },
            { $0.dimension = 4_097 }, { $0.maximumLinks = 3 }, { $0.maximumLinks = 65 },
            { $0.constructionBreadth = 7 }, { $0.searchBreadth = 0 },
        ] {
            var configuration = IndexConfiguration()
            change(&configuration)
            #expect(throws: IndexError.self) { try HNSWIndex(configuration) }
        }
    }

    @Test func `every error is one sentence`() {
        let errors: [IndexError] = [
            .dimension(expected: 1, found: 2), .element(expected: .counts), .metric(expected: .cosine),
            .notFinite,
            .zeroVector, .rowTaken(Row(rawValue: 1)), .numberBeyondLimit(name: "row", value: 2, limit: 1),
            .full(nodes: 3), .configuration(name: "dimension", value: 0, bounds: 1...2),
            .kernelMissing(.neon),
            .memory(part: "codes", bytes: 1), .cancelled, .rebuilding, .verification("x"),
            .file(path: "/a", action: "opened", code: 2),
            .snapshot(path: "/a", section: "codes", problem: "x"),
            .vectorFile(path: "/a", problem: "x"),
        ]
        for error in errors {
            #expect(error.description.hasSuffix("."))
            #expect(!error.description.contains("\n"))
        }
        #expect(
            IndexError.file(path: "/a", action: "opened", code: 2).description
                == "The file /a could not be opened (No such file or directory): check path, rights and space."
        )
    }
}
