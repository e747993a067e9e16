/// What an index knows of itself: values for screens, commands and metrics.
public struct IndexStatistics: Sendable, Hashable {
    /// One part of the index and the memory it holds.
    public struct Part: Sendable, Hashable {
        /// What the part is called.
        public var name: String
        /// How many bytes of memory it holds.
        public var bytes: Int
        /// How many bytes of it are pages of a snapshot's file, which are no memory of the process.
        public var mappedBytes = 0
    }

    /// What searches for a sample of the index's own vectors found, and what they cost.
    public struct SelfSearch: Sendable, Hashable {
        /// How many vectors were searched for.
        public var searches: Int
        /// The share of them that was found.
        public var recall: Double
        /// Vectors compared by a search, in the mean.
        public var distances: Double
        /// Nodes expanded by a search, in the mean.
        public var hops: Double
    }

    /// What centroids were trained on.
    public struct Training: Sendable, Hashable {
        /// How many vectors.
        public var vectors: Int
        /// How many centroids the fullest part has.
        public var centroids: Int
        /// How many it could have: fewer than these are there when there was too little to train on.
        public var centroidLimit: Int
    }

    /// The configuration in force.
    public var configuration: IndexConfiguration
    /// The quantization in force: that of the configuration, once its codes are made.
    public var quantization = Quantization.none
    /// Bytes of the code of one vector that searches walk over.
    public var codeBytes = 0
    /// Bytes of the exact form of one vector, by which it is scored in the end.
    public var exactBytes = 0
    /// The kernels in use.
    public var kernel: KernelLevel
    /// Rows in the index.
    public var rows = 0
    /// Distinct vectors that have rows.
    public var nodes = 0
    /// Nodes that have lost all their rows and only carry walks.
    public var tombstones = 0
    /// Nodes with rows that have no links yet: searches compare them all.
    public var tail = 0
    /// Nodes with rows that no walk can reach, without those of the tail.
    public var unreachable = 0
    /// Partitions with rows.
    public var partitions = 0
    /// How many nodes each layer has, the ground layer first.
    public var layers: [Int] = []
    /// How many nodes have 0, 1, 2 … links on the ground layer.
    public var degrees: [Int] = []
    /// Memory by part.
    public var parts: [Part] = []
    /// What the centroids of the smaller codes were trained on; nil when the codes name none.
    public var training: Training?
    /// How walks find the index's own vectors; nil when there are none.
    public var selfSearch: SelfSearch?

    /// The memory of all parts together, in bytes.
    public var memoryBytes: Int { parts.reduce(0) { $0 + $1.bytes } }
    /// What all parts together have in a file, in bytes.
    public var mappedBytes: Int { parts.reduce(0) { $0 + $1.mappedBytes } }
}
