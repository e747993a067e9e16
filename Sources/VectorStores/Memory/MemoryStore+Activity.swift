import Decisions
import Locks

extension MemoryStore {
    /// Counts rows and denies per time bucket of event time.
    @concurrent
    public func activity(_ request: ActivityRequest) async throws -> ActivityHistory {
        guard request.bucketSeconds >= 1, (1...2_000).contains(request.buckets) else {
            throw StoreError(
                .usage, "activity needs 1 to 2000 buckets of at least a second: ask for fewer or longer ones")
        }
        return core.state.withReading { $0.activity(request) }
    }
}

extension StoreState {
    /// Counts rows by bucket of event time; chunks that lie outside are skipped.
    func activity(_ request: ActivityRequest) -> ActivityHistory {
        var decisions = [Int](repeating: 0, count: request.buckets)
        var denies = decisions
        let history = { (decisions: [Int], denies: [Int]) in
            ActivityHistory(decisions: decisions, denies: denies)
        }
        var wanted: UInt32?
        if let tenant = request.tenant {
            guard let number = columns.tenants.values.find(tenant) else { return history(decisions, denies) }
            wanted = number
        }
        let from = request.from.seconds
        let (length, tooLong) = request.bucketSeconds.multipliedReportingOverflow(by: Int64(request.buckets))
        let (sum, tooLate) = from.addingReportingOverflow(length)
        let end = tooLong || tooLate ? Int64.max : sum
        for (chunk, range) in columns.chunkSeconds.enumerated()
        where range.lowerBound <= end && range.upperBound >= from {
            let start = chunk << Chunk.shift
            for row in start..<min(start + Chunk.rows, columns.count) {
                let second = columns.seconds[row]
                guard second >= from, second <= end, !columns.isDeleted(row) else { continue }
                if let wanted, columns.tenants.numbers[row] != wanted { continue }
                // Exact however far apart both are, since the second is not the earlier one.
                var elapsed = UInt64(bitPattern: second &- from)
                if columns.nanoseconds[row] < request.from.nanoseconds {
                    guard elapsed > 0 else { continue }
                    elapsed -= 1
                }
                let place = elapsed / UInt64(request.bucketSeconds)
                guard place < UInt64(request.buckets) else { continue }
                let bucket = Int(place)
                decisions[bucket] += 1
                if RowFlags(rawValue: columns.flags[row]).effect == .deny { denies[bucket] += 1 }
            }
        }
        return history(decisions, denies)
    }
}
