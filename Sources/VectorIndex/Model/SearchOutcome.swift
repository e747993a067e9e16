/// One row that a search found.
public struct Hit: Sendable, Hashable {
    /// The row.
    public var row: Row
    /// Its similarity: higher is nearer, see `Metric`.
    public var score: Float

    /// Pairs a row with its score.
    public init(row: Row, score: Float) {
        self.row = row
        self.score = score
    }

    /// Whether this hit comes before another: by score descending, then row.
    public func precedes(_ other: Hit) -> Bool {
        score != other.score ? score > other.score : row < other.row
    }
}

/// The answer of a search and how it came about.
public struct SearchOutcome: Sendable, Hashable {
    /// The rows, by score descending; rows of one score by number, or as the search was told.
    public var hits: [Hit] = []
    /// How the search was answered.
    public var strategy: SearchStrategy = .exact
    /// Whether every row that may match was compared, so that no nearer one exists.
    public var isExact: Bool = false
    /// How many vectors were compared.
    public var scanned: Int = 0
    /// How many nodes of the graph were expanded.
    public var hops: Int = 0

    /// An empty answer.
    public init() {}
}

/// One distinct vector near another, standing for all rows that share it.
public struct NearestNode: Sendable, Hashable {
    /// The oldest row with this vector.
    public var firstRow: Row
    /// The newest row with this vector.
    public var lastRow: Row
    /// How many rows have it.
    public var count: Int
    /// Its similarity.
    public var similarity: Float
}

/// How new a vector was to its partition at the moment it was inserted.
public struct Novelty: Sendable, Hashable {
    /// How many of the nearest past rows the mean is taken over.
    public static let neighbours = 10

    /// The mean similarity of the 10 nearest earlier rows of the partition, counting every row of a repeated
    /// vector; rows that are missing count as 0.
    public var meanSimilarity: Float = 0
    /// The nearest earlier row of the partition; the newest one when several share the vector.
    public var nearestRow: Row?
    /// The similarity of the nearest earlier row; 0 if there is none.
    public var nearestSimilarity: Float = 0
    /// How many earlier rows of the partition had exactly this vector.
    public var multiplicityBefore: Int = 0
    /// How many vectors were compared to find out.
    public var scanned: Int = 0
    /// Whether similarities were measured: not in an index whose links are still to be made.
    public var isMeasured = true

    /// The novelty of the first row of a partition.
    public init() {}
}
