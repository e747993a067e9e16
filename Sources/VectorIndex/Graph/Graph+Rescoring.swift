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

    /// All of a pool scored again with the exact form: smaller codes tell only roughly what is near.
    func rescored(_ pool: CandidatePool, _ scratch: SearchScratch) -> CandidatePool {
        let full = fullTarget(scratch)
        var best = scratch.results(capacity: max(1, pool.count))
        for index in 0..<pool.count {
            let slot = pool[index].slot
            let score =
                arena.hasResiduals
                ? fineScore(0, slot: slot, scratch: scratch) : score(full, slot: slot, scratch: scratch)
            best.insert(score, slot)
        }
        return best
    }

    /// The best of a pool that was found by 8-bit codes, which are nearly right: few more than are asked for
    /// need to be scored again.
    func bestRescored(
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
