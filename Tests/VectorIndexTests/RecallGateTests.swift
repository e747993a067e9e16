import Testing
import VectorIndex

/// Shapes of data that mislead a walk.
enum DataShape: CaseIterable {
    /// Twenty vectors, each with many copies that differ in two places.
    case nearDuplicates
    /// Eight clouds.
    case clusters
    /// Two clouds at opposite ends.
    case twoFarClusters

    /// Vectors of the shape; every seed draws from the same centres.
    func vectors(_ count: Int, seed: UInt64, dimension: Int = TestVectors.dimension) -> [[Int8]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { number in
            switch self {
            case .nearDuplicates:
                var centre = SeededGenerator(seed: UInt64(number % 20))
                var vector = TestVectors.decision(&centre, dimension: dimension)
                for _ in 0..<2 {
                    let place = Int.random(in: 0..<dimension, using: &generator)
                    vector[place] = vector[place] &+ Int8.random(in: 1...6, using: &generator)
                }
                return vector
            case .clusters: return Self.cloud(number % 8, sign: 1, dimension: dimension, &generator)
            case .twoFarClusters:
                return Self.cloud(0, sign: number % 2 == 0 ? 1 : -1, dimension: dimension, &generator)
            }
        }
    }

    static func cloud(
        _ number: Int, sign: Int8, dimension: Int = TestVectors.dimension,
        _ generator: inout SeededGenerator
    ) -> [Int8] {
        var centre = SeededGenerator(seed: UInt64(100 + number))
        return (0..<dimension).map { _ in
            sign * Int8.random(in: -30...30, using: &centre) + Int8.random(in: -9...9, using: &generator)
        }
    }
}

/// Ten nearest rows at the default breadth: at least 95 of 100 are found, whatever the data and its history.
@Suite struct RecallGateTests {
    private static let floor = 0.95
    private let walked = SearchOptions(strategy: .graph)

    private func filled(_ vectors: [[Int8]]) throws -> IndexedPair {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        for (row, vector) in vectors.enumerated() { try pair.insert(vector, row: row) }
        return pair
    }

    @Test(arguments: DataShape.allCases)
    func `misleading data is found, after deletes and after a rebuild too`(shape: DataShape) throws {
        var pair = try filled(shape.vectors(1_200, seed: 1))
        let queries = shape.vectors(40, seed: 2)
        #expect(try pair.recall(queries, options: walked) >= Self.floor)
        for row in stride(from: 0, to: 1_200, by: 3) { _ = pair.remove(row) }
        #expect(try pair.recall(queries, options: walked) >= Self.floor)
        try pair.index.rebuild(threads: 2)
        #expect(try pair.recall(queries, options: walked) >= Self.floor)
        #expect(pair.index.checkInvariants() == [])
    }

    @Test func `duplicates are found after deletes`() throws {
        var pair = try filled(TestVectors.decisions(1_500, duplicates: 50))
        for row in stride(from: 0, to: 1_500, by: 2) { _ = pair.remove(row) }
        #expect(try pair.recall(TestVectors.decisions(40, seed: 3), options: walked) >= Self.floor)
    }

    @Test(arguments: Quantization.allCases)
    func `smaller codes find as many`(quantization: Quantization) throws {
        let pair = try filled(TestVectors.decisions(1_000, duplicates: 30))
        var wanted = pair.index.configuration
        wanted.quantization = quantization
        try pair.index.rebuild(wanted, threads: 2)
        #expect(try pair.recall(TestVectors.decisions(60, seed: 5), options: walked) >= Self.floor)
    }

    @Test(arguments: DataShape.allCases, [Quantization.sq4, .pq4, .pq8, .pq16])
    func `smaller codes find as many of misleading data, at a breadth that suits them`(
        shape: DataShape, quantization: Quantization
    ) throws {
        let pair = try filled(shape.vectors(900, seed: 1))
        var wanted = pair.index.configuration
        wanted.quantization = quantization
        try pair.index.rebuild(wanted, threads: 2)
        // The members of a cloud at random differ by what product codes hardly tell.
        let wide = SearchOptions(breadth: shape == .twoFarClusters ? 400 : 200, strategy: .graph)
        #expect(try pair.recall(shape.vectors(30, seed: 2), options: wide) >= Self.floor)
    }

    @Test(arguments: [(24, 0.9), (48, 0.95)])
    func `narrow walks among many find most`(breadth: Int, floor: Double) throws {
        let pair = try Self.many.get()
        let narrow = SearchOptions(breadth: breadth, strategy: .graph)
        #expect(try pair.recall(TestVectors.decisions(60, seed: 13), options: narrow) >= floor)
    }

    /// So many that a walk of breadth 48 looks at a small part of them.
    private static let many = Result {
        var pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension))
        for (row, vector) in TestVectors.decisions(12_000, duplicates: 30).enumerated() {
            try pair.insert(vector, row: row)
        }
        return pair
    }

    /// Enough distinct vectors that walks leave some of them aside, and for each as many rows as the share says.
    @Test(arguments: [(90, 20_000), (99, 40_000)])
    func `what repeats most is found among many`(duplicates: Int, count: Int) throws {
        let pair = try filled(TestVectors.decisions(count, duplicates: duplicates))
        #expect(pair.index.distinctCount > 300 && pair.index.distinctCount < count / 5)
        let narrow = SearchOptions(breadth: 24, strategy: .graph)
        let queries = TestVectors.decisions(20, seed: 14)
        #expect(try pair.recall(queries, options: narrow) >= Self.floor)
        let query = queries[0]
        let outcome = try pair.index.search(counts: query.span, scale: 1, options: narrow)
        #expect(outcome.scanned < pair.index.distinctCount)
    }

    /// What lies there while others come, and the codes that are walked over.
    private static let busy: [(DataShape?, Quantization)] = [
        (nil, .none), (.nearDuplicates, .none), (.clusters, .none), (.nearDuplicates, .sq4), (nil, .pq8),
    ]

    @Test(arguments: busy)
    func `rows are found while others are inserted`(
        shape: DataShape?, quantization: Quantization
    ) async throws {
        func vectors(_ count: Int, seed: UInt64) -> [[Int8]] {
            shape?.vectors(count, seed: seed) ?? TestVectors.decisions(count, duplicates: 50, seed: seed)
        }
        let pair = try filled(vectors(1_000, seed: 8))
        var wanted = pair.index.configuration
        wanted.quantization = quantization
        if quantization != .none { try pair.index.rebuild(wanted, threads: 2) }
        // What comes in is at the other end, so that the right answers stay what they are.
        let others = vectors(800, seed: 9).map { $0.map { -$0 } }
        let queries = vectors(20, seed: 10)
        let options = SearchOptions(breadth: quantization == .none ? nil : 200, strategy: .graph)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<2 {
                group.addTask {
                    for number in stride(from: writer, to: others.count, by: 2) {
                        let vector = others[number]
                        try pair.index.insert(
                            counts: vector.span, scale: 1,
                            row: Row(rawValue: UInt32(5_000 + number)), partition: Partition(rawValue: 0))
                    }
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<4 {
                        let recall = try pair.recall(queries, options: options)
                        #expect(recall >= Self.floor)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(pair.index.count == 1_800)
    }

    @Test(arguments: Metric.allCases, VectorElement.allCases)
    func `every metric finds vectors of unlike lengths`(metric: Metric, element: VectorElement) throws {
        let dimension = TestVectors.dimension
        let index = try HNSWIndex(
            IndexConfiguration(dimension: dimension, element: element, metric: metric))
        var oracle = ExactIndex(dimension: dimension, metric: metric)
        var generator = SeededGenerator(seed: 11)
        for (number, vector) in TestVectors.decisions(1_200, duplicates: 10).enumerated() {
            let scale = Float.random(in: 0.5...2, using: &generator) * TestVectors.scale(vector)
            let floats = vector.map { Float($0) * scale }
            let (row, partition) = (Row(rawValue: UInt32(number)), Partition(rawValue: 0))
            if element == .counts {
                try index.insert(counts: vector.span, scale: scale, row: row, partition: partition)
            } else {
                try index.insert(floats: floats.span, row: row, partition: partition)
            }
            try oracle.insert(floats: floats.span, row: row, partition: partition)
        }
        var found = 0
        let queries = TestVectors.decisions(40, seed: 12)
        for query in queries {
            let floats = TestVectors.floats(query)
            let worst = try #require(oracle.search(floats, count: 10).last).score
            let outcome =
                element == .counts
                ? try index.search(counts: query.span, scale: TestVectors.scale(query), options: walked)
                : try index.search(floats: floats.span, options: walked)
            found += outcome.hits.count { $0.score >= worst - 1e-4 }
        }
        #expect(Double(found) >= Self.floor * Double(10 * queries.count))
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `every row finds itself after contended inserts and a parallel rebuild`(seed: UInt64) async throws {
        let index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        let vectors = TestVectors.decisions(1_000, duplicates: 30, seed: seed)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for row in stride(from: writer, to: vectors.count, by: 4) {
                        let vector = vectors[row]
                        try index.insert(
                            counts: vector.span, scale: 1, row: Row(rawValue: UInt32(row)),
                            partition: Partition(rawValue: 0))
                    }
                }
            }
            try await group.waitForAll()
        }
        func lost() throws -> [Int] {
            try vectors.indices.filter { row in
                let options = SearchOptions(count: 1, strategy: .graph)
                let vector = vectors[row]
                let outcome = try index.search(counts: vector.span, scale: 1, options: options)
                // Any row with the same vector is as good.
                return outcome.hits.first.map { vectors[Int($0.row.rawValue)] } != vector
            }
        }
        #expect(try lost() == [])
        try index.rebuild(threads: 4)
        #expect(try lost() == [])
        #expect(index.checkInvariants() == [])
    }
}
