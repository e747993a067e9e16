extension Graph {
    /// The slots of each partition's nodes, in order of the partitions' numbers.
    ///
    /// Copied in this order each partition's vectors lie side by side, where comparing all of them reads memory in one
    /// go.
    func slotsByPartition() -> [[UInt32]] {
        partitions.sorted { $0.key < $1.key }.map(\.value.slots)
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

    /// The least self-recall over the codes that searches walk.
    private var leastSelfRecall: Double {
        quantized == nil ? Graph.selfRecallFloor : Graph.roughSelfRecallFloor
    }

    /// Makes sure that the graph may take over: every node can be reached, and a sample finds itself; answers the
    /// share that did.
    func verify(scratch: SearchScratch) throws(IndexError) -> Double {
        try verifyReachability()
        let selfRecall = selfRecall(sample: Graph.selfRecallSample, scratch: scratch)
        guard selfRecall >= leastSelfRecall else { throw .verification("self-recall is \(selfRecall)") }
        return selfRecall
    }

    /// Makes sure that every node can be reached.
    func verifyReachability() throws(IndexError) {
        let lost = unreachable().count
        guard lost == 0 else {
            throw .verification("\(lost == 1 ? "one vector" : "\(lost) vectors") cannot be reached")
        }
    }

    /// How many of the rows that one round of a rebuild carried over are searched for.
    private static let carriedSample = 64

    /// Makes sure that a sample of rows, at even distances, is found again; `sums` tells of those before.
    ///
    /// More may be missed than of the whole graph, by what chance makes of so few: three standard deviations.
    func verify(
        _ rows: [UInt32], scratch: SearchScratch, into sums: inout SelfSearchSums
    ) throws(IndexError) {
        let options = SearchOptions(count: 1, strategy: .graph)
        let step = max(1, (rows.count + Graph.carriedSample - 1) / Graph.carriedSample)
        for place in stride(from: 0, to: rows.count, by: step) {
            let slot = postings.slot(of: rows[place])
            // What was removed is not to be found.
            guard slot != Graph.none else { continue }
            searchForItself(slot, scratch: scratch, options: options, into: &sums)
        }
        let expected = (1 - leastSelfRecall) * Double(sums.searches)
        let missed = Double(sums.searches - sums.found)
        if missed <= max(2, expected + 3 * expected.squareRoot()) { return }
        throw .verification(
            "\(sums.found) of \(sums.searches) sampled rows that were inserted meanwhile find themselves")
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
