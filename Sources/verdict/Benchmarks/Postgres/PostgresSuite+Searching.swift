import Decisions
import Operations
import PostgresStore
import VectorStores

/// Searching through the mirror.
extension PostgresSuite {
    /// What the mirror answers.
    func measureSearches(_ store: any DecisionStore) async throws {
        var (right, wanted) = (0, 0)
        var strategies: [SearchStrategy] = []
        for target in targets {
            try Interruption.check()
            let bounds = try await bound(target, nil, store)
            let answer = try await store.search(
                SearchRequest(target: .embedding(target), limit: Self.limit))
            strategies.append(answer.strategy)
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
                "strategy": .string(Set(strategies.map(\.rawValue)).sorted().joined(separator: ",")),
                "graph_share": Self.figure(
                    Double(strategies.count { $0 == .mirrorGraph }) / Double(strategies.count), 4),
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
    func bound(
        _ target: Embedding, _ query: Query?, _ store: any DecisionStore
    ) async throws -> (least: Float, count: Int) {
        let truth = try await store.exactSearch(
            SearchRequest(target: .embedding(target), query: query, limit: Self.limit, exact: true))
        return (truth.results.last?.similarity ?? 1, truth.results.count)
    }
}
