/// Walks over what matches alone, for a question whose surroundings do not match.
///
/// Of the decisions near to one that was denied nearly all were denied, so a walk that asks for allowed ones spends
/// itself among those that do not match. Where much matches elsewhere, its part of the graph holds together, as most
/// links between matches are there: it can be walked without the rest (the idea of L. Patel et al., ACORN, 2024, for
/// filters that leave much).
extension Graph {
    /// At least this part of the nodes must match.
    private static let fewestShare = 4
    /// How many of an upper layer's nodes are looked at for matches to begin at, and how many of those are taken.
    private static let lookedAt = 768
    private static let startLimit = 32
    /// The layer that is looked at has so many nodes at most, about.
    private static let layerNodes = 4_096

    /// The nodes with a matching row that a walk over such nodes finds, each named by one of them, beginning at the
    /// nearest on an upper layer and at what was found so far; nil where too few match.
    func walkAmongMatches(
        _ target: WalkTarget, _ scratch: SearchScratch, _ options: SearchOptions, _ predicate: RowPredicate,
        besides found: CandidatePool
    ) -> CandidatePool? {
        guard options.isFiltered, matchLimit(options) >= liveCount / Graph.fewestShare else { return nil }
        // Before the next walk, which may let writers in that take rows away.
        var starts: [Candidate] = []
        for index in 0..<found.count {
            let slot = postings.slot(of: found[index].slot)
            if slot != Graph.none { starts.append(Candidate(score: found[index].score, id: slot)) }
        }
        starts += matchesAbove(target, scratch, predicate)
        guard !starts.isEmpty, !scratch.pauses.isOverrun else { return nil }
        let breadth = max(1, breadth(options))
        var results = scratch.results(capacity: breadth)
        var frontier = scratch.pool(capacity: breadth)
        let visited = scratch.visited(count: slotCount)
        let slots = unsafe scratch.slots
        let scores = unsafe scratch.scores
        func meet(_ score: Float, _ slot: UInt32) {
            guard score >= results.worstScore else { return }
            let match = firstMatch(slot, predicate)
            guard match != Graph.none else { return }
            frontier.insert(score, slot)
            results.insert(score, match)
        }
        for start in starts where visited.visit(start.slot) { meet(start.score, start.slot) }
        while let nearest = frontier.next() {
            scratch.hops &+= 1
            let row = unsafe ground.row(nearest.id)
            let count = unsafe visited.gather(row, width: ground.width, into: slots)
            guard count > 0 else { continue }
            unsafe kernel.score(target.query, target.codes, slots: slots, count: count, into: scores)
            scratch.scanned &+= count
            for index in 0..<count { meet(unsafe scores[index], unsafe slots[index]) }
        }
        return results
    }

    /// The nearest nodes of an upper layer that match.
    private func matchesAbove(
        _ target: WalkTarget, _ scratch: SearchScratch, _ predicate: RowPredicate
    ) -> [Candidate] {
        var layer = 1
        var nodes = liveCount / configuration.maximumLinks
        while nodes > Graph.layerNodes {
            layer += 1
            nodes /= configuration.maximumLinks
        }
        guard layer <= topLevel else { return [] }
        scratch.beginWalk(at: descend(target, to: layer, scratch: scratch))
        let above = walk(target, layer: layer, breadth: Graph.lookedAt, scratch: scratch)
        var starts: [Candidate] = []
        var index = 0
        while index < above.count, starts.count < Graph.startLimit {
            let node = Candidate(score: above[index].score, id: above[index].slot)
            if firstMatch(node.slot, predicate) != Graph.none { starts.append(node) }
            index += 1
        }
        return starts
    }
}
