import Decisions
import Operations
import PostgresStore
import VectorStores

/// Searching, through the mirror and by plain statements.
extension PostgresSuite {
    private static let limit = 10
    /// How wide the server walks.
    private static let breadths = [20, 40, 80, 120, 200, 400, 800]
    private static let goal = 0.95
    /// Similarities of the server's floats and of the mirror's whole numbers differ by less.
    private static let tolerance: Float = 1e-5

    /// Opens the store twice: read from the server, and as it was left behind.
    func measureOpening() async throws {
        for time in ["first", "second"] {
            let before = ProcessMeter.residentAnonymousBytes() ?? 0
            let began = ContinuousClock().now
            let store = try await opened()
            let seconds = began.secondsUntilNow
            let answer = try await store.search(
                SearchRequest(target: .embedding(targets[0]), limit: Self.limit))
            let searched = began.secondsUntilNow
            let statistics = try await store.statistics()
            let after = ProcessMeter.residentAnonymousBytes() ?? 0
            try tell(
                "opening",
                [
                    "time": .string(time), "seconds": Self.figure(seconds, 2),
                    "first_answer_s": Self.figure(searched, 2), "strategy": .string(answer.strategy.rawValue),
                    "vectors": .integer(statistics.vectors), "distinct": .integer(statistics.distinct),
                    "mem_mb": Self.figure(Double(after - before) / 1e6),
                ])
            await store.close()
        }
    }

    /// What the mirror answers.
    func measureSearches(_ store: any DecisionStore) async throws {
        var (right, wanted) = (0, 0)
        var strategies: Set<String> = []
        for target in targets {
            try Interruption.check()
            let bounds = try await bound(target, nil, store)
            let answer = try await store.search(
                SearchRequest(target: .embedding(target), limit: Self.limit))
            strategies.insert(answer.strategy.rawValue)
            wanted += bounds.count
            right += answer.results.count { ($0.similarity ?? 0) >= bounds.least - 1e-6 }
        }
        var times = Durations()
        let began = ContinuousClock().now
        repeat {
            for target in targets {
                let started = ContinuousClock().now
                _ = try await store.search(SearchRequest(target: .embedding(target), limit: Self.limit))
                times.add(started.secondsUntilNow)
            }
        } while began.secondsUntilNow < options.seconds
        let start = ContinuousClock().now
        let both = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask { [targets, seconds = options.seconds] in
                    var count = 0
                    repeat {
                        for target in targets {
                            _ = try await store.search(
                                SearchRequest(target: .embedding(target), limit: Self.limit))
                            count += 1
                        }
                    } while start.secondsUntilNow < seconds
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let perSecond = Double(both) / start.secondsUntilNow
        try tell(
            "search",
            [
                "strategy": .string(strategies.sorted().joined(separator: ",")),
                "recall10": Self.figure(Double(right) / Double(max(1, wanted)), 4),
                "p50_us": Self.figure((times.milliseconds(0.5) ?? 0) * 1e3),
                "p99_us": Self.figure((times.milliseconds(0.99) ?? 0) * 1e3),
                "qps_1t": Self.figure(Double(times.count) / times.total, 0),
                "qps_2t": Self.figure(perSecond, 0),
            ])
        try await measureFiltered(store)
    }

    private func measureFiltered(_ store: any DecisionStore) async throws {
        let tenant = try await store.tenants().max { $0.vectors < $1.vectors }?.tenant ?? ""
        for text in ["tenant:\(tenant)", "tenant:\(tenant) effect:deny", "effect:allow"] {
            let query = try Query(parsing: text, now: WallClock.now())
            var (right, wanted) = (0, 0)
            var times = Durations()
            for target in targets {
                try Interruption.check()
                let bounds = try await bound(target, query, store)
                let request = SearchRequest(target: .embedding(target), query: query, limit: Self.limit)
                let started = ContinuousClock().now
                let answer = try await store.search(request)
                times.add(started.secondsUntilNow)
                wanted += bounds.count
                right += answer.results.count { ($0.similarity ?? 0) >= bounds.least - 1e-6 }
            }
            let isOfTenant = text.hasPrefix("tenant")
            try tell(
                "filtered",
                [
                    "filter": .string(
                        isOfTenant ? text.hasSuffix("deny") ? "tenant and effect" : "tenant" : "effect"),
                    "recall10": Self.figure(Double(right) / Double(max(1, wanted)), 4),
                    "p50_us": Self.figure((times.milliseconds(0.5) ?? 0) * 1e3),
                    "p99_us": Self.figure((times.milliseconds(0.99) ?? 0) * 1e3),
                ])
        }
    }

    /// How near the last of the right answers is, and how many there are.
    private func bound(
        _ target: Embedding, _ query: Query?, _ store: any DecisionStore
    ) async throws -> (least: Float, count: Int) {
        let truth = try await store.exactSearch(
            SearchRequest(target: .embedding(target), query: query, limit: Self.limit, exact: true))
        return (truth.results.last?.similarity ?? 1, truth.results.count)
    }

    /// What the server answers to a plain statement, wider and wider until the recall is reached.
    func measurePlainSearches() async throws {
        let store = try await opened()
        var bounds: [Float] = []
        for target in targets { bounds.append(try await bound(target, nil, store).least - Self.tolerance) }
        await store.close()
        for breadth in Self.breadths {
            try Interruption.check()
            let (right, times) = try await searched(breadth, bounds)
            let recall = Double(right) / Double(targets.count * Self.limit)
            try tell(
                "pgvector",
                [
                    "ef": .integer(breadth), "recall10": Self.figure(recall, 4),
                    "p50_us": Self.figure((times.milliseconds(0.5) ?? 0) * 1e3),
                    "p99_us": Self.figure((times.milliseconds(0.99) ?? 0) * 1e3),
                    "qps_1t": Self.figure(Double(times.count) / times.total, 0),
                ])
            if recall >= Self.goal { break }
        }
    }

    private func searched(
        _ breadth: Int, _ bounds: [Float]
    ) async throws(PostgresError) -> (right: Int, times: Durations) {
        let vectors = targets.map { target in target.counts.map { Float($0) * target.scale } }
        let seconds = options.seconds
        return try await pool.perform { connection throws(PostgresError) in
            _ = try connection.run("select set_config('hnsw.ef_search', \("\(breadth)"), false)")
            var right = 0
            var times = Durations()
            let began = ContinuousClock().now
            repeat {
                right = 0
                for (vector, bound) in zip(vectors, bounds) {
                    let started = ContinuousClock().now
                    let rows = try connection.run(
                        """
                        select id, (1 - (embedding <=> \(vector)::vector))::float8 from decision_vectors
                        order by embedding <=> \(vector)::vector limit \(Self.limit)
                        """
                    ).rows
                    times.add(started.secondsUntilNow)
                    for row in rows where Float(try row.float8(1)) >= bound { right += 1 }
                }
            } while began.secondsUntilNow < seconds
            return (right, times)
        }
    }
}
