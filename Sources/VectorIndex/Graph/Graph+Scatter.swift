internal import CVectorKernels
import Locks

/// How a walk of one layer stands.
struct LayerWalk {
    var pool: CandidatePool
    let visited: VisitedMarks
    let layer: Int
    /// How many links a node has at most there.
    let width: Int
    /// How many nodes that were met are remembered; 0 where nobody asks for them.
    let metLimit: Int
    var metCount = 0
    var scanned = 0
    var hops = 0

    /// Cache lines of a node's links.
    @inline(__always)
    var lines: Int { (width &+ 15) / 16 }
}

/// Walks that end with nodes here and there.
///
/// Some answers are near to the question and to little else that is near to it: all that links to them lies among
/// the thousands behind the `ef` nearest, and a walk that always takes the nearest node spends itself on a crowd whose
/// members tell it the same. So a wide walk in a large graph takes the nearest only for a while. For the rest of its
/// breadth it takes nodes spread evenly over all that it has met until then, near and far alike, and where one of them
/// leads to something near it goes on from there.
///
/// The nearest of a random sample find a neighbourhood that no walk leads to, as in NN-Descent (W. Dong et al., 2011);
/// that far nodes in a beam repair what greedy walks miss was seen here by looking at what was missed: of 1,000
/// searches of a million decisions at breadth 400, each missed answer had some twenty links to it, from nodes of rank
/// 500 to 3,000.
extension Graph {
    /// How many nodes ahead the links are fetched.
    private static let fetchedAhead = 4

    /// Expands nodes spread evenly over what a walk has met first, and what is near behind them, until it has expanded
    /// `breadth` or one thing near has led to a few more.
    @inline(never)
    func scatter(
        _ walk: inout LayerWalk, _ target: WalkTarget, breadth: Int, _ scratch: SearchScratch
    ) {
        let met = unsafe scratch.met
        // What the sample leads to is remembered no more: the sample is of what the nearest led to.
        let count = walk.metCount
        walk.metCount = walk.metLimit
        let wanted = min(count, breadth &- walk.hops)
        guard wanted > 0 else { return }
        let lock = scratch.pauses.lock
        var place = 0
        while place < wanted, walk.hops < breadth, goesOn(lock, scratch) {
            let ahead = place &+ Graph.fetchedAhead
            if ahead < wanted {
                unsafe vk_prefetch_lines(links(met[ahead &* count / wanted], layer: walk.layer), walk.lines)
            }
            // One that was expanded before has no neighbours that were not met.
            let slot = unsafe met[place &* count / wanted]
            place &+= 1
            guard expand(slot, &walk, target, scratch) > 0 else { continue }
            if !expandNearest(&walk, target, scratch) { return }
        }
    }

    /// How many nodes a walk among everything expands to meet as many that match as one among them would keep; nil
    /// where it would be so many that it does not pay, or would not scatter.
    ///
    /// Of very many nodes scattered walks find more (``scatter(_:_:breadth:_:)``), and where most match, what is
    /// nearest of all holds what is nearest of those. Measured on a million decisions, half of them matching: 0.962 of
    /// those that lie together instead of 0.892, 0.901 of those anywhere instead of 0.917, in less than half the time;
    /// without a filter 0.846 were found.
    func scatteredBreadth(_ options: SearchOptions) -> Int? {
        let (breadth, matching) = (breadth(options), max(1, matchLimit(options)))
        // The whole ratio, also for a partition: such a walk finds none of its nodes together.
        guard liveCount / matching <= Graph.scatteredRatio,
            configuration.nearestBreadth(nodes: slotCount) < breadth
        else { return nil }
        return min(slotCount, breadth * liveCount / matching)
    }

    /// The nodes with a matching row among those that a walk over everything keeps, which may be few; nil where it
    /// cannot go on.
    func walkScattered(
        _ target: WalkTarget, _ scratch: SearchScratch, options: SearchOptions, predicate: RowPredicate,
        breadth: Int
    ) -> CandidatePool? {
        let met = walkFromTop(
            target, scratch, breadth: breadth, nearest: configuration.nearestBreadth(nodes: slotCount),
            options: options)
        if scratch.pauses.isOverrun { return nil }
        var results = scratch.results(capacity: breadth)
        for index in 0..<met.count {
            let match = firstMatch(met[index].slot, predicate)
            if match != Graph.none { results.insert(met[index].score, match) }
        }
        offerTail(to: &results, target, scratch, of: predicate.partition) { firstMatch($0, predicate) }
        return results
    }
}
