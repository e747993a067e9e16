import Synchronization

/// What an index knows of itself: values for screens, commands and metrics.
public struct IndexStatistics: Sendable, Hashable {
    /// One part of the index and the memory it holds.
    public struct Part: Sendable, Hashable {
        /// What the part is called.
        public var name: String
        /// How many bytes it holds.
        public var bytes: Int
    }

    /// The configuration in force.
    public var configuration: IndexConfiguration
    /// The kernels in use.
    public var kernel: KernelLevel
    /// Rows in the index.
    public var rows = 0
    /// Distinct vectors that have rows.
    public var nodes = 0
    /// Nodes that have lost all their rows and only carry walks.
    public var tombstones = 0
    /// Nodes with rows that no walk can reach.
    public var unreachable = 0
    /// Partitions with rows.
    public var partitions = 0
    /// How many nodes each layer has, the ground layer first.
    public var layers: [Int] = []
    /// How many nodes have 0, 1, 2 … links on the ground layer.
    public var degrees: [Int] = []
    /// Memory by part.
    public var parts: [Part] = []
    /// Searches answered since the index was made.
    public var searches = 0
    /// Vectors compared by those searches.
    public var distances = 0
    /// Nodes expanded by those searches.
    public var hops = 0

    /// All parts together, in bytes.
    public var memoryBytes: Int { parts.reduce(0) { $0 + $1.bytes } }
    /// Distinct vectors per row; 1 when nothing repeats.
    public var distinctShare: Double { rows == 0 ? 1 : Double(nodes) / Double(rows) }
}

extension HNSWIndex {
    /// Measures the index; counting what walks can reach visits every link, so ask no more than once a second
    /// or so.
    public func statistics() -> IndexStatistics {
        var statistics = guarded.reading { $0.statistics() }
        statistics.searches = counters.searches.load(ordering: .relaxed)
        statistics.distances = counters.distances.load(ordering: .relaxed)
        statistics.hops = counters.hops.load(ordering: .relaxed)
        return statistics
    }

    /// Every rule of the structure that does not hold, in words; empty when all is well.
    public func checkInvariants() -> [String] {
        guarded.reading { $0.problems() }
    }
}
