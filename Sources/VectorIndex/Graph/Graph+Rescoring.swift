internal import CVectorKernels

extension Graph {
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

    /// The best of a pool that was found by 8-bit codes, which are nearly right: few more than are asked for
    /// need to be scored again.
    private func bestRescored(
        _ pool: CandidatePool, _ naming: Naming, _ scratch: SearchScratch, _ options: SearchOptions
    ) -> CandidatePool {
        var best = pool
        best.truncate(to: max(2 * options.count, options.count + 16))
        for index in 0..<best.count {
            let slot = naming == .slot ? pool[index].slot : postings.slot(of: pool[index].slot)
            let score = fineScore(pool[index].score, slot: slot, scratch: scratch)
            unsafe best.items[index] = Candidate(score: score, id: pool[index].slot)
        }
        unsafe sortByScore(best.items, count: best.count)
        return best
    }
}
