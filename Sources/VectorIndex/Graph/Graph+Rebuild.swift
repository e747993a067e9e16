extension Graph {
    /// The slots of nodes with rows, partition by partition.
    ///
    /// In this order a copy has each partition's vectors side by side, where comparing all of them reads memory in
    /// one go. What is linked in which order does not depend on it.
    func liveSlotsByPartition() -> [UInt32] {
        let ordered = partitions.sorted { $0.key < $1.key }
        return ordered.flatMap { $0.value.slots.sorted() }.filter(isLive)
    }

    /// Copies nodes that still have rows, and their rows in order, to a graph that has none; links are left to a
    /// builder.
    func copyNodes(_ slots: ArraySlice<UInt32>, to copy: Graph) throws(IndexError) {
        for slot in slots where isLive(slot) {
            let place = UInt32(copy.slotCount)
            let hash = hash(slot: slot)
            let level = copy.level(hash: hash)
            guard copy.slotCount < Graph.nodeLimit, copy.upper.hasRoom(levels: level) else {
                throw .full(nodes: copy.slotCount)
            }
            copy.arena.copy(slot, of: arena, to: place)
            copy.register(place, partition: partitionOfNode[slot], hash: hash, level: level)
            var row = postings.first(slot)
            while row != Graph.none {
                // A row met again was moved meanwhile; catching up will put it right.
                if copy.postings.slot(of: row) == Graph.none { copy.attach(row, to: place) }
                row = postings.next(row)
            }
        }
    }

    /// Brings one row of a rebuilt graph up to date with this one.
    func bringUpToDate(_ row: UInt32, in copy: Graph, scratch: SearchScratch) throws(IndexError) {
        _ = copy.remove(row)
        let slot = postings.slot(of: row)
        guard slot != Graph.none else { return }
        scratch.vector.load(slot, of: arena, kernel)
        let plan = copy.plan(scratch, partition: partitionOfNode[slot], measuringNovelty: false)
        try copy.commit(plan, row: row, scratch: scratch)
    }

    /// The least share of its own vectors that a rebuilt graph must find again.
    static let selfRecallFloor = 0.95
    /// The same where walks go over smaller codes: near-copies may share one, which wider searches make up for.
    static let roughSelfRecallFloor = 0.9
    private static let selfRecallSample = 512

    /// Makes sure that the graph may take over: every node can be reached, and a sample finds itself; answers the
    /// share that did.
    func verify(scratch: SearchScratch) throws(IndexError) -> Double {
        let lost = unreachable().count
        guard lost == 0 else { throw .verification("\(lost) vectors cannot be reached") }
        let selfRecall = selfRecall(sample: Graph.selfRecallSample, scratch: scratch)
        let floor = quantized == nil ? Graph.selfRecallFloor : Graph.roughSelfRecallFloor
        guard selfRecall >= floor else { throw .verification("self-recall is \(selfRecall)") }
        return selfRecall
    }

    /// The share of a sample of nodes that a search finds for their own vector, over the codes that searches
    /// walk.
    private func selfRecall(sample: Int, scratch: SearchScratch) -> Double {
        var sums = SelfSearchSums()
        let options = SearchOptions(count: 1, strategy: .graph)
        for slot in liveSlots(sample: sample) {
            searchForItself(slot, scratch: scratch, options: options, into: &sums)
        }
        return sums.mean?.recall ?? 1
    }
}
