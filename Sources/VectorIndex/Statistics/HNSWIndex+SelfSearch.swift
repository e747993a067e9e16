import Locks

extension HNSWIndex {
    /// How many of its own vectors an index is searched for.
    private static let selfSearchSample = 256
    /// After so many of them whoever waits to write has its turn.
    private static let selfSearchBlock = 16

    /// Walks for a sample of the index's own vectors, at even distances; nil when there are none.
    ///
    /// They are walks as people's searches are, over the same codes.
    func selfSearch(breadth: Int?) -> IndexStatistics.SelfSearch? {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        let options = SearchOptions(count: 1, breadth: breadth, strategy: .graph)
        let slots = guarded.withReading { $0.liveSlots(sample: Self.selfSearchSample) }
        var sums = SelfSearchSums()
        for first in stride(from: 0, to: slots.count, by: Self.selfSearchBlock) {
            let block = slots[first..<min(first + Self.selfSearchBlock, slots.count)]
            guarded.withReading { graph in
                // What died since, or is not there in a graph that took over, is no vector of the index.
                for slot in block where slot < graph.slotCount && graph.isLive(slot) {
                    graph.searchForItself(slot, scratch: scratch, options: options, into: &sums)
                }
            }
        }
        return sums.mean
    }
}

/// What searches for a graph's own vectors found and cost together.
struct SelfSearchSums {
    var searches = 0
    var found = 0
    var distances = 0
    var hops = 0

    var mean: IndexStatistics.SelfSearch? {
        guard searches > 0 else { return nil }
        let each = 1 / Double(searches)
        return IndexStatistics.SelfSearch(
            searches: searches, recall: Double(found) * each, distances: Double(distances) * each,
            hops: Double(hops) * each)
    }
}

extension Graph {
    /// Nodes with rows at even distances, at most `sample` of them.
    func liveSlots(sample: Int) -> [UInt32] {
        let step = max(1, (slotCount + sample - 1) / sample)
        return stride(from: 0, to: UInt32(slotCount), by: step).filter { isLive($0) }
    }

    /// Walks for a node's own vector, and adds up whether it is found and what that cost.
    func searchForItself(
        _ slot: UInt32, scratch: SearchScratch, options: SearchOptions, into sums: inout SelfSearchSums
    ) {
        scratch.vector.load(slot, of: arena, kernel)
        let outcome = search(scratch, options: options, precedes: { $0 < $1 })
        sums.searches += 1
        sums.distances += outcome.scanned
        sums.hops += outcome.hops
        guard let hit = outcome.hits.first else { return }
        // A node of another partition with the same vector is as good.
        let rough = score(fullTarget(scratch), slot: slot, scratch: scratch)
        let own = scratch.vector.presented(fineScore(rough, slot: slot, scratch: scratch))
        if postings.slot(of: hit.row.rawValue) == slot || hit.score >= own { sums.found += 1 }
    }
}
