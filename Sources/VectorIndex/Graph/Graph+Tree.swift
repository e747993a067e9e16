internal import CVectorKernels

/// A spanning tree over the ground layer: every node but the entry has a parent that links to it, and the
/// way over the parents ends at the entry. So every node can be reached, at any moment and not only after a
/// repair: a list that is chosen anew keeps its children, unless another neighbour takes a child over.
///
/// Counting the links to a node is not enough: near-copies that link to each other alone have links, and
/// no walk finds them.
extension Graph {
    /// The longest way to the entry that is followed before a child is rather kept.
    private static let longestWay = 512

    @inline(__always)
    func isInTree(_ slot: UInt32) -> Bool { parents[slot] < Graph.unlinked }

    /// Whether a node's ground links lead to another.
    func links(_ owner: UInt32, to target: UInt32) -> Bool {
        let row = unsafe ground.row(owner)
        for index in 0..<ground.width {
            let linked = unsafe row[index]
            if linked == target { return true }
            if linked == Graph.none { return false }
        }
        return false
    }

    /// Gives a child to another of its neighbours; false if none links to it without descending from it.
    func handOver(_ child: UInt32, from parent: UInt32) -> Bool {
        let row = unsafe ground.row(child)
        for index in 0..<ground.width {
            let neighbour = unsafe row[index]
            if neighbour == Graph.none { return false }
            guard neighbour != parent, sweep?.dooms(neighbour) != true, links(neighbour, to: child),
                reachesEntry(from: neighbour, avoiding: child)
            else { continue }
            parents[child] = neighbour
            return true
        }
        return false
    }

    private func reachesEntry(from slot: UInt32, avoiding child: UInt32) -> Bool {
        var slot = slot
        for _ in 0..<Graph.longestWay {
            if slot == entry { return true }
            if slot == child || slot >= Graph.unlinked { return false }
            slot = parents[slot]
        }
        return false
    }

    /// Whether the way over the parents leads from a node to the entry, and every parent on it links to its child: a
    /// way that is longer than most counts as none.
    func isReachedOverTree(_ slot: UInt32) -> Bool {
        var slot = slot
        for _ in 0..<Graph.longestWay {
            if slot == entry { return true }
            let parent = parents[slot]
            guard parent < Graph.unlinked, links(parent, to: slot) else { return false }
            slot = parent
        }
        return false
    }

    /// Makes a node in the tree the parent of one that is not, in place of a link that carries no child;
    /// false if every link carries one.
    func adopt(_ orphan: UInt32, by owner: UInt32) -> Bool {
        let row = unsafe ground.row(owner)
        let degree = ground.degree(owner)
        if links(owner, to: orphan) {
            // A neighbour already, only not its parent.
        } else if degree < ground.width {
            unsafe row[degree] = orphan
        } else if let place = (0..<degree).last(where: { unsafe parents[row[$0]] != owner }) {
            unsafe row[place] = orphan
        } else {
            return false
        }
        parents[orphan] = owner
        return true
    }

    /// Links a node from the nearest one in the tree that a walk for the scratch's vector, which is its own,
    /// finds.
    func adopt(_ orphan: UInt32, scratch: SearchScratch) {
        let pool = walkFromTop(
            fullTarget(scratch), scratch, breadth: configuration.constructionBreadth)
        var nearest = entry
        for index in 0..<pool.count {
            let owner = pool[index].slot
            guard owner != orphan, isInTree(owner), sweep?.dooms(owner) != true else { continue }
            if adopt(orphan, by: owner) { return }
            if nearest == entry { nearest = owner }
        }
        adopt(orphan, below: nearest)
    }

    /// Links a node from a descendant of another: the first with a link to spare, a leaf at the latest.
    func adopt(_ orphan: UInt32, below owner: UInt32) {
        var owner = owner
        while !adopt(orphan, by: owner) { owner = unsafe ground.row(owner)[0] }
    }

    /// Lets walks begin at a node of the tree, and turns the tree so that it ends there.
    func moveEntry(to slot: UInt32, scratch: SearchScratch) {
        var child = slot
        var parent = parents[slot]
        while child != entry, parent < Graph.unlinked {
            let grandparent = parents[parent]
            if !links(child, to: parent) {
                let row = unsafe ground.row(child)
                let degree = ground.degree(child)
                if degree < ground.width {
                    unsafe row[degree] = parent
                } else if let place = (0..<degree).last(where: { unsafe parents[row[$0]] != child }) {
                    unsafe row[place] = parent
                } else {
                    // Every link carries a child, so none can turn round: rare enough to begin again.
                    setEntry(slot)
                    return growTree(scratch: scratch)
                }
            }
            parents[parent] = child
            child = parent
            parent = grandparent
        }
        parents[slot] = slot
        setEntry(slot)
    }

    private func setEntry(_ slot: UInt32) {
        entry = slot
        topLevel = Int(levels[slot])
    }

    /// Grows the tree anew from the entry; nodes with rows that no walk reaches are linked from near ones, but for
    /// those of the tail.
    func growTree(scratch: SearchScratch) {
        for slot in 0..<UInt32(slotCount) where !isInTail(slot) { parents[slot] = Graph.none }
        guard entry != Graph.none else { return }
        parents[entry] = entry
        var reached = SlotSet(below: slotCount)
        var queue: [UInt32] = []
        queue.reserveCapacity(slotCount)
        spread(from: entry, &queue, over: &reached) { parents[$0] = $1 }
        for slot in 0..<UInt32(slotCount) where !isInTree(slot) && !isInTail(slot) && isLive(slot) {
            scratch.vector.load(slot, of: arena, kernel)
            adopt(slot, scratch: scratch)
            spread(from: slot, &queue, over: &reached) { parents[$0] = $1 }
        }
    }

    /// Reaches what there is to reach over the ground layer from a node, breadth first, so that ways are short;
    /// each newly reached node is met together with the one that leads to it.
    ///
    /// `queue` is working memory. The lists lie far apart, so the next few are asked for ahead.
    @inline(__always)
    func spread(
        from start: UInt32, _ queue: inout [UInt32], over reached: inout SlotSet,
        meeting meet: (_ target: UInt32, _ from: UInt32) -> Void
    ) {
        queue.removeAll(keepingCapacity: true)
        _ = reached.insert(start)
        queue.append(start)
        var next = 0
        while next < queue.count { expand(&next, &queue, over: &reached, meeting: meet) }
    }

    /// Reaches what the links of the next node in a queue lead to, and goes on to the one behind it.
    @inline(__always)
    func expand(
        _ next: inout Int, _ queue: inout [UInt32], over reached: inout SlotSet,
        meeting meet: (_ target: UInt32, _ from: UInt32) -> Void
    ) {
        let ahead = 4
        let width = ground.width
        let slot = queue[next]
        next += 1
        if next + ahead < queue.count {
            unsafe vk_prefetch_lines(ground.row(queue[next + ahead]), (width + 15) / 16)
        }
        let row = unsafe ground.row(slot)
        for index in 0..<width {
            let target = unsafe row[index]
            if target == Graph.none { break }
            guard reached.insert(target) else { continue }
            meet(target, slot)
            queue.append(target)
        }
    }
}
