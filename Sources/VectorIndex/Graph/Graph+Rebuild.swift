extension Graph {
    /// Copies nodes with rows, and their rows in order, to a graph that has none; links are left to a
    /// builder.
    func copyNodes(_ slots: Range<UInt32>, to copy: Graph) throws(IndexError) {
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
            while row != PostingTable.none {
                // A row met again was moved meanwhile; catching up will put it right.
                if copy.postings.slot(of: row) == PostingTable.none { copy.attach(row, to: place) }
                row = postings.next(row)
            }
        }
    }

    /// Brings one row of a rebuilt graph up to date with this one.
    func bringUpToDate(_ row: UInt32, in copy: Graph, scratch: SearchScratch) throws(IndexError) {
        _ = copy.remove(row)
        let slot = postings.slot(of: row)
        guard slot != PostingTable.none else { return }
        scratch.vector.load(slot, of: arena, kernel)
        let plan = copy.plan(scratch, partition: partitionOfNode[slot], measuringNovelty: false)
        try copy.commit(plan, row: row, scratch: scratch)
    }

    /// The share of a sample of nodes that a walk for their own vector finds.
    func selfRecall(sample: Int, scratch: SearchScratch) -> Double {
        guard liveCount > 0 else { return 1 }
        let step = max(1, slotCount / sample)
        var asked = 0
        var found = 0
        for slot in stride(from: 0, to: UInt32(slotCount), by: step) where isLive(slot) {
            scratch.vector.load(slot, of: arena, kernel)
            let pool = walkFromTop(
                fullTarget(scratch), scratch, breadth: configuration.searchBreadth)
            asked += 1
            // A node of another partition with the same vector is as good.
            if let best = (0..<pool.count).lazy.map({ pool[$0] }).first(where: { isLive($0.slot) }),
                best.slot == slot || best.score >= score(of: slot, scratch: scratch)
            {
                found += 1
            }
        }
        return asked == 0 ? 1 : Double(found) / Double(asked)
    }

    private func score(of slot: UInt32, scratch: SearchScratch) -> Float {
        score(fullTarget(scratch), slot: slot, scratch: scratch)
    }
}
