/// Which rows share each node's vector, as doubly linked lists through tables by row: no allocation, any
/// removal in constant time.
///
/// Row numbers and slots are stored plus one, so that fresh memory means none.
struct PostingTable: ~Copyable {
    struct Node: BitwiseCopyable {
        var first: UInt32
        var last: UInt32
        var count: UInt32
    }
    struct RowLinks: BitwiseCopyable {
        var slot: UInt32
        var next: UInt32
        var previous: UInt32
    }

    private let nodes: ReservedArray<Node>
    private let rows: ReservedArray<RowLinks>

    init(nodeCapacity: Int) throws(IndexError) {
        let nodes = try ReservedArray<Node>(capacity: nodeCapacity, part: "postings")
        let rows = try ReservedArray<RowLinks>(capacity: Int(Row.limit), part: "rows")
        self.nodes = nodes
        self.rows = rows
    }

    /// The slot of a row's vector, or `Graph.none`.
    @inline(__always)
    func slot(of row: UInt32) -> UInt32 { row < Row.limit ? rows[row].slot &- 1 : Graph.none }

    @inline(__always)
    func count(_ slot: UInt32) -> UInt32 { nodes[slot].count }
    @inline(__always)
    func first(_ slot: UInt32) -> UInt32 { nodes[slot].first &- 1 }
    @inline(__always)
    func last(_ slot: UInt32) -> UInt32 { nodes[slot].last &- 1 }
    @inline(__always)
    func next(_ row: UInt32) -> UInt32 { rows[row].next &- 1 }
    @inline(__always)
    func previous(_ row: UInt32) -> UInt32 { rows[row].previous &- 1 }

    /// Adds a row at the end of a node's list.
    func append(_ row: UInt32, to slot: UInt32) {
        var node = nodes[slot]
        rows[row] = RowLinks(slot: slot + 1, next: 0, previous: node.last)
        if node.last != 0 { rows[node.last - 1].next = row + 1 } else { node.first = row + 1 }
        node.last = row + 1
        node.count += 1
        nodes[slot] = node
    }

    /// Takes a row out of its node's list.
    func remove(_ row: UInt32) {
        let links = rows[row]
        var node = nodes[links.slot - 1]
        if links.previous != 0 { rows[links.previous - 1].next = links.next } else { node.first = links.next }
        if links.next != 0 {
            rows[links.next - 1].previous = links.previous
        } else {
            node.last = links.previous
        }
        node.count -= 1
        nodes[links.slot - 1] = node
        rows[row] = RowLinks(slot: 0, next: 0, previous: 0)
    }

    /// Gives a row a free number; its place in its node's list stays.
    func move(_ row: UInt32, to number: UInt32) {
        let links = rows[row]
        precondition(links.slot != 0 && rows[number].slot == 0, "a row moves to a free number")
        var node = nodes[links.slot - 1]
        if links.previous != 0 { rows[links.previous - 1].next = number + 1 } else { node.first = number + 1 }
        if links.next != 0 { rows[links.next - 1].previous = number + 1 } else { node.last = number + 1 }
        nodes[links.slot - 1] = node
        rows[row] = RowLinks(slot: 0, next: 0, previous: 0)
        rows[number] = links
    }

    static var bytesPerNode: Int { MemoryLayout<Node>.stride }
    static var bytesPerRow: Int { MemoryLayout<RowLinks>.stride }
}
