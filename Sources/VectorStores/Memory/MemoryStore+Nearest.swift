import Decisions
import VectorIndex

extension MemoryStore {
    /// Answers a search near an entry that is held, itself left out.
    func like(
        _ id: String, tenant: String?, _ request: SearchRequest, _ state: borrowing StoreState
    ) throws(StoreError) -> SearchAnswer {
        let rows = state.rows(id: id, tenant: tenant ?? request.query?.scope.tenant)
        guard let row = rows.first else {
            throw StoreError(
                .unknownID, "no entry has the identifier \(PrintedText.escaped(id)): look it up with search")
        }
        guard rows.count == 1 else {
            throw StoreError.ambiguous(id: id, tenants: rows.map { state.identity(of: $0).tenant })
        }
        guard let counts = core.index.counts(of: Row(rawValue: UInt32(row))) else {
            throw StoreError(.unknownID, "the entry \(PrintedText.escaped(id)) is being stored: ask again")
        }
        return try near(Embedding(counts: counts), leavingOut: row, request, state)
    }

    /// Answers a search near a vector.
    func near(
        _ embedding: Embedding, leavingOut: Int?, _ request: SearchRequest, _ state: borrowing StoreState
    ) throws(StoreError) -> SearchAnswer {
        guard embedding.counts.count == Embedding.dimension, embedding.scale > 0 else {
            throw StoreError(.usage, "a zero vector has no neighbours: search with another one")
        }
        let scope = request.query?.scope
        var options = SearchOptions(
            count: request.limit, breadth: request.breadth ?? state.records.searchBreadth)
        options.excluding = leavingOut.map { Row(rawValue: UInt32($0)) }
        options.strategy = request.exact ? .exact : request.forcesGraph ? .graph : .automatic
        var matching = state.liveCount
        if let tenant = scope?.tenant {
            guard let number = state.columns.tenants.values.find(tenant) else {
                return nothing(request, state)
            }
            options.partition = Partition(rawValue: number)
            matching = state.tenantCounts[Int(number)].rows
        }
        var scanned = 0
        if scope?.remainder != nil, let query = request.query {
            var rows = core.knownRows(matching: query, state)
            if rows == nil {
                switch try walk(to: embedding, query, options, state) {
                case .found(let outcome):
                    return answer(outcome, request, matching: request.limit, state)
                case .foundTooFew(let walked), .tookTooLong(let walked):
                    // A second walk would meet no more of them: they lie far from here.
                    options.strategy = .exact
                    scanned = walked
                case .notTried: break
                }
                rows = core.lookUp(query, state)
            }
            options.filter = rows
            matching = rows?.count ?? 0
            if let leavingOut, rows?.contains(Row(rawValue: UInt32(leavingOut))) == true { matching -= 1 }
        } else if let leavingOut,
            options.partition.map({ $0.rawValue == state.columns.tenants.numbers[leavingOut] }) ?? true
        {
            matching -= 1
        }
        guard matching > 0 else { return nothing(request, state) }
        options.count = min(request.limit, matching)
        var outcome = try nearest(embedding, options, state)
        outcome.scanned += scanned
        return answer(outcome, request, matching: matching, state)
    }

    private func answer(
        _ outcome: SearchOutcome, _ request: SearchRequest, matching: Int, _ state: borrowing StoreState
    ) -> SearchAnswer {
        let results = outcome.hits.map { hit in
            SearchResult(stored: self.core.stored(Int(hit.row.rawValue), state), similarity: hit.score)
        }
        return SearchAnswer(
            strategy: SearchStrategy(rawValue: outcome.strategy.rawValue) ?? .graph, exact: outcome.isExact,
            scanned: outcome.scanned, elapsedMicroseconds: 0,
            reason: reason(results.count, request, matching: matching, state), results: results)
    }

    /// Asks the index: the nearest rows that are not deleted, those of one similarity by identifier.
    private func nearest(
        _ embedding: Embedding, _ options: SearchOptions, _ state: borrowing StoreState
    ) throws(StoreError) -> SearchOutcome {
        let outcome = try askIndex(embedding, options, state)
        if outcome.hits.allSatisfy({ state.columns.isHeld(Int($0.row.rawValue)) }) { return outcome }
        // Rows leave the index a moment after they are deleted: until then they must not take the place of
        // others.
        var options = options
        options.filter = RowFilter(words: ColumnFilter.rows(matching: nil, in: state.columns).words)
        return try askIndex(embedding, options, state)
    }

    private func askIndex(
        _ embedding: Embedding, _ options: SearchOptions, _ state: borrowing StoreState
    ) throws(StoreError) -> SearchOutcome {
        do {
            return try core.index.search(
                counts: embedding.counts.span, scale: embedding.scale, options: options
            ) { state.precedes($0, $1) }
        } catch {
            throw StoreError(.usage, "the search failed: \(error)")
        }
    }
}

extension StoreState {
    /// Whether a row comes before another that is as near.
    func precedes(_ row: Row, _ other: Row) -> Bool {
        let (row, other) = (Int(row.rawValue), Int(other.rawValue))
        // An index read from a file may name rows that there are none of.
        guard max(row, other) < columns.count else { return row < other }
        return columns.isListed(row, before: other)
    }
}
