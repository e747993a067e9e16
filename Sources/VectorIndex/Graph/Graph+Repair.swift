extension Graph {
    /// Finds the links of a stored node and leaves them in the scratch's plan.
    func planLinks(_ slot: UInt32, scratch: SearchScratch) {
        scratch.vector.load(slot, of: arena)
        planLinks(level: Int(levels[slot]), scratch: scratch)
    }

    /// Counts the links to each node anew.
    func countLinks() {
        for slot in 0..<UInt32(slotCount) { inDegrees[slot] = 0 }
        for slot in 0..<UInt32(slotCount) {
            let row = unsafe ground.row(slot)
            for index in 0..<ground.degree(slot) { unsafe inDegrees[row[index]] &+= 1 }
        }
    }

    /// Links nodes that no walk reaches from near ones that are reached.
    func repairUnreachable(scratch: SearchScratch) {
        for _ in 0..<8 {
            let lost = unreachable()
            if lost.isEmpty { return }
            for slot in lost {
                scratch.vector.load(slot, of: arena)
                adopt(slot, scratch: scratch)
            }
        }
    }

    /// Links a node from the nearest one that a walk for the scratch's vector, which is its own, finds.
    func adopt(_ orphan: UInt32, scratch: SearchScratch) {
        // What a walk finds is reached, whatever its in-degree.
        let pool = walkFromTop(scratch, breadth: configuration.constructionBreadth)
        for index in 0..<pool.count {
            let owner = pool[index].slot
            if owner == orphan { return }
            if sweep?.dooms(owner) != true, adopt(orphan, by: owner) { return }
        }
    }
}
