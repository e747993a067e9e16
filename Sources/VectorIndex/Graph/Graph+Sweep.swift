/// A sweep in progress: dead nodes are cut out of every list that leads to them, then their slots are free.
struct Sweep {
    /// Which slots die with this sweep: those that were dead when it began.
    var doomed: [Bool]
    /// The next slot whose links are looked at.
    var cursor: UInt32 = 0
    /// Nodes made since, which found none but dead ones to link to.
    var latecomers: [UInt32] = []

    func dooms(_ slot: UInt32) -> Bool { slot < doomed.count && doomed[Int(slot)] }
}

/// Deletion after A. Singh et al., FreshDiskANN, 2021 (arXiv 2105.09613), algorithm 4: a node that links to a
/// dead one takes over that one's links, and chooses anew.
extension Graph {
    /// Dead nodes are swept when they are this many and this part of all.
    static let sweepMinimum = 256
    static let sweepShare = 5
    /// How many slots one insert or removal sweeps.
    ///
    /// Each that links to a dead node has its list chosen anew, among that one's neighbours too, which takes tens of
    /// microseconds: where nearly all do, a step takes the better part of a millisecond under the write lock.
    static let sweepStep = 8

    /// Does a step of a sweep if one is running or due; called by every operation that changes the graph.
    func continueSweep(scratch: SearchScratch) {
        // No list leads to a dead node where there are none.
        if isUnlinked { return }
        if sweep == nil {
            guard tombstoneCount >= Graph.sweepMinimum, tombstoneCount * Graph.sweepShare > liveCount else {
                return
            }
            beginSweep()
        }
        guard var running = sweep else { return }
        var left = Graph.sweepStep
        while left > 0, running.cursor < running.doomed.count {
            relink(running.cursor, sweep: running, scratch: scratch)
            running.cursor += 1
            left -= 1
        }
        sweep = running
        if running.cursor >= running.doomed.count { finishSweep(running, scratch: scratch) }
    }

    private func beginSweep() {
        var doomed = [Bool](repeating: false, count: slotCount)
        for slot in 0..<UInt32(slotCount) where !isLive(slot) && !isFree(slot) {
            doomed[Int(slot)] = true
            // A new row with this vector gets a new node: this one's days are numbered.
            directory.remove(hash(slot: slot), slot: slot)
        }
        sweep = Sweep(doomed: doomed)
        beginGeneration()
    }

    /// Cuts the doomed out of a node's lists.
    private func relink(_ slot: UInt32, sweep: Sweep, scratch: SearchScratch) {
        guard !isFree(slot), !sweep.dooms(slot) else { return }
        for layer in 0...Int(levels[slot]) { relink(slot, layer: layer, sweep: sweep, scratch: scratch) }
    }

    private func relink(_ slot: UInt32, layer: Int, sweep: Sweep, scratch: SearchScratch) {
        let width = width(layer: layer)
        let row = unsafe links(slot, layer: layer)
        var old: [UInt32] = []
        for index in 0..<width {
            let target = unsafe row[index]
            if target == Graph.none { break }
            old.append(target)
        }
        guard old.contains(where: sweep.dooms) else { return }
        var heirs: Set<UInt32> = []
        for target in old {
            guard sweep.dooms(target) else {
                heirs.insert(target)
                continue
            }
            let inherited = unsafe links(target, layer: layer)
            for index in 0..<width {
                let heir = unsafe inherited[index]
                if heir == Graph.none { break }
                if heir != slot, !sweep.dooms(heir), isLive(heir) { heirs.insert(heir) }
            }
        }
        scratch.vector.load(slot, of: arena, kernel)
        let target = fullTarget(scratch)
        // In order, so that a sweep depends on nothing but the graph.
        var candidates = heirs.sorted().map { heir in
            Candidate(score: score(target, slot: heir, scratch: scratch), id: heir)
        }
        candidates.sort { $0.score != $1.score ? $0.score > $1.score : $0.id < $1.id }
        let kept = unsafe candidates.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            return unsafe select(
                base, count: buffer.count, ownerOffset: arena.offset(slot),
                limit: width, scratch: scratch)
        }
        setLinks(slot, layer: layer, kept: kept, keepingTree: layer == 0, scratch: scratch)
    }

    /// Takes the links to the doomed that carried the tree until now out of a node's list.
    private func cut(_ sweep: Sweep, from slot: UInt32) {
        let row = unsafe ground.row(slot)
        let degree = ground.degree(slot)
        var kept = 0
        if !sweep.dooms(slot) {
            for index in 0..<degree where unsafe !sweep.dooms(row[index]) {
                unsafe row[kept] = row[index]
                kept += 1
            }
        }
        unsafe (row + kept).update(repeating: Graph.none, count: degree - kept)
    }

    /// Frees the slots of the doomed; only the tree leads to them still.
    private func finishSweep(_ finished: Sweep, scratch: SearchScratch) {
        for slot in finished.latecomers { relink(slot, sweep: finished, scratch: scratch) }
        sweep = nil
        beginGeneration()
        for slot in 0..<UInt32(slotCount) where !isFree(slot) { cut(finished, from: slot) }
        for nodes in partitions.values { nodes.slots.removeAll(where: finished.dooms) }
        for slot in 0..<UInt32(finished.doomed.count) where finished.dooms(slot) {
            free(slot)
        }
        if entry != Graph.none, finished.dooms(entry) { chooseEntry() }
        growTree(scratch: scratch)
    }

    /// Lets the slot of a dead node be used again, to which nothing leads any more.
    func free(_ slot: UInt32) {
        upper.remove(slot, levels: Int(levels[slot]))
        levels[slot] = 0
        parents[slot] = Graph.none
        partitionOfNode[slot] = Graph.none
        freeSlots.append(slot)
        tombstoneCount -= 1
    }

    /// Lets walks begin at a linked node of the highest layer.
    private func chooseEntry() {
        entry = Graph.none
        topLevel = 0
        for slot in 0..<UInt32(slotCount) where !isFree(slot) && !isInTail(slot) {
            if entry == Graph.none || Int(levels[slot]) > topLevel {
                entry = slot
                topLevel = Int(levels[slot])
            }
        }
    }
}
