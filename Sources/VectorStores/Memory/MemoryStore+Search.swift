import Decisions
import Locks
import VectorIndex

extension MemoryStore {
    /// Finds the entries nearest to a vector, or the newest that match a query.
    @concurrent
    public func search(_ request: SearchRequest) async throws -> SearchAnswer {
        if case .mirror(let log, _) = role, log.isBehind, !request.forcesGraph {
            try request.checkRanges()
            let result = await offPool { Result { () throws(StoreError) in try log.search(request) } }
            if let answer = try result.get() { return answer }
        }
        // Comparing everything takes long: whoever writes has its turn all along.
        return try await request.exact ? exactSearch(request) : searchNow(request)
    }

    /// The entry with an identifier; several when tenants share it and none was named.
    @concurrent
    public func entries(id: String, tenant: String?) async throws -> [StoredDecision] {
        core.state.withReading { state in state.rows(id: id, tenant: tenant).map { core.stored($0, state) } }
    }

    func searchNow(_ request: SearchRequest) throws(StoreError) -> SearchAnswer {
        try request.checkRanges()
        let start = ContinuousClock.now
        let answer = try core.state.withReading { state throws(StoreError) in
            switch request.target {
            case nil: list(request, state)
            case .embedding(let embedding): try near(embedding, leavingOut: nil, request, state)
            case .like(let id, let tenant): try like(id, tenant: tenant, request, state)
            }
        }
        return told(answer, since: start)
    }

    /// An answer as it is told: how long it took, and what a mirror says of itself.
    func told(_ answer: SearchAnswer, since start: ContinuousClock.Instant) -> SearchAnswer {
        var answer = answer
        answer.elapsedMicroseconds = (ContinuousClock.now - start).microseconds
        answer.strategy = named(answer.strategy)
        if case .mirror(let log, _) = role { answer.mirrorAgeSeconds = log.lateSeconds }
        return answer
    }

    /// A strategy as it is told: of a mirror it says that it was one.
    private func named(_ strategy: SearchStrategy) -> SearchStrategy {
        guard case .mirror = role else { return strategy }
        return switch strategy {
        case .exact: .mirrorExact
        case .graph, .filteredGraph: .mirrorGraph
        case .list, .mirrorGraph, .mirrorExact, .pgvector: strategy
        }
    }

    // MARK: Newest first

    private func list(_ request: SearchRequest, _ state: borrowing StoreState) -> SearchAnswer {
        let matching = request.query.map { core.rows(matching: $0, state) }
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
            for row in rows
            where matching.map({ $0.contains(Row(rawValue: UInt32(row))) }) ?? !state.columns.isDeleted(row) {
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

    func nothing(_ request: SearchRequest, _ state: borrowing StoreState) -> SearchAnswer {
        SearchAnswer(
            strategy: .exact, exact: true, scanned: 0, elapsedMicroseconds: 0,
            reason: reason(0, request, matching: 0, state), results: [])
    }

    /// Why there are fewer results than asked for.
    func reason(
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
        row.time == other.time ? columns.isListed(row.row, before: other.row) : row.time > other.time
    }
}

extension Duration {
    /// The duration in microseconds.
    package var microseconds: Double {
        Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12
    }

    /// The duration in seconds.
    var inSeconds: Double { microseconds / 1e6 }
}
