internal import CVectorKernels

extension Graph {
    /// The nearest nodes with a matching row, each named by the first of them.
    ///
    /// A walk goes over the smaller codes if there are any, unless `overFullCodes` is wanted.
    func restrictedNodes(
        _ scratch: SearchScratch, options: SearchOptions, overFullCodes: Bool = false
    ) -> FoundNodes {
        unsafe withPredicate(options) {
            restrictedNodes(scratch, options: options, predicate: $0, overFullCodes: overFullCodes)
        }
    }

    func restrictedNodes(
        _ scratch: SearchScratch, options: SearchOptions, predicate: RowPredicate, overFullCodes: Bool = false
    ) -> FoundNodes {
        let nodes = options.partition.map { partitions[$0.rawValue]?.live ?? 0 } ?? liveCount
        let matching = min(nodes, options.filter?.count ?? nodes)
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
        if walksWell, entry != Graph.none {
            let budget = options.strategy == .graph ? Int.max : max(matching, Graph.exactMatchLimit)
            let target = overFullCodes ? fullTarget(scratch) : searchTarget(scratch)
            if let found = walkRestricted(
                target, scratch, options: options, predicate: predicate, budget: budget),
                options.strategy == .graph || found.count >= min(options.count, matching)
            {
                let isRough = quantized != nil && !overFullCodes
                let pool = rescored(found, .row, isRough: isRough, scratch, options)
                return FoundNodes(pool: pool, strategy: .filteredGraph, isExact: false)
            }
        }
        return FoundNodes(
            pool: compareAll(scratch, options: options, predicate: predicate), strategy: .exact, isExact: true
        )
    }

    /// Walks the whole graph but keeps only nodes with a matching row; nil when it costs more than `budget`.
    private func walkRestricted(
        _ target: WalkTarget, _ scratch: SearchScratch, options: SearchOptions, predicate: RowPredicate,
        budget: Int
    ) -> CandidatePool? {
        let breadth = max(1, breadth(options))
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
            if scratch.scanned > budget { return nil }
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

    /// Compares with every node that may match: exact.
    private func compareAll(
        _ scratch: SearchScratch, options: SearchOptions, predicate: RowPredicate
    ) -> CandidatePool {
        var results = scratch.results(capacity: max(1, min(options.count, liveCount)))
        let nodes = options.partition.map { partitions[$0.rawValue]?.slots ?? [] }
        if let filter = options.filter, filter.count < (nodes?.count ?? slotCount) {
            compareRows(filter, scratch, predicate, into: &results)
        } else if let nodes {
            var first = 0
            while first < nodes.count {
                let block = min(SearchScratch.blockCapacity, nodes.count - first)
                for index in 0..<block { unsafe scratch.slots[index] = nodes[first + index] }
                compareBlock(block, scratch, predicate, into: &results)
                first += block
            }
        } else {
            var first = 0
            while first < slotCount {
                let block = min(SearchScratch.blockCapacity, slotCount - first)
                for index in 0..<block { unsafe scratch.slots[index] = UInt32(first + index) }
                compareBlock(block, scratch, predicate, into: &results)
                first += block
            }
        }
        return results
    }

    /// Compares with the nodes of a filter's rows, each node once.
    private func compareRows(
        _ filter: RowFilter, _ scratch: SearchScratch, _ predicate: RowPredicate,
        into results: inout CandidatePool
    ) {
        let visited = scratch.visited(count: slotCount)
        var count = 0
        filter.forEach { row in
            let slot = postings.slot(of: row.rawValue)
            guard slot != PostingTable.none, visited.visit(slot) else { return }
            unsafe scratch.slots[count] = slot
            count += 1
            if count == SearchScratch.blockCapacity {
                compareBlock(count, scratch, predicate, into: &results)
                count = 0
            }
        }
        compareBlock(count, scratch, predicate, into: &results)
    }

    private func compareBlock(
        _ count: Int, _ scratch: SearchScratch, _ predicate: RowPredicate, into results: inout CandidatePool
    ) {
        guard count > 0 else { return }
        let slots = unsafe scratch.slots
        let scores = unsafe scratch.scores
        unsafe kernel.score(scratch.vector.query, arena.view, slots: slots, count: count, into: scores)
        scratch.scanned += count
        for index in 0..<count {
            let slot = unsafe slots[index]
            let score = unsafe fineScore(scores[index], slot: slot, scratch: scratch)
            guard score >= results.worstScore else { continue }
            let match = firstMatch(slot, predicate)
            if match != Graph.none { results.insert(score, match) }
        }
    }
}
