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
            let slack = slack(scratch)
            unsafe compareAll(scratch, options: options) { slots, scores, count in
                for index in 0..<count {
                    let slot = unsafe slots[index]
                    let rough = unsafe scores[index]
                    if !reaches(nearest.worstScore, rough, slot, slack) { continue }
                    let match = firstMatch(slot, predicate)
                    guard match != Graph.none else { continue }
                    nearest.insert(fineScore(rough, slot: slot, scratch: scratch), match)
                }
            }
            return nearest
        }
    }

    /// How many nodes may have a matching row, at most; under a test of rows, about.
    func matchLimit(_ options: SearchOptions) -> Int {
        let nodes = options.partition.map { partitions[$0.rawValue]?.live ?? 0 } ?? liveCount
        return min(nodes, options.filter?.count ?? options.expected ?? nodes)
    }

    /// The nodes with a matching row that a walk finds, each named by one of them; nil where comparing all
    /// that match costs less.
    func walkedMatches(
        _ scratch: SearchScratch, options: SearchOptions, predicate: RowPredicate, overFullCodes: Bool = false
    ) -> CandidatePool? {
        guard walksWell(options), entry != Graph.none else { return nil }
        let matching = matchLimit(options)
        let budget = options.strategy == .graph ? Int.max : widening(options) * walkBudget(matching: matching)
        let target = overFullCodes ? fullTarget(scratch) : searchTarget(scratch)
        let wanted = min(options.count, matching)
        var walked: CandidatePool?
        if let breadth = scatteredBreadth(options) {
            walked = walkScattered(target, scratch, options: options, predicate: predicate, breadth: breadth)
            if scratch.pauses.isOverrun { return nil }
        }
        // Where little of what is near matches, one that keeps nothing else goes on until it has met enough.
        if walked.map({ $0.count < wanted }) ?? true {
            walked = walkRestricted(
                target, scratch, options: options, predicate: predicate, budget: budget,
                patience: patience(options))
        }
        guard let found = walked else { return nil }
        guard options.strategy == .graph || found.count >= wanted else { return nil }
        var best = rescored(found, .row, isRough: quantized != nil && !overFullCodes, scratch, options)
        // Rows of one node are one candidate, named by the first of them that matches.
        offerOwnNodes(to: &best, scratch, options) { firstMatch($0, predicate) }
        return best
    }

    /// Whether a walk that keeps only what matches is taken for cheaper than comparing all of it.
    func walksWell(_ options: SearchOptions) -> Bool {
        switch options.strategy {
        case .exact: return false
        case .graph: return true
        case .automatic:
            let matching = matchLimit(options)
            // A walk compares vectors that do not match too.
            return !options.isUnrestricted && matching > Graph.exactMatchLimit
                && breadth(options) * Graph.scannedPerCandidate * dilution(options)
                    < walkBudget(matching: matching)
        }
    }

    private func walkBudget(matching: Int) -> Int {
        let share = Graph.patienceShare * Graph.walkedComparisonCost(nodes: liveCount)
        return max(matching / share, Graph.exactMatchLimit)
    }

    /// How many nodes a walk meets for each that matches, about.
    ///
    /// A partition's nodes lie together in part, filtered rows may not. Measured on a million decisions of 40 tenants:
    /// a walk for those of the largest, a seventh of all, took as long as comparing them three times and found 0.85.
    private func dilution(_ options: SearchOptions) -> Int {
        let ratio = max(1, liveCount / max(1, matchLimit(options)))
        return options.isFiltered ? ratio : Int(Double(ratio).squareRoot())
    }

    /// How many comparisons would have found enough matches several times over, if they lay anywhere: a walk that
    /// has not is far from them all.
    private func patience(_ options: SearchOptions) -> Int {
        guard options.strategy == .automatic, options.isFiltered else { return Int.max }
        return max(Graph.leastPatience, Graph.patienceFactor * breadth(options) * dilution(options))
    }

    /// How many matching nodes a walk keeps: under a filter that many match twice as many.
    ///
    /// What matches may lie together, far from the search, where a walk comes from one side only: of the half of
    /// 100,000 inserted decisions nearest to one of them, walks of 80 found 0.944. Where few match, a wider one would
    /// take longer than comparing them.
    private func filteredBreadth(_ options: SearchOptions) -> Int {
        max(1, widening(options) * breadth(options))
    }

    /// How many times as wide a walk is as without a filter, and how many times as much it may compare.
    private func widening(_ options: SearchOptions) -> Int {
        let isWidened =
            options.isFiltered && options.strategy == .automatic
            && matchLimit(options) > Graph.widenedMatchMinimum
        return isWidened ? 2 : 1
    }

    /// Walks the whole graph but keeps only nodes with a matching row; nil when it costs more than `budget`, or
    /// has gone on for `patience` comparisons without having met enough.
    private func walkRestricted(
        _ target: WalkTarget, _ scratch: SearchScratch, options: SearchOptions, predicate: RowPredicate,
        budget: Int, patience: Int
    ) -> CandidatePool? {
        let breadth = filteredBreadth(options)
        beginOnGround(target, scratch, breadth: breadth)
        if scratch.pauses.isOverrun { return nil }
        beginAtOwnNodes(target, scratch, options)
        let before = scratch.scanned
        var results = scratch.results(capacity: breadth)
        let room = breadth * (options.isFiltered ? min(16, 4 * (dilution(options) + 1)) : 16)
        var frontier = scratch.pool(capacity: max(breadth, min(4_096, room)))
        let visited = scratch.visited(count: slotCount)
        let slots = unsafe scratch.slots
        let scores = unsafe scratch.scores
        for index in 0..<scratch.startCount {
            let start = unsafe scratch.starts[index]
            guard visited.visit(start.slot) else { continue }
            frontier.insert(start.score, start.slot)
            let match = firstMatch(start.slot, predicate)
            if match != Graph.none { results.insert(start.score, match) }
        }
        while let nearest = frontier.next() {
            if results.isFull, nearest.score < results.worstScore { break }
            let scanned = scratch.scanned - before
            if scanned > budget { return nil }
            if scanned > patience, !results.isFull {
                guard let others = walkAmongMatches(target, scratch, options, predicate, besides: results)
                else { return nil }
                results = others
                break
            }
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
        // Last, since what is near in the tail must not end the walk before it met what is near in the graph.
        offerTail(to: &results, target, scratch, of: predicate.partition) { firstMatch($0, predicate) }
        return results
    }

    /// What is done with the slots and first scores of a block of nodes, and how many they are.
    typealias TakeBlock = (UnsafePointer<UInt32>, UnsafePointer<Float>, Int) -> Void

    /// Compares with every node that may match, a block at a time; where any may, perhaps with some slots only.
    @unsafe func compareAll(
        _ scratch: SearchScratch, options: SearchOptions, among slots: Range<Int>? = nil, _ take: TakeBlock
    ) {
        let nodes = options.partition.map { partitions[$0.rawValue]?.slots ?? [] }
        let rows = options.partition.map { partitions[$0.rawValue]?.rows ?? 0 } ?? rowCount
        let filter = options.filter.flatMap { $0.count < rows ? $0 : nil }
        if let filter {
            unsafe compareNodes(of: filter, in: options.partition?.rawValue, scratch, take)
            return
        }
        let range = slots ?? 0..<(nodes?.count ?? slotCount)
        var first = range.lowerBound
        while first < range.upperBound {
            let block = min(SearchScratch.blockCapacity, range.upperBound - first)
            unsafe fill(scratch.slots, with: nodes, from: first, count: block)
            unsafe compareBlock(block, isRun: isRun(scratch.slots, count: block), scratch, take)
            first += block
        }
    }

    /// Writes some of the slots of a list, or of all without one.
    @unsafe private func fill(
        _ slots: UnsafeMutablePointer<UInt32>, with nodes: [UInt32]?, from first: Int, count: Int
    ) {
        if let nodes {
            for index in 0..<count { unsafe slots[index] = nodes[first + index] }
        } else {
            for index in 0..<count { unsafe slots[index] = UInt32(first + index) }
        }
    }

    /// Whether slots follow one another.
    @unsafe private func isRun(_ slots: UnsafeMutablePointer<UInt32>, count: Int) -> Bool {
        guard count > 0 else { return false }
        let first = unsafe slots[0]
        var strays: UInt32 = 0
        for index in 0..<count { unsafe strays |= slots[index] &- first &- UInt32(index) }
        return strays == 0
    }

    /// Compares with the nodes of a filter's rows, each node once, in the order in which they lie.
    @unsafe private func compareNodes(
        of filter: RowFilter, in partition: UInt32?, _ scratch: SearchScratch, _ take: TakeBlock
    ) {
        let nodes = scratch.slotBits(below: slotCount)
        filter.forEach { row in
            let slot = postings.slot(of: row.rawValue)
            guard slot != Graph.none else { return }
            if let partition, partitionOfNode[slot] != partition { return }
            nodes.insert(slot)
        }
        let slots = unsafe scratch.slots
        unsafe nodes.forEachBlock(into: slots, capacity: SearchScratch.blockCapacity) { count in
            // In order and each once: a run where the last is as far from the first as they are many.
            let isRun = unsafe Int(slots[count - 1] - slots[0]) == count - 1
            unsafe compareBlock(count, isRun: isRun, scratch, take)
        }
    }

    @unsafe private func compareBlock(
        _ count: Int, isRun: Bool, _ scratch: SearchScratch, _ take: TakeBlock
    ) {
        guard count > 0 else { return }
        let slots = unsafe scratch.slots
        let scores = unsafe scratch.scores
        if isRun {
            unsafe kernel.score(scratch.vector.query, arena.view, first: slots[0], count: count, into: scores)
        } else {
            unsafe kernel.score(scratch.vector.query, arena.view, slots: slots, count: count, into: scores)
        }
        scratch.scanned += count
        unsafe take(slots, scores, count)
    }
}
