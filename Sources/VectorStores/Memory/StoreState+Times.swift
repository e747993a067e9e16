import Decisions

extension StoreState {
    /// How far past the wall clock a decision's time is still believed: clocks differ, and so do time zones.
    static let believedAheadSeconds: Int64 = 86_400

    /// The time past which a decision is dated ahead of the clock.
    static func lastBelievedTime(at now: Timestamp) -> Timestamp {
        now.advanced(bySeconds: believedAheadSeconds)
    }

    /// The newest time of what is held; with a bound, the newest that is not after it.
    ///
    /// Constant time unless something is dated after the bound.
    func newestTime(upTo bound: Timestamp) -> Timestamp? {
        guard let times, times.upperBound > bound else { return self.times?.upperBound }
        return newestLiveTime(upTo: bound)
    }

    /// How many rows are dated after a bound; constant time when none is.
    func rowCount(after bound: Timestamp) -> Int {
        guard let times, times.upperBound > bound else { return 0 }
        return liveChunks.reduce(0) { sum, chunk in
            guard columns.chunkSeconds[chunk].upperBound >= bound.seconds else { return sum }
            return sum
                + columns.rows(ofChunk: chunk).count {
                    !columns.isDeleted($0) && columns.time(at: $0) > bound
                }
        }
    }

    /// Looks for the oldest and newest times anew.
    mutating func recountTimes() {
        times = oldestLiveTime().flatMap { oldest in newestLiveTime().map { oldest...$0 } }
    }

    /// Looks for the newest time where it can be: in the chunks that end last.
    private func newestLiveTime(upTo bound: Timestamp? = nil) -> Timestamp? {
        let ranges = columns.chunkSeconds
        var newest: Timestamp?
        for chunk in liveChunks.sorted(by: { ranges[$0].upperBound > ranges[$1].upperBound }) {
            if let newest, ranges[chunk].upperBound < newest.seconds { break }
            for row in columns.rows(ofChunk: chunk) where !columns.isDeleted(row) {
                let time = columns.time(at: row)
                if let bound, time > bound { continue }
                newest = newest.map { max($0, time) } ?? time
            }
        }
        return newest
    }

    /// Looks for the oldest time where it can be: in the chunks that begin first.
    private func oldestLiveTime() -> Timestamp? {
        let ranges = columns.chunkSeconds
        var oldest: Timestamp?
        for chunk in liveChunks.sorted(by: { ranges[$0].lowerBound < ranges[$1].lowerBound }) {
            if let oldest, ranges[chunk].lowerBound > oldest.seconds { break }
            for row in columns.rows(ofChunk: chunk) where !columns.isDeleted(row) {
                let time = columns.time(at: row)
                oldest = oldest.map { min($0, time) } ?? time
            }
        }
        return oldest
    }

    /// Looks at every live row for the newest of some tenants.
    mutating func recountNewest(of tenants: Set<Int>) {
        if tenants.isEmpty { return }
        for chunk in liveChunks {
            for row in columns.rows(ofChunk: chunk) where !columns.isDeleted(row) {
                let tenant = Int(columns.tenants.numbers[row])
                guard tenants.contains(tenant) else { continue }
                let time = columns.time(at: row)
                tenantCounts[tenant].newest = tenantCounts[tenant].newest.map { max($0, time) } ?? time
            }
        }
    }
}
