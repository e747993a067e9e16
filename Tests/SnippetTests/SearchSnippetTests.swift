import Decisions
import Testing
import VectorStores

// snippet: search
/// The decisions that look most like one of them.
func decisionsLike(_ decision: Decision, in store: any VectorStore) async throws -> [String] {
    let embedding = DecisionEmbedder().embed(decision)
    let answer = try await store.search(SearchRequest(target: .embedding(embedding), limit: 3))
    return answer.results.map { "\($0.stored.decision.id) \($0.similarity ?? 0)" }
}
// snippet: end

// snippet: filter
/// The refusals of a tenant, newest first.
func refusals(of tenant: String, in store: any VectorStore, now: Timestamp) async throws -> [Decision] {
    let query = try Query(parsing: "effect:deny time>-7d", now: now).and(.tenant(tenant))
    return try await store.search(SearchRequest(query: query, limit: 100)).results.map(\.stored.decision)
}
// snippet: end

// snippet: rebuild
/// Builds the index anew with more links while the old one goes on answering.
func rebuild(_ store: any VectorStore, report: @Sendable (String) -> Void) async throws -> RebuildReport {
    try await store.rebuild(RebuildRequest(m: 24, efConstruction: 300)) { progress in
        report("\(progress.phase.rawValue) \(Int(progress.fraction * 100)) %")
    }
}
// snippet: end

@Suite struct SearchSnippetTests {
    private static let now = Timestamp(seconds: 1_767_610_000)

    private static func store() async throws -> MemoryStore {
        let store = try MemoryStore(options: StoreOptions(clock: { now }))
        _ = try await store.insert(SampleEntries.doors)
        return store
    }

    @Test func `a decision finds itself first`() async throws {
        let found = try await decisionsLike(SampleEntries.doors[1].decision, in: Self.store())
        #expect(found.count == 3)
        #expect(try #require(found.first).hasPrefix("2 "))
    }

    @Test func `a filter leaves what it names`() async throws {
        let store = try await Self.store()
        #expect(try await refusals(of: "bank", in: store, now: Self.now).map(\.id) == ["2"])
        #expect(try await refusals(of: "office", in: store, now: Self.now).isEmpty)
    }

    @Test func `a rebuilt index answers as before`() async throws {
        let store = try await Self.store()
        let report = try await rebuild(store) { _ in }
        #expect(report.after.recall >= report.before.recall)
        #expect(try await store.statistics().index.m == 24)
        #expect(
            try await decisionsLike(SampleEntries.doors[2].decision, in: store).first?.hasPrefix("3 ") == true
        )
    }
}
