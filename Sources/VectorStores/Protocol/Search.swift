public import Decisions

/// A question to a store.
public struct SearchRequest: Sendable {
    /// What to be near to; `nil` lists the newest first.
    public var target: Target?
    /// Only entries that match; `nil` for all.
    public var query: Query?
    /// How many results, at most.
    public var limit: Int
    /// Compares with every matching entry instead of walking the graph.
    public var exact: Bool
    /// Breadth of the graph walk (the paper's ef); `nil` for the store's own: what its recall setting chose.
    public var breadth: Int?
    /// Forces the graph even where another strategy would be chosen; for measuring.
    public var forcesGraph: Bool

    /// What a search is near to.
    public enum Target: Sendable {
        /// A vector.
        case embedding(Embedding)
        /// A stored entry, itself left out of the results.
        case like(id: String, tenant: String?)
    }

    /// Creates a request.
    public init(
        target: Target? = nil, query: Query? = nil, limit: Int = 10, exact: Bool = false,
        breadth: Int? = nil, forcesGraph: Bool = false
    ) {
        self.target = target
        self.query = query
        self.limit = limit
        self.exact = exact
        self.breadth = breadth
        self.forcesGraph = forcesGraph
    }

    /// The most results one search may ask for.
    public static let maximumLimit = 10_000
    /// The widest walk one search may ask for.
    public static let maximumBreadth = 10_000

    /// Refuses numbers that no store answers.
    package func checkRanges() throws(StoreError) {
        guard (1...SearchRequest.maximumLimit).contains(limit) else {
            throw StoreError(
                .usage,
                "\(limit) results cannot be asked for: ask for 1 to \(SearchRequest.maximumLimit)")
        }
        if let breadth, !(1...SearchRequest.maximumBreadth).contains(breadth) {
            throw StoreError(
                .usage,
                "a search breadth of \(breadth) is out of range: use 1 to \(SearchRequest.maximumBreadth)")
        }
    }
}

/// How a search was answered.
public enum SearchStrategy: String, Sendable, Hashable, CaseIterable {
    /// Newest first, no vector compared.
    case list
    /// Every matching vector compared.
    case exact
    /// The graph walked.
    case graph
    /// The graph walked, entries that do not match passed through.
    case filteredGraph = "filtered-graph"
    /// A mirror's graph walked.
    case mirrorGraph = "mirror-graph"
    /// Every matching vector of a mirror compared.
    case mirrorExact = "mirror-exact"
    /// Answered by pgvector.
    case pgvector
}

/// What a store answers, and how it came to it.
public struct SearchAnswer: Sendable {
    /// How it was answered.
    public var strategy: SearchStrategy
    /// Whether no better answer exists.
    public var exact: Bool
    /// Vectors compared, or rows looked at by a list.
    public var scanned: Int
    /// Time spent in the store, in microseconds.
    public var elapsedMicroseconds: Double
    /// Why there are fewer results than asked for; present exactly then.
    public var reason: String?
    /// By (similarity descending, identifier); for a list by (time descending, identifier).
    public var results: [SearchResult]
    /// Seconds since the mirror that answered last held what its server does; `nil` while that is as good as now.
    public var mirrorAgeSeconds: Double?

    /// Creates an answer.
    public init(
        strategy: SearchStrategy, exact: Bool, scanned: Int, elapsedMicroseconds: Double,
        reason: String? = nil, results: [SearchResult]
    ) {
        self.strategy = strategy
        self.exact = exact
        self.scanned = scanned
        self.elapsedMicroseconds = elapsedMicroseconds
        self.reason = reason
        self.results = results
    }
}

/// One result of a search.
public struct SearchResult: Sendable, Hashable {
    /// The entry.
    public var stored: StoredDecision
    /// Cosine with the target; absent in a list.
    public var similarity: Float?

    /// Creates a result.
    public init(stored: StoredDecision, similarity: Float?) {
        self.stored = stored
        self.similarity = similarity
    }
}
