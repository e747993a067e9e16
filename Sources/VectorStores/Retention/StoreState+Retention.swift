import Decisions

extension StoreState {
    /// Past this many rows a policy lets a 64th more come in before it looks for what to remove.
    private static let exactRetentionRows = 65_536

    /// The rows a policy no longer keeps, pinned ones left out; with `exactly` no slack is left.
    ///
    /// Ages count from `newest`. Constant time while nothing is due.
    func expiredRows(
        under policy: RetentionPolicy, newest: Timestamp?, pinned: Set<EntryIdentity>, exactly: Bool
    ) -> [Int] {
        guard let times else { return [] }
        let cutoff = newest.flatMap { policy.cutoff(newest: $0) }
        let isOld = cutoff.map { times.lowerBound < $0 } ?? false
        let limit = policy.maximumRows ?? .max
        let slack = exactly || limit <= StoreState.exactRetentionRows ? 0 : limit / 64
        guard isOld || liveCount - limit > slack else { return [] }
        let pinnedRows = Set(pinned.compactMap { row($0) })
        var expired: Set<Int> = []
        if let cutoff, isOld {
            forEachLiveRow(until: cutoff) { row in
                if columns.time(at: row) < cutoff, !pinnedRows.contains(row) { expired.insert(row) }
            }
        }
        let excess = liveCount - expired.count - limit
        if excess > slack {
            for row in oldestRows(excess, except: { pinnedRows.contains($0) || expired.contains($0) }) {
                expired.insert(row)
            }
        }
        return expired.sorted()
    }

    /// What becomes of a decision that is not stored because retention would remove it again at
    /// once; `nil` when it is to be stored.
    ///
    /// Ages count from `newest`. What was removed has been scored: taken in again it would count twice
    /// in the detector's past.
    func dispositionOfExpired(
        _ identity: EntryIdentity, time: Timestamp, under policy: RetentionPolicy, newest: Timestamp?
    ) -> InsertOutcome.Disposition? {
        guard !policy.keepsEverything else { return nil }
        let isPastAge = newest.flatMap { policy.cutoff(newest: $0) }.map { time < $0 } ?? false
        let isFull = policy.maximumRows.map { liveCount >= $0 } ?? false
        let removed = isFull ? retired.newestTime : nil
        guard isPastAge || removed.map({ time <= $0 }) ?? false else { return nil }
        if retired.contains(identity) { return .duplicate }
        // Of decisions of one time some may have gone and others stayed.
        return isPastAge || time != removed ? .expired : nil
    }

    /// The oldest live rows, those that came first among equals.
    private func oldestRows(_ count: Int, except isExcepted: (Int) -> Bool) -> [Int] {
        func precedes(_ left: FirstRows.Candidate, _ right: FirstRows.Candidate) -> Bool {
            left.time == right.time ? left.row < right.row : left.time < right.time
        }
        var oldest = FirstRows(limit: count)
        for chunk in liveChunks.sorted(by: { chunkStart($0) < chunkStart($1) }) {
            if let bar = oldest.bar, chunkStart(chunk) > bar.time.seconds { break }
            for row in columns.rows(ofChunk: chunk) where !columns.isDeleted(row) && !isExcepted(row) {
                oldest.offer(
                    FirstRows.Candidate(time: columns.time(at: row), row: row), precedes: precedes)
            }
        }
        return oldest.rows(precedes: precedes)
    }

    private func chunkStart(_ chunk: Int) -> Int64 { columns.chunkSeconds[chunk].lowerBound }

    /// Calls a closure with each live row whose second is not after an instant's.
    private func forEachLiveRow(until cutoff: Timestamp, _ body: (Int) -> Void) {
        for chunk in liveChunks where chunkStart(chunk) <= cutoff.seconds {
            for row in columns.rows(ofChunk: chunk)
            where columns.seconds[row] <= cutoff.seconds && !columns.isDeleted(row) { body(row) }
        }
    }
}
