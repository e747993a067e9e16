/// Which of two rows of one score comes first: the same at every call, and for each two rows one of them.
typealias RowOrder = (Row, Row) -> Bool

extension Graph {
    /// Up to this many nodes all are compared, however narrow a walk and however small the codes.
    static let exactNodeLimit = 1_000
    /// Below this many nodes or rows, a restricted search compares all that match.
    static let exactMatchLimit = 4_000
    /// Above so many nodes or rows that match, walks under a filter are wider.
    static let widenedMatchMinimum = 16_000
    /// Up to this many nodes or rows, all that match are compared when a walk ends among equals: which of
    /// those come first only all of them tell.
    static let tieLimit = 20_000
    /// Vectors that a walk compares for each candidate it keeps: measured on decision vectors.
    static let scannedPerCandidate = 20
    /// One comparison of a walk over so many nodes, with its way through memory and the candidates kept in order, takes
    /// as long as so many of all nodes one after the other.
    ///
    /// Walks over more than the caches hold wait for memory, which reading in a row does not. Measured on an AMD Zen 4:
    /// 15 ns of a walk among 100,000 decisions, 60 ns among 700,000.
    static func walkedComparisonCost(nodes: Int) -> Int {
        nodes <= 100_000 ? 4 : min(16, Int(4 * (Double(nodes) / 100_000).squareRoot()))
    }
    /// Up to so many nodes for each that matches, walks over very many look at everything and keep what matches.
    static let scatteredRatio = 3
    /// A walk that keeps only what matches gives up once it has taken this part of the time that comparing all of it
    /// takes: so giving up costs a third more than not having tried.
    static let patienceShare = 3
    /// How often over it could have met enough, had what matches lain anywhere, before it gives up without.
    static let patienceFactor = 6
    /// What a walk may compare before it is asked whether it met enough: the way down takes some, however narrow.
    static let leastPatience = 1_000

    /// Answers a search for the scratch's vector; rows of one score come as `precedes` says.
    ///
    /// With a test of rows only a walk is taken, which asks about the rows that it meets; there are no hits where
    /// comparing all that pass would cost less or tell more.
    func search(
        _ scratch: SearchScratch, options: SearchOptions, admitting test: ((UInt32) -> Bool)? = nil,
        precedes: RowOrder
    ) -> SearchOutcome {
        scratch.beginCounting()
        scratch.tail = tail
        defer { scratch.tail = [] }
        var outcome = SearchOutcome()
        outcome.isExact = true
        guard options.count > 0, rowCount > 0 else { return outcome }
        unsafe withPredicate(options, test) { predicate in
            if let walked = walkedRows(scratch, options: options, predicate, precedes) {
                outcome.hits = walked
                outcome.strategy = options.isUnrestricted ? .graph : .filteredGraph
                outcome.isExact = false
            } else if test != nil {
                outcome.strategy = .filteredGraph
                outcome.isExact = false
            } else if !scratch.pauses.isOverrun {
                outcome.hits = comparedRows(scratch, options: options, predicate, precedes)
            }
        }
        outcome.scanned = scratch.scanned
        outcome.hops = scratch.hops
        return outcome
    }

    /// Gives `body` the options as a predicate.
    @unsafe func withPredicate<Result>(
        _ options: SearchOptions, _ test: ((UInt32) -> Bool)? = nil, _ body: (RowPredicate) -> Result
    ) -> Result {
        guard let filter = options.filter else {
            return unsafe body(RowPredicate(options, words: nil, test: test))
        }
        return unsafe filter.words.withUnsafeBufferPointer { unsafe body(RowPredicate(options, words: $0)) }
    }

    /// How many candidates a walk expands: more when part of the graph is dead.
    func breadth(_ options: SearchOptions) -> Int {
        let asked = max(
            options.breadth ?? configuration.searchBreadth(nodes: slotCount), min(options.needed, slotCount))
        return min(slotCount, asked + asked * tombstoneCount / max(1, liveCount))
    }

    /// The nearest rows of the nodes that a walk finds; nil where comparing all nodes that match costs less
    /// or tells more.
    private func walkedRows(
        _ scratch: SearchScratch, options: SearchOptions, _ predicate: RowPredicate, _ precedes: RowOrder
    ) -> [Hit]? {
        // As it is now: during the walk nodes may die, which makes the next ones wider.
        let full = breadth(options)
        guard
            let pool = options.isUnrestricted
                ? walkedNodes(scratch, options: options)
                : walkedMatches(scratch, options: options, predicate: predicate)
        else { return nil }
        let naming = options.isUnrestricted ? Naming.slot : .row
        let hits = rows(of: pool, namedBy: naming, predicate, scratch, options, precedes)
        if options.strategy == .graph { return hits }
        if options.isUnrestricted {
            // A walk that met too few is completed by comparing everything: k results whenever k exist.
            let available = rowCount - options.passedOver
            if hits.count < min(options.count, available) { return nil }
        }
        if let last = hits.last, pool.count >= full,
            matchLimit(options) <= Graph.tieLimit,
            scratch.vector.presented(pool[pool.count - 1].score) == last.score
        {
            return nil
        }
        return hits
    }

    /// Whether a search among all nodes compares all of them.
    ///
    /// Smaller codes are there so that the full ones are not read, so how wide the walk is does not count with them.
    private func comparesAll(_ options: SearchOptions) -> Bool {
        switch options.strategy {
        case .exact: true
        case .graph: false
        case .automatic:
            liveCount <= Graph.exactNodeLimit
                || quantized == nil && Graph.isDearer(walking: breadth(options), thanComparing: liveCount)
        }
    }

    /// Whether a walk over all nodes is taken to cost no less than comparing so many of them.
    ///
    /// At the usual breadth of 80 that is up to 6,400 nodes: where walks miss what lies far from everything, which is
    /// what is searched for most.
    static func isDearer(walking breadth: Int, thanComparing nodes: Int) -> Bool {
        breadth * scannedPerCandidate >= nodes / walkedComparisonCost(nodes: nodes)
    }

    /// What a walk over all nodes finds; nil where there are so few that comparing them costs less.
    private func walkedNodes(_ scratch: SearchScratch, options: SearchOptions) -> CandidatePool? {
        if isUnlinked || comparesAll(options) { return nil }
        let target = searchTarget(scratch)
        var pool = walkFromTop(
            target, scratch, breadth: breadth(options),
            nearest: configuration.nearestBreadth(nodes: slotCount), keeping: keptNodes(options),
            options: options)
        if scratch.pauses.isOverrun { return nil }
        offerTail(to: &pool, target, scratch) { $0 }
        var found = rescored(pool, .slot, isRough: quantized != nil, scratch, options)
        offerOwnNodes(to: &found, scratch, options) { $0 }
        return found
    }

    enum Naming { case slot, row }

    /// The nearest rows of some nodes, at most as many as asked for.
    private func rows(
        of pool: CandidatePool, namedBy naming: Naming, _ predicate: RowPredicate, _ scratch: SearchScratch,
        _ options: SearchOptions, _ precedes: RowOrder
    ) -> [Hit] {
        var nearest = NearestRows(limit: options.count)
        for index in 0..<pool.count {
            let node = pool[index]
            let score = scratch.vector.presented(node.score)
            // Nodes of equal score compete by row, so the last score is read to its end.
            if score < nearest.worstScore { break }
            let slot = naming == .slot ? node.slot : postings.slot(of: node.slot)
            forEachMatch(slot, predicate) { nearest.offer($0, score: score, precedes) }
        }
        return nearest.hits(precedes)
    }

    /// The nearest of all rows that match: exact.
    private func comparedRows(
        _ scratch: SearchScratch, options: SearchOptions, _ predicate: RowPredicate, _ precedes: RowOrder
    ) -> [Hit] {
        var nearest = NearestRows(limit: options.count)
        compareRows(scratch, options: options, predicate, into: &nearest, precedes)
        return nearest.hits(precedes)
    }

    /// Offers all rows that match, or those among some slots only.
    func compareRows(
        _ scratch: SearchScratch, options: SearchOptions, _ predicate: RowPredicate,
        among slots: Range<Int>? = nil, into nearest: inout NearestRows, _ precedes: RowOrder
    ) {
        let presentation = scratch.vector.presentation
        let slack = slack(scratch)
        unsafe compareAll(scratch, options: options, among: slots) { slots, scores, count in
            var worst = presentation.score(nearest.worstScore)
            for index in 0..<count {
                let slot = unsafe slots[index]
                let rough = unsafe scores[index]
                if !reaches(worst, rough, slot, slack) { continue }
                let score = presentation(fineScore(rough, slot: slot, scratch: scratch))
                if score < nearest.worstScore { continue }
                forEachMatch(slot, predicate) { nearest.offer($0, score: score, precedes) }
                worst = presentation.score(nearest.worstScore)
            }
        }
    }
}

/// The nearest rows met so far, at most so many.
struct NearestRows {
    private var first: FirstElements<Hit>

    init(limit: Int) {
        first = FirstElements(limit: limit)
    }

    /// The score a newcomer must reach.
    @inline(__always)
    var worstScore: Float { first.bar?.score ?? -.infinity }

    @inline(__always)
    mutating func offer(_ row: UInt32, score: Float, _ precedes: RowOrder) {
        first.offer(Hit(row: Row(rawValue: row), score: score)) { $0.precedes($1, precedes) }
    }

    func hits(_ precedes: RowOrder) -> [Hit] { first.sorted { $0.precedes($1, precedes) } }
}

extension Hit {
    /// Whether this hit comes before another: by score descending, then as rows are ordered.
    fileprivate func precedes(_ other: Hit, _ order: RowOrder) -> Bool {
        score != other.score ? score > other.score : order(row, other.row)
    }
}
