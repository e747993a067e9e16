/// A data set of base, query and truth files, and what kind its vectors are.
struct BenchmarkData: Sendable {
    /// One vector of a file, as floats and, where the index holds counts, as those.
    struct Vector: Sendable {
        var floats: [Float]
        var counts: [Int8]
        var scale: Float
    }

    /// How many rows a search asks for.
    static let count = 10
    /// How far below the tenth best cosine a row still counts as found: ties must not be punished.
    static let slack: Float = 1e-6

    let directory: String
    let base: VectorFile
    let truth: VectorFile
    let element: VectorElement
    let queries: [Vector]
    /// The row that rows beyond the base are copies of, where a benchmark adds some.
    var copied = 0

    /// Opens a data set; without an element, vectors that all are counts times a scale are taken as counts.
    init(directory: String, element: VectorElement?) throws(IndexError) {
        self.directory = directory
        base = try VectorFile(path: directory + "/base.fvecs")
        let queries = try VectorFile(path: directory + "/query.fvecs")
        truth = try VectorFile(path: directory + "/truth.fvecs")
        guard queries.dimension == base.dimension else {
            throw .dimension(expected: base.dimension, found: queries.dimension)
        }
        guard truth.count == queries.count, truth.dimension >= BenchmarkData.count else {
            throw .vectorFile(
                path: truth.path, problem: "it does not hold the best scores of each query")
        }
        self.element = element ?? BenchmarkData.element(of: [queries, base])
        var vectors: [Vector] = []
        for number in 0..<queries.count {
            vectors.append(
                try BenchmarkData.vector(number, of: queries, as: self.element))
        }
        self.queries = vectors
    }

    private static func element(of files: [VectorFile]) -> VectorElement {
        for file in files {
            var counts = [Int8](repeating: 0, count: file.dimension)
            for number in 0..<file.count {
                let scale = file.withVector(number) { recoverCounts($0, into: &counts) }
                if scale == nil { return .floats }
            }
        }
        return .counts
    }

    private static func vector(
        _ number: Int, of file: VectorFile, as element: VectorElement
    ) throws(IndexError) -> Vector {
        let floats = file.withVector(number) { vector in vector.indices.map { vector[$0] } }
        guard element == .counts else { return Vector(floats: floats, counts: [], scale: 1) }
        var counts = [Int8](repeating: 0, count: floats.count)
        guard let scale = recoverCounts(floats.span, into: &counts) else {
            throw .vectorFile(path: file.path, problem: "vector \(number) is no multiple of counts")
        }
        return Vector(floats: floats, counts: counts, scale: scale)
    }

    /// A vector of the base.
    func vector(_ row: Int) throws(IndexError) -> Vector {
        try BenchmarkData.vector(row, of: base, as: element)
    }

    /// Makes an index of vectors of the base's kind all at once.
    func index(
        _ configuration: IndexConfiguration, of vectors: VectorFile, threads: Int
    ) throws(IndexError) -> HNSWIndex {
        element == .floats
            ? try HNSWIndex(configuration, vectors: vectors, threads: threads)
            : try HNSWIndex(countsOf: vectors, configuration, threads: threads)
    }

    /// Makes an index into which the base is inserted, one after the other.
    func inserted(_ configuration: IndexConfiguration) throws(IndexError) -> HNSWIndex {
        let index = try HNSWIndex(configuration)
        for row in 0..<base.count {
            try insert(try vector(row), row: row, partition: SearchBenchmark.onlyPartition, into: index)
        }
        return index
    }

    /// Adds a vector to an index.
    func insert(
        _ vector: Vector, row: Int, partition: Partition, into index: HNSWIndex
    ) throws(IndexError) {
        let row = Row(rawValue: UInt32(row))
        if element == .floats {
            try index.insert(floats: vector.floats.span, row: row, partition: partition)
        } else {
            try index.insert(counts: vector.counts.span, scale: vector.scale, row: row, partition: partition)
        }
    }

    /// Adds a vector to an index that is to be linked later.
    func append(
        _ vector: Vector, row: Int, partition: Partition, into index: HNSWIndex
    ) throws(IndexError) {
        let row = Row(rawValue: UInt32(row))
        if element == .floats {
            try index.append(floats: vector.floats.span, row: row, partition: partition)
        } else {
            try index.append(counts: vector.counts.span, scale: vector.scale, row: row, partition: partition)
        }
    }

    /// Searches an index for the rows nearest to a vector.
    func search(_ index: HNSWIndex, _ vector: Vector, _ options: SearchOptions) throws(IndexError)
        -> SearchOutcome
    {
        element == .floats
            ? try index.search(floats: vector.floats.span, options: options)
            : try index.search(counts: vector.counts.span, scale: vector.scale, options: options)
    }

    /// The cosine that an answer to a query must reach to count as found.
    func bound(query: Int) -> Float { truth.withVector(query) { $0[BenchmarkData.count - 1] } - Self.slack }

    /// The cosine of a row's float vector: it decides, not the index's own score.
    func cosine(_ row: Int, _ vector: Vector) -> Float {
        base.withVector(row < base.count ? row : copied) { values in
            let others = vector.floats.span
            var sum = 0.0
            for place in values.indices { sum += Double(values[place]) * Double(others[place]) }
            return Float(sum)
        }
    }

    /// How many distinct rows of an answer are right.
    func found(_ outcome: SearchOutcome, for vector: Vector, bound: Float) -> Int {
        Set(outcome.hits.map(\.row)).count { cosine(Int($0.rawValue), vector) >= bound }
    }
}
