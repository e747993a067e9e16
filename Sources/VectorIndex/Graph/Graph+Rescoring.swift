internal import CVectorKernels

extension Graph {
    /// Up to so many dimensions codes err as if by chance, whatever the vectors.
    private static let likelyDimensions = 1_024

    /// How many nodes a walk keeps at least, however few it expands.
    ///
    /// A narrow walk keeps more than it expands where they are scored again: they were scored anyway. On 100,000
    /// decisions recall at breadth 10 is 0.953 instead of 0.942.
    func keptNodes(_ options: SearchOptions) -> Int {
        guard quantized == nil, options.isRescored, arena.hasResiduals else { return 0 }
        let count = min(options.count, Int(Row.limit))
        return min(slotCount, max(2 * count, count + 16))
    }

    /// A node's score from both of its codes; counts have only one, which is exact.
    func fineScore(_ score: Float, slot: UInt32, scratch: SearchScratch) -> Float {
        guard arena.hasResiduals else { return score }
        guard let code = unsafe arena.denseCode(slot) else {
            return sparseFineScore(slot: slot, scratch: scratch)
        }
        let product = unsafe kernel.dot(
            scratch.vector.floats, code, arena.scale(slot), arena.residual(slot), arena.residualScales[slot],
            length: arena.stride)
        return product - arena.offset(slot)
    }

    private func sparseFineScore(slot: UInt32, scratch: SearchScratch) -> Float {
        let code = unsafe scratch.nodeCode
        _ = unsafe arena.unpack(slot, into: code, kernel)
        return unsafe code.withMemoryRebound(to: UInt8.self, capacity: arena.stride) { biased in
            for index in 0..<arena.stride { unsafe biased[index] ^= 0x80 }
            let product = unsafe kernel.dot(
                scratch.vector.floats, biased, arena.scale(slot), arena.residual(slot),
                arena.residualScales[slot], length: arena.stride)
            return product - arena.offset(slot)
        }
    }

    /// The most that a node's exact score is above its first one.
    ///
    /// Each value of the node's first code is off by 127.5 residual scales at most, and the product counts only those
    /// where the query has one: so it is off by no more than that times the sum of the query's values. The query's own
    /// error is known. Comparing everything scores few again that way, where a second code costs ten times
    /// what the first does. Lengths of other metrics than cosine are not known.
    func slack(_ scratch: SearchScratch) -> ScoreSlack {
        guard arena.hasResiduals else { return ScoreSlack() }
        guard configuration.metric == .cosine else { return ScoreSlack(fixed: .infinity) }
        let error = scratch.vector.codeError
        // A first code is at most as much longer than one as its values are off.
        let longest = Float(configuration.dimension).squareRoot()
        // A second code has values of up to 127, and is itself off by half of one.
        return ScoreSlack(
            fixed: error + 1e-5, perResidual: 127.5 * (scratch.vector.absoluteSum + longest * error))
    }

    /// What an exact score is above the first one at most, but for some thirty in a million.
    ///
    /// The values' errors are as good as independent and evenly spread, and stand at right angles to the vector
    /// itself: that of a product with a near vector of length one has a standard deviation of at most the scale over
    /// the root of twelve, for the query's code as for the node's. This is four of them, and more since the two are
    /// added. One great value among very many small ones would round all of those away, and their errors add up:
    /// there only what is certain counts. Codes of snapshots from before have another scale, and near-copies among
    /// them errors that add up.
    private func likelySlack(_ scratch: SearchScratch) -> ScoreSlack {
        guard configuration.metric == .cosine, configuration.dimension <= Graph.likelyDimensions else {
            return slack(scratch)
        }
        let perScale = 4 / Float(12).squareRoot()
        return ScoreSlack(fixed: perScale * scratch.vector.scale, perScale: perScale)
    }

    /// Whether a node of a first score may have an exact one that reaches a bar.
    @inline(__always)
    func reaches(_ bar: Float, _ rough: Float, _ slot: UInt32, _ slack: ScoreSlack) -> Bool {
        if rough >= bar { return true }
        guard arena.hasResiduals else { return false }
        if slack.perResidual > 0 {
            return rough + slack.fixed + slack.perResidual * arena.residualScales[slot] >= bar
        }
        return rough + slack.fixed + slack.perScale * arena.scale(slot) >= bar
    }

    /// What a walk found, scored again with the exact form; `isRough` says that it walked over smaller codes.
    func rescored(
        _ pool: CandidatePool, _ naming: Naming, isRough: Bool, _ scratch: SearchScratch,
        _ options: SearchOptions
    ) -> CandidatePool {
        guard options.isRescored else { return pool }
        if isRough { return allRescored(pool, naming, scratch) }
        return arena.hasResiduals ? bestRescored(pool, naming, scratch, options) : pool
    }

    /// All of a pool that was found by smaller codes, which tell only roughly what is near.
    ///
    /// It lies in the memory of the other pool, which the walk no longer needs.
    private func allRescored(
        _ pool: CandidatePool, _ naming: Naming, _ scratch: SearchScratch
    ) -> CandidatePool {
        let full = fullTarget(scratch)
        let capacity = max(1, pool.count)
        var best = naming == .slot ? scratch.results(capacity: capacity) : scratch.pool(capacity: capacity)
        for index in 0..<pool.count {
            let name = pool[index].slot
            let slot = naming == .slot ? name : postings.slot(of: name)
            let score =
                arena.hasResiduals
                ? fineScore(0, slot: slot, scratch: scratch) : score(full, slot: slot, scratch: scratch)
            best.insert(score, name)
        }
        return best
    }

    /// The best of a pool that was found by 8-bit codes, which are nearly right: past as many as are asked for,
    /// only what may well be better than the last of them is scored again.
    ///
    /// In a crowd whose scores differ by less than the codes tell, the best lie anywhere, so all of the pool is
    /// looked at. A second code is a line of memory for every 64 dimensions: the next is fetched meanwhile.
    private func bestRescored(
        _ pool: CandidatePool, _ naming: Naming, _ scratch: SearchScratch, _ options: SearchOptions
    ) -> CandidatePool {
        let slack = likelySlack(scratch)
        // What has no rows takes no place among those asked for.
        let dead = (0..<pool.count).count { !isLive(slot(of: pool[$0], naming)) }
        let asked = min(options.count, Int(Row.limit)) + options.passedOver + dead
        for index in 0..<pool.count {
            if index + 1 < pool.count, index < asked { unsafe fetchResidual(of: pool[index + 1], naming) }
            let node = pool[index]
            let slot = slot(of: node, naming)
            let mayCount = index < asked || reaches(pool[asked - 1].score, node.score, slot, slack)
            let score = mayCount ? fineScore(node.score, slot: slot, scratch: scratch) : node.score
            // Sorted in as it comes: the pool is nearly in order already.
            var place = index
            while place > 0, pool[place - 1].score < score {
                unsafe pool.items[place] = pool.items[place - 1]
                place -= 1
            }
            unsafe pool.items[place] = Candidate(score: score, id: node.slot)
        }
        return pool
    }

    @inline(__always)
    private func slot(of node: Candidate, _ naming: Naming) -> UInt32 {
        naming == .slot ? node.slot : postings.slot(of: node.slot)
    }

    @inline(__always)
    @unsafe private func fetchResidual(of node: Candidate, _ naming: Naming) {
        unsafe vk_prefetch_lines(arena.residual(slot(of: node, naming)), arena.stride / 64)
    }
}

/// How much an exact score may be above the first: a part for the query, and one for the scale of the node's first code
/// or of its second.
struct ScoreSlack {
    var fixed: Float = 0
    var perScale: Float = 0
    var perResidual: Float = 0
}
