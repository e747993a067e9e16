import Decisions

extension StoreState {
    /// Past this many rows a policy lets a 64th more come in before it looks for what to remove.
    private static let exactRetentionRows = 65_536

    /// The rows a policy no longer keeps, pinned ones left out; with `exactly` no slack is left.
    func expiredRows(
        under policy: RetentionPolicy, pinned: Set<EntryIdentity>, exactly: Bool
    ) -> [Int] {
        guard !policy.keepsEverything, let newest = times?.upperBound else { return [] }
        let pinnedRows = Set(pinned.compactMap { row($0) })
        var expired: Set<Int> = []
        if let age = policy.maximumAgeSeconds {
            let cutoff = newest.advanced(bySeconds: -age)
            if let oldest = times?.lowerBound, oldest < cutoff {
                forEachLiveRow(before: cutoff) { row in
                    if !pinnedRows.contains(row) { expired.insert(row) }
                }
            }
        }
        if let limit = policy.maximumRows {
            let slack = exactly || limit <= StoreState.exactRetentionRows ? 0 : limit / 64
            let excess = liveCount - expired.count - limit
            if excess > slack {
                var oldest = RankedRows(limit: excess)
                for row in 0..<columns.count
                where !columns.isDeleted(row) && !expired.contains(row) && !pinnedRows.contains(row) {
                    oldest.offer(row: row, rank: columns.time(at: row)) { $0 < $1 }
                }
                for row in oldest.rows() { expired.insert(row) }
            }
        }
        return expired.sorted()
    }

    /// Calls a closure with each live row whose time is before an instant, skipping chunks that are all later.
    private func forEachLiveRow(before cutoff: Timestamp, _ body: (Int) -> Void) {
        for (chunk, range) in columns.chunkSeconds.enumerated() where range.lowerBound <= cutoff.seconds {
            let start = chunk << Chunk.shift
            for row in start..<min(start + Chunk.rows, columns.count)
            where columns.seconds[row] <= cutoff.seconds && !columns.isDeleted(row) {
                if columns.time(at: row) < cutoff { body(row) }
            }
        }
    }
}

/// The first rows by some rank, found without sorting all of them.
struct RankedRows {
    private let limit: Int
    private var kept: [(rank: Timestamp, row: Int)] = []
    /// The rank that a row must come before to matter, once enough rows were seen.
    private(set) var bar: Timestamp?

    init(limit: Int) {
        self.limit = limit
    }

    /// Looks at a row; `precedes` says which ranks come first and is the same at every call.
    mutating func offer(row: Int, rank: Timestamp, precedes: (Timestamp, Timestamp) -> Bool) {
        if let bar, precedes(bar, rank) { return }
        kept.append((rank, row))
        if kept.count >= limit * 2 + 64 { trim(precedes) }
    }

    /// Drops what cannot be among the first; rows of equal rank at the border all stay.
    private mutating func trim(_ precedes: (Timestamp, Timestamp) -> Bool) {
        sort(precedes)
        let border = kept[limit - 1].rank
        var end = limit
        while end < kept.count, kept[end].rank == border { end += 1 }
        kept.removeSubrange(end...)
        bar = border
    }

    private mutating func sort(_ precedes: (Timestamp, Timestamp) -> Bool) {
        kept.sort { left, right in
            left.rank == right.rank ? left.row < right.row : precedes(left.rank, right.rank)
        }
    }

    /// The first rows in order, older rows first among equals.
    func rows(precedes: (Timestamp, Timestamp) -> Bool = { $0 < $1 }) -> [Int] {
        var copy = self
        copy.sort(precedes)
        return copy.kept.prefix(limit).map(\.row)
    }

    /// Every row that may be among the first: more than the limit only when ranks are equal at its border.
    func candidates(precedes: (Timestamp, Timestamp) -> Bool) -> [Int] {
        var copy = self
        if copy.kept.count > limit { copy.trim(precedes) }
        return copy.kept.map(\.row)
    }
}
