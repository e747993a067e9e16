public import VectorStores

/// Which number a series holds.
public enum MetricName: String, Sendable, Hashable, CaseIterable {
    /// Decisions per second, by event time.
    case decisions
    /// Share of denies, percent, by event time.
    case denyRate
    /// Decisions taken in per second, by wall time.
    case ingest
    /// Median search time in microseconds, by wall time.
    case searchP50
    /// 99th percentile of search time in microseconds, by wall time.
    case searchP99
    /// Searches per second, by wall time.
    case searches
    /// Recall at 10, percent, by wall time.
    case recall
    /// Entries in the store, by wall time.
    case vectors
    /// Bytes of the store in memory, by wall time.
    case memory
    /// Share of one core this process uses, percent, by wall time.
    case processor
    /// Share of the index's own vectors that walks find, percent, by wall time.
    case selfRecall
    /// Vectors that a walk compares, in the mean over the index's own, by wall time.
    case distances
    /// Nodes that a walk expands, in the mean over the index's own, by wall time.
    case hops
    /// Different vectors for each entry, percent, by wall time.
    case distinctShare
    /// Deleted nodes still in the graph, by wall time.
    case tombstones
    /// Nodes that no walk reaches, by wall time.
    case unreachable
    /// How many links half the nodes have at most, by wall time.
    case medianLinks
    /// Bytes of the vectors and their smaller codes, by wall time.
    case vectorMemory
    /// Bytes of the links between nodes, by wall time.
    case linkMemory
    /// Bytes of what tells which entry has which node, by wall time.
    case postingMemory
    /// Bytes of identifiers and metadata, by wall time.
    case decisionMemory
    /// Bytes that are read from the store's files instead of being in memory, by wall time.
    case mapped
    /// Microseconds in which the last drill was caught, by wall time.
    case drill
    /// Microseconds that the last run of the periodic pass took, by wall time.
    case pass
    /// What the last run of the periodic pass found, by wall time.
    case passFindings
}

extension MetricName {
    /// What a person reads above the chart.
    public var title: String {
        switch self {
        case .decisions: "Decisions/s"
        case .denyRate: "Deny rate"
        case .ingest: "Ingest"
        case .searchP50: "Search p50"
        case .searchP99: "Search p99"
        case .searches: "Searches"
        case .recall: "Recall@10"
        case .vectors: "Vectors"
        case .memory: "Store memory"
        case .processor: "Processor"
        case .selfRecall: "Self-recall"
        case .distances: "Distances"
        case .hops: "Hops"
        case .distinctShare: "Distinct"
        case .tombstones: "Tombstones"
        case .unreachable: "Unreachable"
        case .medianLinks: "Median links"
        case .vectorMemory: "… of vectors"
        case .linkMemory: "… of links"
        case .postingMemory: "… of postings"
        case .decisionMemory: "… of the rest"
        case .mapped: "In the file"
        case .drill: "Drill"
        case .pass: "Pass"
        case .passFindings: "… its findings"
        }
    }

    /// The unit of its values.
    public var unit: String {
        switch self {
        case .decisions, .ingest, .searches: "/s"
        case .denyRate, .recall, .processor, .selfRecall, .distinctShare: "%"
        case .searchP50, .searchP99, .drill, .pass: "µs"
        case .memory, .vectorMemory, .linkMemory, .postingMemory, .decisionMemory, .mapped: "B"
        case .vectors, .tombstones, .unreachable, .medianLinks, .distances, .hops, .passFindings: ""
        }
    }

    /// Whether it tells something of a store, that of rows which are no decisions included.
    public func isKnown(holdsDecisions: Bool) -> Bool {
        holdsDecisions || [.vectors, .searchP50, .searchP99, .searches, .processor].contains(self)
    }

    /// Whether its chart runs on the decisions' own time.
    public var isEventTime: Bool {
        switch self {
        case .decisions, .denyRate: true
        default: false
        }
    }
}

extension StoreStatistics {
    /// What the store knows of itself as points of series; what it does not tell is left out.
    public var metrics: [MetricName: Double] {
        var points: [MetricName: Double] = [
            .vectors: Double(vectors), .memory: Double(memoryBytes), .mapped: Double(mappedBytes),
            .distinctShare: distinctShare * 100, .tombstones: Double(index.tombstones),
            .unreachable: Double(index.unreachable),
        ]
        points[.medianLinks] = index.medianLinks.map { Double($0) }
        points[.selfRecall] = index.selfSearch.map { $0.recall * 100 }
        points[.distances] = index.selfSearch?.distances
        points[.hops] = index.selfSearch?.hops
        for (name, bytes) in memoryParts {
            let metric: MetricName =
                switch name {
                case "vectors", "codes": .vectorMemory
                case "links": .linkMemory
                case "postings", "directory", "partitions": .postingMemory
                default: .decisionMemory
                }
            points[metric, default: 0] += Double(bytes)
        }
        return points
    }
}
