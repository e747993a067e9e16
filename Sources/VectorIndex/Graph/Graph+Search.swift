internal import CVectorKernels

/// The nodes a search found, each named by its first matching row and scored with the exact form.
struct FoundNodes {
    var pool: CandidatePool
    var strategy: SearchStrategy
    var isExact: Bool
}

extension Graph {
    /// Below this many nodes, comparing all of them costs less than a walk.
    static let exactNodeLimit = 1_000
    /// Below this many nodes or rows, a restricted search compares all that match.
    static let exactMatchLimit = 4_000
    /// Vectors that a walk compares for each candidate it keeps: measured on decision vectors.
    static let scannedPerCandidate = 20

    /// Answers a search for the scratch's vector.
    func search(_ scratch: SearchScratch, options: SearchOptions) -> SearchOutcome {
        scratch.beginCounting()
        guard options.count > 0, rowCount > 0 else {
            var outcome = SearchOutcome()
            outcome.isExact = true
            return outcome
        }
        if options.isUnrestricted, options.strategy != .exact,
            options.strategy == .graph || liveCount > Graph.exactNodeLimit
        {
            let outcome = searchGraph(scratch, options: options)
            // A walk that met too few is completed by comparing everything: k results whenever k exist.
            let available = rowCount - (options.needed - options.count)
            if options.strategy == .graph || outcome.hits.count >= min(options.count, available) {
                return outcome
            }
        }
        return unsafe withPredicate(options) { predicate in
            let found = restrictedNodes(scratch, options: options, predicate: predicate)
            var outcome = SearchOutcome()
            outcome.strategy = found.strategy
            outcome.isExact = found.isExact
            outcome.hits = rows(of: found.pool, namedBy: .row, predicate: predicate, scratch, options)
            outcome.scanned = scratch.scanned
            outcome.hops = scratch.hops
            return outcome
        }
    }

    /// Gives `body` the options as a predicate.
    @unsafe func withPredicate<Result>(_ options: SearchOptions, _ body: (RowPredicate) -> Result) -> Result {
        guard let filter = options.filter else { return unsafe body(RowPredicate(options, words: nil)) }
        return unsafe filter.words.withUnsafeBufferPointer { unsafe body(RowPredicate(options, words: $0)) }
    }

    /// How many candidates a walk keeps: more when part of the graph is dead.
    func breadth(_ options: SearchOptions) -> Int {
        let asked = max(options.breadth ?? configuration.searchBreadth, min(options.needed, slotCount))
        return min(slotCount, asked + asked * tombstoneCount / max(1, liveCount))
    }

    private func searchGraph(_ scratch: SearchScratch, options: SearchOptions) -> SearchOutcome {
        var pool = walkFromTop(searchTarget(scratch), scratch, breadth: breadth(options))
        pool = rescored(pool, .slot, isRough: quantized != nil, scratch, options)
        var outcome = SearchOutcome()
        outcome.strategy = .graph
        outcome.hits = unsafe rows(
            of: pool, namedBy: .slot, predicate: RowPredicate(options, words: nil), scratch, options)
        outcome.scanned = scratch.scanned
        outcome.hops = scratch.hops
        return outcome
    }

    enum Naming { case slot, row }

    /// Expands nodes to rows: by score descending then row, at most as many as asked for.
    func rows(
        of pool: CandidatePool, namedBy naming: Naming, predicate: RowPredicate, _ scratch: SearchScratch,
        _ options: SearchOptions
    ) -> [Hit] {
        let count = options.count
        var hits: [Hit] = []
        hits.reserveCapacity(min(count, rowCount) + 1)
        var isSorted = true
        var index = 0
        while index < pool.count {
            let node = pool[index]
            index += 1
            let score = scratch.vector.presented(node.score)
            // Nodes of equal score compete by row, so the last score is read to its end.
            if hits.count >= count, let last = hits.last, score < last.score { break }
            let slot = naming == .slot ? node.slot : postings.slot(of: node.slot)
            var row = naming == .slot ? postings.first(slot) : node.slot
            var taken = 0
            while row != PostingTable.none, taken < count {
                if predicate.admits(row: row) {
                    let hit = Hit(row: Row(rawValue: row), score: score)
                    if let last = hits.last, hit.precedes(last) { isSorted = false }
                    hits.append(hit)
                    taken += 1
                }
                row = postings.next(row)
            }
        }
        if !isSorted { hits.sort { $0.precedes($1) } }
        if hits.count > count { hits.removeLast(hits.count - count) }
        return hits
    }
}
