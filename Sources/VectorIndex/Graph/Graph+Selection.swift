internal import CVectorKernels

extension Graph {
    /// A list is filled with pruned candidates, the nearest first, up to this part of its room.
    ///
    /// In a crowd of vectors that all differ from each other by the same, one kept link prunes all others,
    /// and a walk that enters the crowd finds few of it (keepPrunedConnections in algorithm 4). The rest is
    /// for links back and for what leads out of the crowd. Measured on 270,000 decisions at the same number of
    /// comparisons: recall at breadth 16 is 0.935 with none filled and 0.949 with 16 links filled.
    private static let filledShare = 3
    /// Short lists are filled up to so many links at least: with fewer, members of a crowd lose each other.
    private static let fewestFilled = 12

    /// Chooses links from candidates sorted by score: one is kept unless a kept one is at least as near to it
    /// as the owner is (algorithm 4 of Malkov and Yashunin: the relative neighbourhood rule).
    ///
    /// Equal distances prune too: copies and near-copies would otherwise link only to each other. Dead nodes
    /// are left out unless there are no others. Chosen slots and their scores go to the scratch;
    /// `ownerOffset` is the owner's half squared length.
    func select(
        _ candidates: UnsafePointer<Candidate>, count: Int, ownerOffset: Float, limit: Int,
        scratch: SearchScratch
    ) -> Int {
        let chosen = unsafe selectDiverse(
            candidates, count: count, ownerOffset: ownerOffset, limit: limit, admittingDead: false,
            scratch: scratch)
        guard chosen == 0, count > 0 else { return chosen }
        return unsafe selectDiverse(
            candidates, count: count, ownerOffset: ownerOffset, limit: limit, admittingDead: true,
            scratch: scratch)
    }

    private func selectDiverse(
        _ candidates: UnsafePointer<Candidate>, count: Int, ownerOffset: Float, limit: Int,
        admittingDead: Bool, scratch: SearchScratch
    ) -> Int {
        let selection = scratch.selection
        let chosen = unsafe scratch.chosen
        let chosenScores = unsafe scratch.chosenScores
        var chosenCount = 0
        var first = 0
        while first < count, chosenCount < limit {
            var open = 0
            let end = min(count, first &+ SelectionScratch.block)
            for place in first..<end {
                let slot = unsafe candidates[place].slot
                guard admittingDead || isLive(slot) else { continue }
                unsafe selection.slots[open] = slot
                unsafe selection.places[open] = Int32(truncatingIfNeeded: place)
                open &+= 1
            }
            first = end
            var pruner = 0
            while open > 0 {
                var taken = 0
                if pruner == chosenCount {
                    guard chosenCount < limit else { break }
                    // None of those chosen prunes what is left, so the nearest of it is the next.
                    let slot = unsafe selection.slots[0]
                    unsafe chosen[pruner] = slot
                    unsafe chosenScores[pruner] = candidates[Int(selection.places[0])].score
                    let sum = unsafe arena.unpack(slot, into: selection.code(pruner), kernel)
                    unsafe selection.biases[pruner] = sum &* 128
                    chosenCount &+= 1
                    taken = 1
                }
                open = unsafe prune(
                    candidates, taken..<open, by: pruner, ownerOffset: ownerOffset, scratch: scratch)
                pruner &+= 1
            }
        }
        return unsafe fill(
            candidates, count: count, diverse: chosenCount, limit: limit, admittingDead: admittingDead,
            scratch: scratch)
    }

    /// Leaves of some open candidates those that a chosen one does not prune, in order; how many there are.
    private func prune(
        _ candidates: UnsafePointer<Candidate>, _ open: Range<Int>, by pruner: Int, ownerOffset: Float,
        scratch: SearchScratch
    ) -> Int {
        guard !open.isEmpty else { return 0 }
        let selection = scratch.selection
        let slots = unsafe selection.slots
        let places = unsafe selection.places
        let scores = unsafe selection.scores
        let query = unsafe vk_query(
            codes: selection.code(pruner), length: arena.stride, bias: selection.biases[pruner],
            scale: arena.scale(scratch.chosen[pruner]), table: nil)
        unsafe kernel.score(
            query, arena.view, slots: slots + open.lowerBound, count: open.count, into: scores)
        // Scores lack the half squared length of the candidate, both times; the rule asks for that of whom it
        // is compared with.
        let shift = unsafe arena.offset(scratch.chosen[pruner]) - ownerOffset
        var kept = 0
        for index in open {
            let candidate = unsafe candidates[Int(places[index])]
            if unsafe scores[index &- open.lowerBound] >= candidate.score + shift { continue }
            unsafe slots[kept] = slots[index]
            unsafe places[kept] = places[index]
            kept &+= 1
        }
        return kept
    }

    /// Fills a short list with what was pruned, the nearest first; how many links there are then.
    private func fill(
        _ candidates: UnsafePointer<Candidate>, count: Int, diverse: Int, limit: Int, admittingDead: Bool,
        scratch: SearchScratch
    ) -> Int {
        let chosen = unsafe scratch.chosen
        let filled = min(limit, max(limit / Graph.filledShare, Graph.fewestFilled))
        var chosenCount = diverse
        var known = 0
        var place = 0
        while chosenCount < filled, place < count {
            let candidate = unsafe candidates[place]
            place &+= 1
            guard admittingDead || isLive(candidate.slot) else { continue }
            // Those chosen stand in the order of the candidates.
            if known < diverse, unsafe chosen[known] == candidate.slot {
                known &+= 1
                continue
            }
            unsafe chosen[chosenCount] = candidate.slot
            unsafe scratch.chosenScores[chosenCount] = candidate.score
            chosenCount &+= 1
        }
        return chosenCount
    }
}

/// Sorts a short list by score descending, then slot: insertion sort, most of it is in order already.
func sortByScore(_ items: UnsafeMutablePointer<Candidate>, count: Int) {
    var index = 1
    while index < count {
        let item = unsafe items[index]
        var place = index
        while place > 0 {
            let other = unsafe items[place - 1]
            if other.score > item.score || (other.score == item.score && other.id < item.id) { break }
            unsafe items[place] = other
            place &-= 1
        }
        unsafe items[place] = item
        index &+= 1
    }
}
