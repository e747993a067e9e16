internal import CVectorKernels

extension Graph {
    /// The nearest nodes with a matching row, each named by one of them.
    ///
    /// A walk goes over the smaller codes if there are any, unless `overFullCodes` is wanted.
    func nearestMatches(
        _ scratch: SearchScratch, options: SearchOptions, overFullCodes: Bool = false
    ) -> CandidatePool {
        unsafe withPredicate(options) { predicate in
            if let walked = walkedMatches(
                scratch, options: options, predicate: predicate, overFullCodes: overFullCodes)
            {
                return walked
            }
            var nearest = scratch.results(capacity: max(1, min(options.count, liveCount)))
            compareAll(scratch, options: options) { score, slot in
                guard score >= nearest.worstScore else { return }
                let match = firstMatch(slot, predicate)
                if match != Graph.none { nearest.insert(score, match) }
            }
            return nearest
        }
    }

    /// How many nodes may have a matching row, at most.
    func matchLimit(_ options: SearchOptions) -> Int {
        let nodes = options.partition.map { partitions[$0.rawValue]?.live ?? 0 } ?? liveCount
        return min(nodes, options.filter?.count ?? nodes)
    }

    /// The nodes with a matching row that a walk finds, each named by one of them; nil where comparing all
    /// that match costs less.
    func walkedMatches(
        _ scratch: SearchScratch, options: SearchOptions, predicate: RowPredicate, overFullCodes: Bool = false
    ) -> CandidatePool? {
        let matching = matchLimit(options)
        let walksWell: Bool
        switch options.strategy {
        case .exact: walksWell = false
        case .graph: walksWell = true
        case .automatic:
            // A walk compares vectors that do not match too. A partition's nodes lie together, filtered rows
            // may not.
            let scattered = options.filter == nil ? 1 : max(1, liveCount / max(1, matching))
            walksWell =
                !options.isUnrestricted && matching > Graph.exactMatchLimit
                && breadth(options) * Graph.scannedPerCandidate * scattered < matching
        }
        guard walksWell, entry != Graph.none else { return nil }
        let budget =
            options.strategy == .graph
            ? Int.max : max(matching / Graph.comparedPerScanned, Graph.exactMatchLimit)
        let target = overFullCodes ? fullTarget(scratch) : searchTarget(scratch)
        guard
            var found = walkRestricted(
                target, scratch, options: options, predicate: predicate, budget: budget)
        else { return nil }
        if let own = ownNode(scratch, options),
            !(0..<found.count).contains(where: { postings.slot(of: found[$0].slot) == own })
        {
            let match = firstMatch(own, predicate)
            if match != Graph.none { found.insert(score(target, slot: own, scratch: scratch), match) }
        }
        guard options.strategy == .graph || found.count >= min(options.count, matching) else { return nil }
        return rescored(found, .row, isRough: quantized != nil && !overFullCodes, scratch, options)
    }

    /// Walks the whole graph but keeps only nodes with a matching row; nil when it costs more than `budget`.
    private func walkRestricted(
        _ target: WalkTarget, _ scratch: SearchScratch, options: SearchOptions, predicate: RowPredicate,
        budget: Int
    ) -> CandidatePool? {
        let breadth = max(1, breadth(options))
        let before = scratch.scanned
        let start = descend(target, to: 0, scratch: scratch)
        var results = scratch.results(capacity: breadth)
        var frontier = scratch.pool(capacity: max(breadth, min(4_096, breadth * 16)))
        let visited = scratch.visited(count: slotCount)
        let slots = unsafe scratch.slots
        let scores = unsafe scratch.scores
        _ = visited.visit(start.slot)
        frontier.insert(start.score, start.slot)
        let startRow = firstMatch(start.slot, predicate)
        if startRow != Graph.none { results.insert(start.score, startRow) }
        while let nearest = frontier.next() {
            if results.isFull, nearest.score < results.worstScore { break }
            if scratch.scanned - before > budget { return nil }
            scratch.hops &+= 1
            let row = unsafe ground.row(nearest.id)
            let count = unsafe visited.gather(row, width: ground.width, into: slots)
            guard count > 0 else { continue }
            unsafe kernel.score(target.query, target.codes, slots: slots, count: count, into: scores)
            scratch.scanned &+= count
            for index in 0..<count {
                let score = unsafe scores[index]
                guard score >= results.worstScore else { continue }
                let slot = unsafe slots[index]
                frontier.insert(score, slot)
                let match = firstMatch(slot, predicate)
                if match != Graph.none { results.insert(score, match) }
            }
        }
        return results
    }

    /// Compares with every node that may match: `take` gets the score and slot of each.
    func compareAll(_ scratch: SearchScratch, options: SearchOptions, _ take: (Float, UInt32) -> Void) {
        let nodes = options.partition.map { partitions[$0.rawValue]?.slots ?? [] }
        if let filter = options.filter, filter.count < (nodes?.count ?? slotCount) {
            compareNodes(of: filter, scratch, take)
            return
        }
        let count = nodes?.count ?? slotCount
        var first = 0
        while first < count {
            let block = min(SearchScratch.blockCapacity, count - first)
            for index in 0..<block {
                unsafe scratch.slots[index] = nodes?[first + index] ?? UInt32(first + index)
            }
            compareBlock(block, scratch, take)
            first += block
        }
    }

    /// Compares with the nodes of a filter's rows, each node once.
    private func compareNodes(
        of filter: RowFilter, _ scratch: SearchScratch, _ take: (Float, UInt32) -> Void
    ) {
        let visited = scratch.visited(count: slotCount)
        var count = 0
        filter.forEach { row in
            let slot = postings.slot(of: row.rawValue)
            guard slot != Graph.none, visited.visit(slot) else { return }
            unsafe scratch.slots[count] = slot
            count += 1
            if count == SearchScratch.blockCapacity {
                compareBlock(count, scratch, take)
                count = 0
            }
        }
        compareBlock(count, scratch, take)
    }

    private func compareBlock(_ count: Int, _ scratch: SearchScratch, _ take: (Float, UInt32) -> Void) {
        guard count > 0 else { return }
        let slots = unsafe scratch.slots
        let scores = unsafe scratch.scores
        unsafe kernel.score(scratch.vector.query, arena.view, slots: slots, count: count, into: scores)
        scratch.scanned += count
        for index in 0..<count {
            let slot = unsafe slots[index]
            take(unsafe fineScore(scores[index], slot: slot, scratch: scratch), slot)
        }
    }
}
