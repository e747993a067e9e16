import VectorIndex

typealias SeededGenerator = SplitMix64

/// Vectors that look like embedded decisions: a few fields, each hashed to some signed counts.
enum TestVectors {
    static let dimension = 96
    /// As many dimensions as embedded decisions have.
    static let embeddedDimension = 384

    /// One decision-like vector; `choices` bounds how many values each field has.
    static func decision(
        _ generator: inout SeededGenerator, choices: Int = 24, dimension: Int = dimension
    ) -> [Int8] {
        var counts = [Int8](repeating: 0, count: dimension)
        for field in 0..<8 {
            // Small numbers are more frequent, as principals and kinds are.
            let value = min(
                Int.random(in: 0..<choices, using: &generator), Int.random(in: 0..<choices, using: &generator)
            )
            var hash = SeededGenerator(seed: UInt64(field * 1_000 + value))
            for _ in 0..<4 {
                let place = Int(hash.next() % UInt64(dimension))
                counts[place] = counts[place] &+ (hash.next() % 2 == 0 ? 10 : -10)
            }
        }
        counts[0] = counts[0] &+ 1
        return counts
    }

    /// Distinct and repeated vectors: `duplicates` of 100 rows repeat one of the first.
    static func decisions(
        _ count: Int, duplicates: Int = 0, seed: UInt64 = 7, dimension: Int = dimension
    ) -> [[Int8]] {
        var generator = SeededGenerator(seed: seed)
        var vectors: [[Int8]] = []
        vectors.reserveCapacity(count)
        for _ in 0..<count {
            if !vectors.isEmpty, Int.random(in: 0..<100, using: &generator) < duplicates {
                let pick = min(vectors.count - 1, Int.random(in: 0..<max(1, count / 50), using: &generator))
                vectors.append(vectors[pick])
            } else {
                vectors.append(decision(&generator, dimension: dimension))
            }
        }
        return vectors
    }

    static func scale(_ counts: [Int8]) -> Float {
        let squares = counts.reduce(0) { $0 + Int($1) * Int($1) }
        return Float(1 / Double(max(1, squares)).squareRoot())
    }

    static func floats(_ counts: [Int8]) -> [Float] {
        let scale = scale(counts)
        return counts.map { Float($0) * scale }
    }
}

/// An index and its oracle, filled alike.
struct IndexedPair {
    let index: HNSWIndex
    var oracle: ExactIndex
    private let element: VectorElement

    init(_ configuration: IndexConfiguration) throws {
        element = configuration.element
        index = try HNSWIndex(configuration)
        oracle = ExactIndex(dimension: configuration.dimension, metric: configuration.metric)
    }

    @discardableResult
    mutating func insert(_ counts: [Int8], row: Int, partition: Int = 0) throws -> Novelty {
        let row = Row(rawValue: UInt32(row))
        let partition = Partition(rawValue: UInt32(partition))
        let scale = TestVectors.scale(counts)
        try oracle.insert(counts: counts.span, scale: scale, row: row, partition: partition)
        return element == .counts
            ? try index.insert(counts: counts.span, scale: scale, row: row, partition: partition)
            : try index.insert(
                floats: TestVectors.floats(counts).span, row: row, partition: partition)
    }

    /// Inserts a row whose links are made later.
    mutating func append(_ counts: [Int8], row: Int, partition: Int = 0) throws {
        let row = Row(rawValue: UInt32(row))
        let partition = Partition(rawValue: UInt32(partition))
        let scale = TestVectors.scale(counts)
        try oracle.insert(counts: counts.span, scale: scale, row: row, partition: partition)
        if element == .counts {
            try index.append(counts: counts.span, scale: scale, row: row, partition: partition)
        } else {
            try index.append(floats: TestVectors.floats(counts).span, row: row, partition: partition)
        }
    }

    mutating func remove(_ row: Int) -> (Bool, Bool) {
        let row = Row(rawValue: UInt32(row))
        return (index.remove(row), oracle.remove(row))
    }

    func search(_ query: [Int8], options: SearchOptions) throws -> SearchOutcome {
        element == .counts
            ? try index.search(counts: query.span, scale: TestVectors.scale(query), options: options)
            : try index.search(floats: TestVectors.floats(query).span, options: options)
    }

    /// The mean tie-aware recall of searches: a hit is right if the oracle's score of its row reaches the last
    /// that was wanted, whatever the index itself says of it.
    func recall(_ queries: [[Int8]], options: SearchOptions) throws -> Double {
        var found = 0
        var wanted = 0
        for query in queries {
            let ranked = oracle.search(
                TestVectors.floats(query), count: .max, partition: options.partition, filter: options.filter)
            let truth = ranked.prefix(options.count)
            let outcome = try search(query, options: options)
            guard let last = truth.last else { continue }
            wanted += truth.count
            // Two codes of 8 bits tell floats apart to some hundred-thousandths.
            let slack: Float = element == .counts ? 1e-6 : 1e-4
            let right = Set(ranked.prefix { $0.score >= last.score - slack }.map(\.row))
            found += Set(outcome.hits.map(\.row)).intersection(right).count
        }
        return wanted == 0 ? 1 : Double(found) / Double(wanted)
    }
}

extension IndexedPair {
    /// Decisions, some of them more than once, in partitions by turns.
    init(decisions count: Int, duplicates: Int = 30, partitions: Int) throws {
        try self.init(IndexConfiguration(dimension: TestVectors.dimension))
        for (row, vector) in TestVectors.decisions(count, duplicates: duplicates).enumerated() {
            try insert(vector, row: row, partition: row % partitions)
        }
    }
}
