import struct Synchronization.Atomic

/// The navigable small-world graph and everything it stands on; not synchronised, see `HNSWIndex`.
///
/// Y. Malkov, D. Yashunin: Efficient and robust approximate nearest neighbor search using Hierarchical
/// Navigable Small World graphs, 2016 (arXiv 1603.09320). One node stands for all rows of a partition with
/// the same vector.
final class Graph {
    static let none = UInt32.max
    /// How many nodes fit: what the address space is reserved for.
    static let nodeLimit = 1 << 24

    let configuration: IndexConfiguration
    let kernel: Kernel
    let arena: CodeArena
    /// Smaller codes of the nodes, which searches walk over.
    var quantized: QuantizedCodes?
    let ground: LinkTable
    var upper: UpperLinks
    let levels: ReservedArray<UInt8>
    let partitionOfNode: ReservedArray<UInt32>
    let postings: PostingTable
    var directory = NodeDirectory()
    var partitions: [UInt32: PartitionNodes] = [:]

    /// Slots handed out so far, dead ones included.
    var slotCount = 0
    /// Nodes that have lost all their rows and only carry walks.
    var tombstoneCount = 0
    var rowCount = 0
    /// One more than the highest row number seen.
    var rowEnd = 0
    /// Rows inserted or removed since a rebuild began; nil when none is running.
    var touched: [UInt32]?
    /// The node through which each node is reached; the entry is its own, `none` is not in the tree, and `unlinked` is
    /// in the tail.
    let parents: ReservedArray<UInt32>
    var entry = Graph.none
    var topLevel = 0
    /// Whether nodes get no links until all are linked at once: searches compare everything meanwhile.
    var isUnlinked = false
    /// Nodes that are searched and not linked yet, oldest first; see `Graph+Tail.swift`.
    var tail: [UInt32] = []
    /// Slots that a sweep has emptied, to be used again.
    var freeSlots: [UInt32] = []
    /// The sweep in progress, if there is one.
    var sweep: Sweep?
    /// Changes when nodes that were linked die or their slots become free, so that a plan made before is made again;
    /// no two graphs share one, since a rebuilt one takes over between the halves of an insert.
    private(set) var generation = Graph.nextGeneration()
    private static let generations = Atomic<Int>(0)

    /// `groundLinks` is for the graph of a file, whose lists may be of another length.
    init(
        _ configuration: IndexConfiguration, layout: CodeLayout? = nil, groundLinks: Int? = nil
    ) throws(IndexError) {
        try configuration.validated()
        let limit = Graph.nodeLimit
        self.configuration = configuration
        kernel = try Kernel(configuration.kernel)
        arena = try CodeArena(configuration, layout: layout ?? CodeLayout(configuration), capacity: limit)
        let groundLinks = groundLinks ?? configuration.groundLinks
        precondition(
            groundLinks <= SearchScratch.planStride && groundLinks < SearchScratch.blockCapacity,
            "a list is longer than working memory has room for")
        ground = try LinkTable(width: groundLinks, capacity: limit)
        upper = try UpperLinks(width: configuration.maximumLinks, capacity: limit)
        levels = try ReservedArray(capacity: limit, part: "levels")
        partitionOfNode = try ReservedArray(capacity: limit, part: "partitions")
        postings = try PostingTable(nodeCapacity: limit)
        parents = try ReservedArray(capacity: limit, part: "parents")
    }

    private static func nextGeneration() -> Int {
        generations.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Makes plans that were made before be made again.
    func beginGeneration() { generation = Graph.nextGeneration() }

    /// Nodes that have rows.
    var liveCount: Int { slotCount - tombstoneCount - freeSlots.count }

    @inline(__always)
    func isLive(_ slot: UInt32) -> Bool { postings.count(slot) != 0 }

    @inline(__always)
    func isFree(_ slot: UInt32) -> Bool { partitionOfNode[slot] == Graph.none }

    func hash(_ vector: borrowing PreparedVector, partition: UInt32) -> UInt64 {
        vector.hash(seed: UInt64(partition) << 32)
    }

    func hash(slot: UInt32) -> UInt64 {
        arena.hash(slot, seed: UInt64(partitionOfNode[slot]) << 32)
    }

    /// The node of the scratch's vector in a partition, if there is one.
    func find(_ scratch: SearchScratch, partition: UInt32, hash: UInt64) -> UInt32? {
        directory.find(hash) { slot in
            partitionOfNode[slot] == partition && arena.holds(scratch.vector, at: slot)
        }
    }

    /// The level of a vector, from its hash: independent of the order and the thread it is inserted on.
    func level(hash: UInt64) -> Int {
        var generator = SplitMix64(seed: hash &+ configuration.seed)
        let bits = generator.next()
        // Each further level keeps one node in `maximumLinks`.
        var level = 0
        let ratio = UInt64.max / UInt64(configuration.maximumLinks)
        var threshold = ratio
        while level < SearchScratch.layerLimit - 1, bits < threshold {
            level += 1
            threshold /= UInt64(configuration.maximumLinks)
        }
        return level
    }
}

/// The nodes of one partition.
final class PartitionNodes {
    var slots: [UInt32] = []
    /// How many of them have rows.
    var live = 0
    var rows = 0
}
