/// The ground layer's links: a dense matrix, one row of slots per node, ended by `none` when not full.
///
/// A row is a few cache lines, three with m 16, and its address follows from the slot.
struct LinkTable: ~Copyable {
    let width: Int
    let links: ReservedArray<UInt32>

    init(width: Int, capacity: Int) throws(IndexError) {
        self.width = width
        links = try ReservedArray(capacity: capacity * width, part: "links")
    }

    @inline(__always)
    @unsafe func row(_ slot: UInt32) -> UnsafeMutablePointer<UInt32> { unsafe links.base + Int(slot) * width }

    /// How many links a node has.
    @inline(__always)
    func degree(_ slot: UInt32) -> Int {
        let row = unsafe row(slot)
        var degree = 0
        while degree < width, unsafe row[degree] != Graph.none { degree += 1 }
        return degree
    }

    var bytesPerNode: Int { width * 4 }
}

/// The links of the upper layers: one node in sixteen has any, so they are kept apart, a block per node.
struct UpperLinks: ~Copyable {
    let width: Int
    /// The block of each node plus one; 0 is none.
    private let blocks: ReservedArray<UInt32>
    private let links: ReservedArray<UInt32>
    private let capacity: Int
    private(set) var blockCount: Int = 0
    /// Blocks of removed nodes, by their number of layers.
    private var freeBlocks: [Int: [UInt32]] = [:]

    init(width: Int, capacity nodeCapacity: Int) throws(IndexError) {
        let capacity = nodeCapacity / 4 + 1_024
        let blocks = try ReservedArray<UInt32>(capacity: nodeCapacity, part: "upper layers")
        let links = try ReservedArray<UInt32>(capacity: capacity * width, part: "upper links")
        self.width = width
        self.capacity = capacity
        self.blocks = blocks
        self.links = links
    }

    /// The links of a node on a layer from 1 up.
    @inline(__always)
    @unsafe func row(_ slot: UInt32, layer: Int) -> UnsafeMutablePointer<UInt32> {
        unsafe links.base + (Int(blocks[slot]) - 1 + layer - 1) * width
    }

    /// Whether blocks for `levels` more layers fit.
    func hasRoom(levels: Int) -> Bool { blockCount + levels <= capacity }

    /// Gives a node empty links on layers 1 to `levels`.
    mutating func add(_ slot: UInt32, levels: Int) {
        guard levels > 0 else {
            blocks[slot] = 0
            return
        }
        if let block = freeBlocks[levels]?.popLast() {
            blocks[slot] = block
        } else {
            blocks[slot] = UInt32(blockCount + 1)
            blockCount += levels
        }
        unsafe row(slot, layer: 1).update(repeating: Graph.none, count: levels * width)
    }

    /// Takes a node's links away.
    mutating func remove(_ slot: UInt32, levels: Int) {
        guard levels > 0 else { return }
        freeBlocks[levels, default: []].append(blocks[slot])
        blocks[slot] = 0
    }

    /// Bytes of memory of so many nodes: the number of each one's block, and the blocks.
    func bytes(nodes: Int) -> Int { nodes * MemoryLayout<UInt32>.stride + blockCount * width * 4 }
}
