import VectorIndex

/// A plain scan over every row: the oracle that approximate answers are measured against.
///
/// It shares nothing with the graph but the way a vector is scored: no collapsing, no codes, one row after
/// the other.
struct ExactIndex: Sendable {
    private struct Entry {
        var row: Row
        var partition: Partition
        var vector: [Float]
        var squaredLength: Double
    }

    private let metric: Metric
    private let dimension: Int
    private var entries: [Entry] = []
    private var places: [Row: Int] = [:]

    /// Makes an empty index for vectors of a dimension.
    init(dimension: Int, metric: Metric = .cosine) {
        self.dimension = dimension
        self.metric = metric
    }

    /// How many rows the index holds.
    var count: Int { entries.count }

    /// Adds a row whose vector is `counts * scale`.
    mutating func insert(
        counts: Span<Int8>, scale: Float, row: Row, partition: Partition
    ) throws(IndexError) {
        try insert((0..<counts.count).map { Float(counts[$0]) * scale }, row: row, partition: partition)
    }

    /// Adds a row with a float vector.
    mutating func insert(floats: Span<Float>, row: Row, partition: Partition) throws(IndexError) {
        try insert((0..<floats.count).map { floats[$0] }, row: row, partition: partition)
    }

    private mutating func insert(_ vector: [Float], row: Row, partition: Partition) throws(IndexError) {
        guard vector.count == dimension else { throw .dimension(expected: dimension, found: vector.count) }
        guard places[row] == nil else { throw .rowTaken(row) }
        places[row] = entries.count
        entries.append(
            Entry(row: row, partition: partition, vector: vector, squaredLength: dot(vector, vector)))
    }

    /// Takes a row out; false if it was not there.
    @discardableResult
    mutating func remove(_ row: Row) -> Bool {
        guard let place = places.removeValue(forKey: row) else { return false }
        let last = entries.removeLast()
        if place < entries.count {
            entries[place] = last
            places[last.row] = place
        }
        return true
    }

    /// The nearest rows, by score descending then row.
    func search(_ vector: [Float], count: Int, partition: Partition? = nil, filter: RowFilter? = nil)
        -> [Hit]
    {
        let squaredLength = dot(vector, vector)
        var hits: [Hit] = []
        for entry in entries {
            guard partition == nil || entry.partition == partition else { continue }
            guard filter?.contains(entry.row) ?? true else { continue }
            hits.append(Hit(row: entry.row, score: score(vector, squaredLength, entry)))
        }
        hits.sort { $0.precedes($1) }
        return Array(hits.prefix(count))
    }

    private func score(_ vector: [Float], _ squaredLength: Double, _ entry: Entry) -> Float {
        let product = dot(vector, entry.vector)
        return switch metric {
        case .cosine: Float(product / (squaredLength * entry.squaredLength).squareRoot())
        case .euclidean: Float(2 * product - squaredLength - entry.squaredLength)
        case .innerProduct: Float(product)
        }
    }

    private func dot(_ left: [Float], _ right: [Float]) -> Double {
        var sum = 0.0
        for index in 0..<min(left.count, right.count) { sum += Double(left[index]) * Double(right[index]) }
        return sum
    }
}
