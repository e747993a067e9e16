/// The nodes that have just the vector that is searched for, by its hash: what was inserted is found by the very next
/// search, whatever a walk meets, and what is near to it by walks that begin there.
extension Graph {
    /// In more partitions than these nobody looks for the vector: each has a hash of its own, and a look costs about
    /// 0.1 us.
    private static let partitionLimit = 16

    /// Lets the next walk begin at the searched vector's own nodes as well.
    ///
    /// In a crowd of near-copies a walk from above may end beside it and never meet it.
    func beginAtOwnNodes(_ target: WalkTarget, _ scratch: SearchScratch, _ options: SearchOptions) {
        forEachOwnNode(scratch, options) { own in
            // A node that is not linked yet leads nowhere, and is compared with the others of the tail.
            if isInTail(own) { return }
            scratch.beginWalk(alsoAt: Candidate(score: score(target, slot: own, scratch: scratch), id: own))
        }
    }

    /// Takes the searched vector's own nodes in where a walk has not kept them, under the name that a pool's nodes
    /// have.
    ///
    /// They are looked for once more: while a walk paused, others may have been stored and removed.
    func offerOwnNodes(
        to pool: inout CandidatePool, _ scratch: SearchScratch, _ options: SearchOptions,
        named name: (UInt32) -> UInt32
    ) {
        forEachOwnNode(scratch, options) { own in
            let named = name(own)
            if named != Graph.none, !pool.contains(named) { pool.insert(exactScore(own, scratch), named) }
        }
    }

    /// Calls a closure with each of the vector's own nodes that has rows: a tombstone would only take the place of one.
    ///
    /// Only where few partitions may have it, and not where a walk or smaller codes are to show what they find.
    private func forEachOwnNode(_ scratch: SearchScratch, _ options: SearchOptions, _ body: (UInt32) -> Void)
    {
        guard options.strategy == .automatic, options.isRescored else { return }
        func look(in partition: UInt32) {
            let hash = hash(scratch.vector, partition: partition)
            if let own = find(scratch, partition: partition, hash: hash), isLive(own) { body(own) }
        }
        if let partition = options.partition {
            look(in: partition.rawValue)
        } else if partitions.count <= Graph.partitionLimit {
            for partition in partitions.keys { look(in: partition) }
        }
    }

    /// The score of a node by its exact form.
    private func exactScore(_ slot: UInt32, _ scratch: SearchScratch) -> Float {
        fineScore(score(fullTarget(scratch), slot: slot, scratch: scratch), slot: slot, scratch: scratch)
    }
}
