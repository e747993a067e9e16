import Decisions
public import VectorStores

/// Reads what the policies of a store decided.
public enum PolicyReading {
    /// The most decisions that a screen looks at: the newest.
    public static let newestDecisions = SearchRequest.maximumLimit

    /// From every decision that matches; `progress` is told how many were looked at and may throw to stop.
    public static func report(
        of store: any VectorStore, matching query: Query?, pairs: Int = PolicyReport.usualPairs,
        progress: (Int) throws -> Void = { _ in }
    ) async throws -> PolicyReport {
        var collector = PolicyCollector()
        for try await batch in try await store.export(matching: query) {
            for stored in batch { collector.add(stored.decision) }
            try progress(collector.decisions)
        }
        return collector.report(pairs: pairs)
    }

    /// From the newest decisions of a tenant, or of all.
    public static func newest(of store: any VectorStore, tenant: String?) async throws -> PolicyReport {
        let query = tenant.map {
            Query.comparison(Query.Comparison(field: "tenant", operation: .equals, operands: [$0]))
        }
        let answer = try await store.search(SearchRequest(query: query, limit: newestDecisions))
        var collector = PolicyCollector()
        for result in answer.results { collector.add(result.stored.decision) }
        try Task.checkCancellation()
        return collector.report()
    }
}
