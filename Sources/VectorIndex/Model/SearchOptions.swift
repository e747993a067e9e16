/// How a search should be answered.
public enum StrategyChoice: Sendable, Hashable {
    /// The index chooses by estimated cost.
    case automatic
    /// Walk the graph, whatever it costs.
    case graph
    /// Compare with every vector that may match.
    case exact
}

/// How a search was answered.
public enum SearchStrategy: String, Sendable, Hashable {
    /// Every vector that may match was compared.
    case exact
    /// The graph was walked, unfiltered.
    case graph
    /// The graph was walked and only matching rows were kept.
    case filteredGraph = "filtered-graph"
}

/// What a search asks beside its vector.
public struct SearchOptions: Sendable {
    /// How many rows to return.
    public var count: Int
    /// How many candidates to expand while walking the graph, never under one more than `count`; nil is the index's
    /// default.
    ///
    /// Under a filter that many rows match, twice as many.
    public var breadth: Int?
    /// The partition the answer must come from; nil is all of them.
    public var partition: Partition?
    /// The rows the answer must come from; nil is all of them.
    public var filter: RowFilter?
    /// A row to leave out: the one that the vector was taken from.
    public var excluding: Row?
    /// How the search should be answered.
    public var strategy: StrategyChoice = .automatic

    /// Whether what a walk over smaller codes finds is scored again; without, recall is that of the codes.
    public var isRescored = true

    /// How many rows may be expected to pass a test that is asked of those that a walk meets; nil without one.
    var expected: Int?

    /// Asks for `count` rows of a partition.
    public init(
        count: Int = 10, breadth: Int? = nil, partition: Partition? = nil, filter: RowFilter? = nil,
        excluding: Row? = nil, strategy: StrategyChoice = .automatic
    ) {
        self.count = count
        self.breadth = breadth
        self.partition = partition
        self.filter = filter
        self.excluding = excluding
        self.strategy = strategy
    }

    /// Whether every row may be returned, but for one that is left out: its node is met and passed over.
    var isUnrestricted: Bool { partition == nil && !isFiltered }
    /// Whether rows are chosen by more than their partition.
    var isFiltered: Bool { filter != nil || expected != nil }
    /// How many rows a walk may meet that are not returned.
    var passedOver: Int { excluding == nil ? 0 : 1 }
    /// How many rows a walk must find to return as many as asked for, and to know whether the next is as near.
    var needed: Int { min(count, Int(Row.limit)) + passedOver + 1 }
}
