extension Graph {
    /// How wide the walks are that only tell how near the nearest few are.
    static let noveltyBreadth = max(24, Novelty.neighbours)

    /// Fills in a plan's novelty from the nodes a walk found, or from more of the partition if those are too
    /// few.
    func measureNovelty(of pool: CandidatePool, scratch: SearchScratch, plan: inout InsertPlan) {
        var tally = NoveltyTally(novelty: plan.novelty)
        // Behind what was expanded by nearness, only some of what is there were met.
        let complete = min(pool.count, pool.breadth)
        var index = 0
        while index < complete, tally.remaining > 0 {
            let candidate = pool[index]
            if partitionOfNode[candidate.slot] == plan.partition {
                tally.take(self, score: candidate.score, slot: candidate.slot, scratch: scratch)
            }
            index += 1
        }
        let available = partitions[plan.partition]?.rows ?? 0
        if tally.remaining > 0, Novelty.neighbours - tally.remaining < available {
            // The walk met too few of the partition: ask the partition itself.
            tally = NoveltyTally(novelty: plan.novelty)
            let options = SearchOptions(
                count: Novelty.neighbours, breadth: Self.noveltyBreadth,
                partition: Partition(rawValue: plan.partition))
            // Planning reads the full codes anyway, and of a newcomer nothing may be missed.
            let found = nearestMatches(scratch, options: options, overFullCodes: true)
            for index in 0..<found.count {
                let candidate = found[index]
                tally.take(
                    self, score: candidate.score, slot: postings.slot(of: candidate.id), scratch: scratch)
            }
        }
        plan.novelty = tally.novelty
        plan.novelty.meanSimilarity = tally.sum / Float(Novelty.neighbours)
        plan.novelty.scanned = scratch.scanned
    }

    /// What the vector scores against itself.
    func selfSimilarity(_ scratch: SearchScratch) -> Float {
        switch configuration.metric {
        case .cosine: 1
        case .euclidean: 0
        case .innerProduct:
            unsafe scratch.vector.presented(
                Float(squares(scratch.vector.signed, count: scratch.vector.stride)) * scratch.vector.scale
                    * scratch.vector.scale)
        }
    }
}

private func squares(_ codes: UnsafePointer<Int8>, count: Int) -> Int {
    var sum = 0
    for index in 0..<count { unsafe sum += Int(codes[index]) * Int(codes[index]) }
    return sum
}

/// The nearest rows summed up, nearest first, each node counting once per row.
private struct NoveltyTally {
    var novelty: Novelty
    var sum: Float = 0
    var remaining = Novelty.neighbours

    init(novelty: Novelty) { self.novelty = novelty }

    mutating func take(_ graph: Graph, score: Float, slot: UInt32, scratch: SearchScratch) {
        let count = Int(graph.postings.count(slot))
        guard count > 0, remaining > 0 else { return }
        let similarity = scratch.vector.presented(graph.fineScore(score, slot: slot, scratch: scratch))
        if novelty.nearestRow == nil {
            novelty.nearestRow = Row(rawValue: graph.postings.last(slot))
            novelty.nearestSimilarity = similarity
        }
        sum += similarity * Float(min(count, remaining))
        remaining -= min(count, remaining)
    }
}
