import Decisions
import Locks
import VectorIndex

extension MemoryStore {
    /// Answers a search by comparing everything, some rows at a time, so that nobody who writes waits long.
    ///
    /// What is stored or deleted meanwhile may be in the answer or not.
    @concurrent
    public func exactSearch(_ request: SearchRequest) async throws -> SearchAnswer {
        try await exactSearch(request, rowsAtATime: options.rowsComparedAtATime)
    }

    /// The same with slices of so many rows.
    @concurrent
    package func exactSearch(_ request: SearchRequest, rowsAtATime: Int) async throws -> SearchAnswer {
        var request = request
        request.exact = true
        // Rows keep their numbers from one slice to the next.
        let hold = RowHold(core)
        defer { withExtendedLifetime(hold) {} }
        let question = core.state.withReading { ExactQuestion(request, $0, core.index) }
        guard let question, question.rowCount > rowsAtATime else { return try searchNow(request) }
        let start = ContinuousClock.now
        var best: [Hit] = []
        var scanned = 0
        for first in stride(from: 0, to: question.rowCount, by: rowsAtATime) {
            try Task.checkCancellation()
            let outcome = try compare(
                question, first..<min(first + rowsAtATime, question.rowCount), count: request.limit, best)
            scanned += outcome.scanned
            best = outcome.hits
            await Task.yield()
        }
        let results = results(of: best)
        // So few are compared at once soon enough, and told why they are few.
        guard results.count == request.limit else { return try searchNow(request) }
        return told(
            SearchAnswer(
                strategy: .exact, exact: true, scanned: scanned, elapsedMicroseconds: 0, results: results),
            since: start)
    }

    /// The nearest among some rows and the best so far, those of one similarity by identifier.
    private func compare(
        _ question: ExactQuestion, _ rows: Range<Int>, count: Int, _ best: [Hit]
    ) throws(StoreError) -> SearchOutcome {
        try core.state.withReading { state throws(StoreError) in
            let filter = question.filter(rows, state.columns)
            var outcome = SearchOutcome()
            outcome.hits = best
            guard filter.count > 0 else { return outcome }
            let options = SearchOptions(
                count: count, partition: question.partition, filter: filter, strategy: .exact)
            do {
                outcome = try core.index.search(
                    counts: question.embedding.counts.span, scale: question.embedding.scale, options: options
                ) { state.columns.isListed($0, before: $1) }
            } catch {
                throw StoreError(.usage, "the search failed: \(error)")
            }
            outcome.hits = merged(best, outcome.hits, limit: count, state.columns)
            return outcome
        }
    }

    /// The first of two answers, each of which is in order.
    private func merged(
        _ first: [Hit], _ second: [Hit], limit: Int, _ columns: borrowing DecisionColumns
    ) -> [Hit] {
        var merged: [Hit] = []
        merged.reserveCapacity(min(limit, first.count + second.count))
        var (left, right) = (first[...], second[...])
        while merged.count < limit, let hit = left.first ?? right.first {
            guard let other = right.first, !left.isEmpty else {
                merged.append(contentsOf: (left.isEmpty ? right : left).prefix(limit - merged.count))
                break
            }
            let isFirst =
                hit.score == other.score
                ? columns.isListed(hit.row, before: other.row) : hit.score > other.score
            merged.append(isFirst ? left.removeFirst() : right.removeFirst())
        }
        return merged
    }

    private func results(of hits: [Hit]) -> [SearchResult] {
        core.state.withReading { state in
            hits.filter { !state.columns.isDeleted(Int($0.row.rawValue)) }.map { hit in
                SearchResult(stored: core.stored(Int(hit.row.rawValue), state), similarity: hit.score)
            }
        }
    }
}

/// What an exact search compares, as it was when it began.
private struct ExactQuestion {
    var embedding: Embedding
    /// The row that the vector is of.
    var leavingOut: Int?
    var partition: Partition?
    /// The rows that match; `nil` when all in the partition do.
    var matching: RowSet?
    var rowCount: Int

    /// `nil` for what has no vector or cannot be asked, which the usual search answers or refuses.
    init?(_ request: SearchRequest, _ state: borrowing StoreState, _ index: HNSWIndex) {
        guard (1...SearchRequest.maximumLimit).contains(request.limit) else { return nil }
        let scope = request.query?.scope
        switch request.target {
        case nil: return nil
        case .embedding(let given): embedding = given
        case .like(let id, let tenant):
            let rows = state.rows(id: id, tenant: tenant ?? scope?.tenant)
            guard rows.count == 1, let counts = index.counts(of: Row(rawValue: UInt32(rows[0]))) else {
                return nil
            }
            embedding = Embedding(counts: counts)
            leavingOut = rows[0]
        }
        guard embedding.counts.count == Embedding.dimension, embedding.scale > 0 else { return nil }
        if let tenant = scope?.tenant {
            guard let number = state.columns.tenants.values.find(tenant) else { return nil }
            partition = Partition(rawValue: number)
        }
        if scope?.remainder != nil {
            matching = ColumnFilter.rows(matching: request.query, in: state.columns)
        }
        rowCount = state.columns.count
    }

    /// The rows of a range that are to be compared.
    func filter(_ rows: Range<Int>, _ columns: borrowing DecisionColumns) -> RowFilter {
        var words = [UInt64](repeating: 0, count: (rows.upperBound + 63) / 64)
        for row in rows where row != leavingOut && !columns.isDeleted(row) {
            if let partition, columns.tenants.numbers[row] != partition.rawValue { continue }
            if let matching, !matching.contains(row) { continue }
            words[row >> 6] |= 1 << UInt64(row & 63)
        }
        return RowFilter(words: words)
    }
}

extension DecisionColumns {
    /// Whether a row is listed before another, as those of one similarity are.
    fileprivate func isListed(_ row: Row, before other: Row) -> Bool {
        isListed(Int(row.rawValue), before: Int(other.rawValue))
    }
}
