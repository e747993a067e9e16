import Decisions
import Locks
import VectorIndex

extension MemoryStore {
    /// Finds the entries nearest to a vector, or the newest that match a query.
    @concurrent
    public func search(_ request: SearchRequest) async throws -> SearchAnswer {
        try searchNow(request)
    }

    /// The entry with an identifier; several when tenants share it and none was named.
    @concurrent
    public func entries(id: String, tenant: String?) async throws -> [StoredDecision] {
        core.state.withReading { state in state.rows(id: id, tenant: tenant).map { core.stored($0, state) } }
    }

    func searchNow(_ request: SearchRequest) throws(StoreError) -> SearchAnswer {
        guard (1...SearchRequest.maximumLimit).contains(request.limit) else {
            throw StoreError(
                .usage,
                "\(request.limit) results cannot be asked for: ask for 1 to \(SearchRequest.maximumLimit)")
        }
        if let breadth = request.breadth, !(1...SearchRequest.maximumBreadth).contains(breadth) {
            throw StoreError(
                .usage,
                "a search breadth of \(breadth) is out of range: use 1 to \(SearchRequest.maximumBreadth)")
        }
        let start = ContinuousClock.now
        var answer = try core.state.withReading { state throws(StoreError) in
            switch request.target {
            case nil: list(request, state)
            case .embedding(let embedding): try near(embedding, leavingOut: nil, request, state)
            case .like(let id, let tenant): try like(id, tenant: tenant, request, state)
            }
        }
        answer.elapsedMicroseconds = (ContinuousClock.now - start).microseconds
        return answer
    }

    // MARK: Newest first

    private func list(_ request: SearchRequest, _ state: borrowing StoreState) -> SearchAnswer {
        let matching = request.query.map { ColumnFilter.rows(matching: $0, in: state.columns) }
        var newest = FirstRows(limit: request.limit)
        // Chunks by their newest second, so that the rest can be skipped once nothing newer can come.
        let chunks = state.liveChunks.sorted {
            state.columns.chunkSeconds[$0].upperBound > state.columns.chunkSeconds[$1].upperBound
        }
        var scanned = 0
        for chunk in chunks {
            if let bar = newest.bar, state.columns.chunkSeconds[chunk].upperBound < bar.time.seconds { break }
            let rows = state.columns.rows(ofChunk: chunk)
            scanned += rows.count
            for row in rows where matching.map({ $0.contains(row) }) ?? !state.columns.isDeleted(row) {
                newest.offer(
                    FirstRows.Candidate(time: state.columns.time(at: row), row: row)
                ) { state.isListed($0, before: $1) }
            }
        }
        let results = newest.rows { state.isListed($0, before: $1) }.map { row in
            SearchResult(stored: self.core.stored(row, state), similarity: nil)
        }
        let count = matching?.count ?? state.liveCount
        return SearchAnswer(
            strategy: .list, exact: true, scanned: scanned, elapsedMicroseconds: 0,
            reason: reason(results.count, request, matching: count, state), results: results)
    }

    // MARK: Nearest first

    private func like(
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

    private func near(
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
        if scope?.remainder != nil {
            let rows = ColumnFilter.rows(matching: request.query, in: state.columns)
            matching = rows.count
            options.filter = RowFilter(words: rows.words)
            if let leavingOut, rows.contains(leavingOut) { matching -= 1 }
        } else if let leavingOut,
            options.partition.map({ $0.rawValue == state.columns.tenants.numbers[leavingOut] }) ?? true
        {
            matching -= 1
        }
        guard matching > 0 else { return nothing(request, state) }
        let outcome = try walk(embedding, options, matching: matching)
        let results = outcome.hits.filter { hit in
            let row = Int(hit.row.rawValue)
            return row < state.columns.count && !state.columns.isDeleted(row)
        }.map { hit in
            SearchResult(stored: self.core.stored(Int(hit.row.rawValue), state), similarity: hit.score)
        }.sorted { left, right in
            left.similarity == right.similarity
                ? left.stored.identity.isListedBefore(right.stored.identity)
                : (left.similarity ?? 0) > (right.similarity ?? 0)
        }.prefix(request.limit)
        return SearchAnswer(
            strategy: SearchStrategy(rawValue: outcome.strategy.rawValue) ?? .graph, exact: outcome.isExact,
            scanned: outcome.scanned, elapsedMicroseconds: 0,
            reason: reason(results.count, request, matching: matching, state), results: Array(results))
    }

    /// How many rows of one similarity are compared by identifier, at most.
    private static let tieLimit = 4_096

    /// Asks the index, and for more while the last place is shared: equal similarities go by identifier.
    private func walk(
        _ embedding: Embedding, _ options: SearchOptions, matching: Int
    ) throws(StoreError) -> SearchOutcome {
        var options = options
        let wanted = options.count
        options.count = min(matching, wanted + 1)
        while true {
            let outcome: SearchOutcome
            do {
                outcome = try core.index.search(
                    counts: embedding.counts.span, scale: embedding.scale, options: options)
            } catch {
                throw StoreError(.usage, "the search failed: \(error)")
            }
            guard outcome.hits.count > wanted, options.count < matching,
                options.count < wanted + Self.tieLimit,
                outcome.hits[wanted - 1].score == outcome.hits.last?.score
            else { return outcome }
            options.count = min(matching, options.count * 4, wanted + Self.tieLimit)
        }
    }

    private func nothing(_ request: SearchRequest, _ state: borrowing StoreState) -> SearchAnswer {
        SearchAnswer(
            strategy: .exact, exact: true, scanned: 0, elapsedMicroseconds: 0,
            reason: reason(0, request, matching: 0, state), results: [])
    }

    /// Why there are fewer results than asked for.
    private func reason(
        _ found: Int, _ request: SearchRequest, matching: Int, _ state: borrowing StoreState
    ) -> String? {
        guard found < request.limit else { return nil }
        if state.liveCount == 0 { return "the store is empty" }
        if let tenant = request.query?.scope.tenant {
            let rows = state.columns.tenants.values.find(tenant).map { state.tenantCounts[Int($0)].rows } ?? 0
            if rows == 0 { return "tenant \(PrintedText.escaped(tenant, limit: 80)) has no entries" }
        }
        if found < matching {
            return "the walk met only \(found) of \(matching) matching entries: search exactly"
        }
        var others = ""
        if case .like? = request.target { others = "other " }
        switch matching {
        case 0: return "no \(others)entry matches"
        case 1: return "only 1 \(others)entry matches"
        default: return "only \(matching) \(others)entries match"
        }
    }
}

extension StoreState {
    /// Whether a row is listed before another: the newer, then by identifier and tenant.
    fileprivate func isListed(_ row: FirstRows.Candidate, before other: FirstRows.Candidate) -> Bool {
        row.time == other.time
            ? identity(of: row.row).isListedBefore(identity(of: other.row)) : row.time > other.time
    }
}

extension EntryIdentity {
    /// Whether the identifier comes first, then the tenant.
    fileprivate func isListedBefore(_ other: EntryIdentity) -> Bool {
        (ByteKey(id), ByteKey(tenant)) < (ByteKey(other.id), ByteKey(other.tenant))
    }
}

extension Duration {
    /// The duration in microseconds.
    var microseconds: Double {
        Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12
    }

    /// The duration in seconds.
    var inSeconds: Double { microseconds / 1e6 }
}
