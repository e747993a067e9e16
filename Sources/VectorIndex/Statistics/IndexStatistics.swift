import Locks

import struct Synchronization.Atomic

/// What an index knows of itself: values for screens, commands and metrics.
public struct IndexStatistics: Sendable, Hashable {
    /// One part of the index and the memory it holds.
    public struct Part: Sendable, Hashable {
        /// What the part is called.
        public var name: String
        /// How many bytes it holds.
        public var bytes: Int
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
    /// What the centroids of the smaller codes were trained on; nil when the codes name none.
    public var training: Training?
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

/// A graph's shape, and when it was so.
struct MeasuredShape {
    var shape: GraphShape
    /// Nodes with rows at that time.
    var nodes: Int
    var version: UInt64
    var time: ContinuousClock.Instant

    /// Whether it still tells of a graph with that many nodes, being younger than `age`.
    func isLike(nodes: Int, upTo age: Duration) -> Bool {
        nodes < 2 * self.nodes && ContinuousClock.now - time < age
    }
}

extension HNSWIndex {
    /// Measures the index.
    ///
    /// What walks can reach, layers and degrees cost a visit to every link; they are counted only when the
    /// index changed, and then not while what was counted last is younger than `age`, unless the index has
    /// since grown to twice its nodes.
    public func statistics(shapeUpTo age: Duration = .zero) -> IndexStatistics {
        var (statistics, version) = guarded.withReadingVersioned { ($0.statistics(), $1) }
        let shape = shape(nodes: statistics.nodes, version: version, upTo: age)
        statistics.unreachable = shape.unreachable
        statistics.layers = shape.layers
        statistics.degrees = shape.degrees
        statistics.searches = counters.searches.load(ordering: .relaxed)
        statistics.distances = counters.distances.load(ordering: .relaxed)
        statistics.hops = counters.hops.load(ordering: .relaxed)
        return statistics
    }

    private func shape(nodes: Int, version: UInt64, upTo age: Duration) -> GraphShape {
        measured.withLock { measured in
            if let measured, measured.version == version || measured.isLike(nodes: nodes, upTo: age) {
                return measured.shape
            }
            let (shape, nodes, version) = guarded.withReadingVersioned { ($0.shape(), $0.liveCount, $1) }
            measured = MeasuredShape(shape: shape, nodes: nodes, version: version, time: .now)
            return shape
        }
    }

    /// Every rule of the structure that does not hold, in words; empty when all is well.
    public func checkInvariants() -> [String] {
        guarded.withReading { $0.problems() }
    }
}
