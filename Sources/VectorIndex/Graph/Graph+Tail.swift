internal import CVectorKernels

/// The tail: nodes that are there in everything but the graph's links, linked a moment later, oldest first.
///
/// Links take a hundred microseconds each, a node without them a few, and a batch that is acknowledged need not wait
/// for what only makes searches quick. So the newest nodes may stand in a short list that every search compares whole,
/// as a log-structured merge tree looks into what it holds in memory beside what lies in order (P. O'Neil et al.,
/// 1996), and FreshDiskANN into its fresh index beside the large one (A. Singh et al., 2021, arXiv 2105.09613). Unlike
/// there only the links are late: vector, row, directory entry, partition and smaller code are in their tables at once,
/// so that whatever compares all that matches needs to know nothing of this.
///
/// Nothing links to a node of the tail, and no walk begins at one: walks meet them never, and look at all of them at
/// their end. A node that loses its last row before it was linked is gone at once, since nothing has to be cut.
extension Graph {
    /// More nodes than these are not left unlinked: every search compares them all, one after the other, which takes
    /// about as long as two walks of the usual breadth.
    ///
    /// Some ten batches of a thousand rows that come without a pause find room while the first of them are linked.
    static let tailLimit = 8_192
    /// The parent of a node of the tail.
    static let unlinked = Graph.none - 1

    @inline(__always)
    func isInTail(_ slot: UInt32) -> Bool { parents[slot] == Graph.unlinked }

    /// Whether a new node may be left unlinked; the first is where walks begin.
    var takesTail: Bool { !isUnlinked && entry != Graph.none && tail.count < Graph.tailLimit }

    /// Gives a row to its node; a new one goes to the tail.
    func append(_ planned: InsertPlan, row: UInt32, scratch: SearchScratch) throws(IndexError) {
        guard postings.slot(of: row) == Graph.none else { throw .rowTaken(Row(rawValue: row)) }
        let plan = isCurrent(planned, scratch) ? planned : planNode(scratch, partition: planned.partition)
        if let existing = plan.existing ?? find(scratch, partition: plan.partition, hash: plan.hash) {
            return join(row, to: existing, scratch: scratch)
        }
        let slot = try addNode(scratch, partition: plan.partition, hash: plan.hash, level: plan.level)
        attach(row, to: slot)
        parents[slot] = Graph.unlinked
        tail.append(slot)
    }

    /// Takes a node that has lost its last row out of every table.
    ///
    /// No generation begins with that: nothing links to the node, so that no walk stands on it, has it among what it
    /// found, or chose it as a link. Whoever names it all the same looks again once it may have gone: who planned a row
    /// for it (``isCurrent(_:_:)``) or its links (``linkTail(_:scratch:)``) whether it has the vector still, and a walk
    /// that paused whether it has rows (``offerTail(to:_:_:of:named:)``). Its slot may be another's by then, and is
    /// compared as that. Did a generation begin, each removal of what has just come would make all searches that
    /// paused begin again, without a pause.
    func dropFromTail(_ slot: UInt32) {
        if let place = tail.firstIndex(of: slot) { tail.remove(at: place) }
        directory.remove(hash(slot: slot), slot: slot)
        // It is one of the partition's newest.
        let nodes = partitions[partitionOfNode[slot]]
        if let place = nodes?.slots.lastIndex(of: slot) { nodes?.slots.remove(at: place) }
        free(slot)
    }

    /// Takes the nodes that were in the tail when the operation began into a pool, under the name that its nodes have.
    ///
    /// Those of one partition where one is named. `name` answers `none` for a node that is not wanted, and is asked
    /// only about what is near enough. The target is the one that the pool was found by. Those that were linked while
    /// the walk paused, which may have met them, are among them still; those that have gone are passed over, and what
    /// has one's slot by now is taken as itself.
    @inline(__always)
    func offerTail(
        to pool: inout CandidatePool, _ target: WalkTarget, _ scratch: SearchScratch,
        of partition: UInt32 = Graph.none, named name: (UInt32) -> UInt32
    ) {
        if scratch.tail.isEmpty { return }
        compareTail(to: &pool, target, scratch, of: partition, named: name)
    }

    @inline(never)
    private func compareTail(
        to pool: inout CandidatePool, _ target: WalkTarget, _ scratch: SearchScratch,
        of partition: UInt32, named name: (UInt32) -> UInt32
    ) {
        let tail = scratch.tail
        let slots = unsafe scratch.slots
        let scores = unsafe scratch.scores
        var next = 0
        while next < tail.count {
            var count = 0
            while count < SearchScratch.blockCapacity, next < tail.count {
                let slot = tail[next]
                next += 1
                if partition != Graph.none, partitionOfNode[slot] != partition { continue }
                unsafe slots[count] = slot
                count += 1
            }
            if count == 0 { break }
            unsafe kernel.score(target.query, target.codes, slots: slots, count: count, into: scores)
            scratch.scanned += count
            for index in 0..<count {
                let score = unsafe scores[index]
                guard score >= pool.worstScore else { continue }
                let slot = unsafe slots[index]
                guard isLive(slot) else { continue }
                let named = name(slot)
                if named == Graph.none || !isInTail(slot) && pool.contains(named) { continue }
                pool.insert(score, named)
            }
        }
    }
}

/// The node that is to be linked next, whose links the scratch has planned.
struct TailPlan {
    var slot: UInt32
    var partition: UInt32
    /// What the graph's generation was.
    var generation: Int
}

extension Graph {
    /// Finds the links of the oldest node of the tail; nil where there is none.
    func planTail(_ scratch: SearchScratch) -> TailPlan? {
        guard let slot = tail.first else { return nil }
        let plan = TailPlan(slot: slot, partition: partitionOfNode[slot], generation: generation)
        planLinks(of: slot, scratch)
        return plan
    }

    private func planLinks(of slot: UInt32, _ scratch: SearchScratch) {
        scratch.beginCounting()
        scratch.vector.load(slot, of: arena, kernel)
        planLinks(level: Int(levels[slot]), scratch: scratch)
    }

    /// Links a node of the tail as planned; nothing is done where another thread did, or it is gone.
    func linkTail(_ plan: TailPlan, scratch: SearchScratch) {
        guard isInTail(plan.slot), let place = tail.firstIndex(of: plan.slot) else { return }
        // The slot may be another node's, which came to the tail when the planned one had gone.
        let isSame =
            plan.generation == generation && partitionOfNode[plan.slot] == plan.partition
            && arena.holds(scratch.vector, at: plan.slot)
        if !isSame { planLinks(of: plan.slot, scratch) }
        tail.remove(at: place)
        parents[plan.slot] = Graph.none
        link(plan.slot, level: Int(levels[plan.slot]), scratch: scratch)
        continueSweep(scratch: scratch)
    }
}
