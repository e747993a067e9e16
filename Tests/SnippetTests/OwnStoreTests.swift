import Decisions
import Synchronization
import Testing
import VectorStores

// snippet: own store
/// A store of your own: an array behind a lock, searched from end to end.
final class ArrayStore: VectorStore {
    private let rows = Mutex<[StoredDecision]>([])
    private let now: @Sendable () -> Timestamp

    init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

    var address: StoreAddress { .ephemeral }
    var capabilities: StoreCapabilities { get async { StoreCapabilities(isDurable: false) } }

    func insert(_ entries: [Entry]) async throws -> InsertReport {
        rows.withLock { rows in
            InsertReport(
                outcomes: entries.map { entry in
                    let decision = entry.decision
                    let isKnown = rows.contains {
                        $0.decision.id == decision.id && $0.decision.tenant == decision.tenant
                    }
                    guard !isKnown else {
                        return InsertOutcome(disposition: .duplicate, storedID: decision.id)
                    }
                    rows.append(
                        StoredDecision(
                            decision: decision, embedding: entry.embedding, storedID: decision.id))
                    return InsertOutcome(disposition: .accepted, storedID: decision.id)
                })
        }
    }

    func search(_ request: SearchRequest) async throws -> SearchAnswer {
        let matcher = QueryMatcher(request.query)
        let candidates = rows.withLock { $0 }.filter { matcher.matches($0) }
        var target: Embedding?
        switch request.target {
        case .embedding(let embedding): target = embedding
        case .like(let id, let tenant): target = try await entries(id: id, tenant: tenant).first?.embedding
        case nil: break
        }
        let results = candidates.map { row in
            SearchResult(stored: row, similarity: target.map { cosine($0, row.embedding) })
        }.sorted { ($1.similarity ?? 0, $0.stored.storedID) < ($0.similarity ?? 0, $1.stored.storedID) }
        return SearchAnswer(
            strategy: target == nil ? .list : .exact, exact: true, scanned: candidates.count,
            elapsedMicroseconds: 0,
            reason: results.count < request.limit ? "\(results.count) decisions match" : nil,
            results: Array(results.prefix(request.limit)))
    }

    private func cosine(_ left: Embedding, _ right: Embedding) -> Float {
        let product = zip(left.counts, right.counts).reduce(0) { $0 + Int($1.0) * Int($1.1) }
        return Float(product) * left.scale * right.scale
    }

    func entries(id: String, tenant: String?) async throws -> [StoredDecision] {
        rows.withLock { $0 }.filter {
            $0.decision.id == id && (tenant == nil || $0.decision.tenant == tenant)
        }
    }

    func delete(_ selection: DeleteSelection) async throws -> DeleteReport {
        rows.withLock { rows in
            let before = rows.count
            switch selection {
            case .ids(let ids, let tenant):
                rows.removeAll {
                    ids.contains($0.storedID) && (tenant == nil || $0.decision.tenant == tenant)
                }
            case .query(let query):
                let matcher = QueryMatcher(query)
                rows.removeAll { matcher.matches($0) }
            }
            return DeleteReport(matched: before - rows.count, deleted: before - rows.count, seconds: 0)
        }
    }

    func statistics() async throws -> StoreStatistics {
        let rows = rows.withLock { $0 }
        return StoreStatistics(
            vectors: rows.count, distinct: Set(rows.map(\.embedding)).count,
            tenants: Set(rows.map(\.decision.tenant)).count)
    }

    func tenants() async throws -> [TenantStatistics] {
        Dictionary(grouping: rows.withLock { $0 }, by: \.decision.tenant).map { tenant, rows in
            TenantStatistics(
                tenant: tenant, vectors: rows.count, distinct: Set(rows.map(\.embedding)).count,
                denies: rows.count { $0.decision.effect == .deny }, lastTime: rows.map(\.decision.time).max())
        }.sorted { $0.tenant < $1.tenant }
    }

    func health() async throws -> [HealthCheck] {
        [HealthCheck(name: "array", status: .ok, since: now(), detail: "always there")]
    }

    func rebuild(
        _ request: RebuildRequest, progress: @Sendable (RebuildProgress) -> Void
    ) async throws -> RebuildReport {
        throw StoreError(.unsupported, "an array has no index to rebuild")
    }

    func export(matching query: Query?) async throws -> AsyncThrowingStream<[StoredDecision], any Error> {
        let matcher = QueryMatcher(query)
        let rows = rows.withLock { $0 }.filter { matcher.matches($0) }
        return AsyncThrowingStream { stream in
            stream.yield(rows)
            stream.finish()
        }
    }

    func activity(_ request: ActivityRequest) async throws -> ActivityHistory {
        var history = ActivityHistory(
            decisions: Array(repeating: 0, count: request.buckets),
            denies: Array(repeating: 0, count: request.buckets))
        for row in rows.withLock({ $0 }) where request.tenant == nil || request.tenant == row.decision.tenant
        {
            let offset = row.decision.time.seconds - request.from.seconds
            let bucket = Int(offset / request.bucketSeconds)
            guard offset >= 0, bucket < request.buckets else { continue }
            history.decisions[bucket] += 1
            if row.decision.effect == .deny { history.denies[bucket] += 1 }
        }
        return history
    }

    func changes() -> AsyncStream<UInt64> { AsyncStream { $0.finish() } }

    func close() async {}
}
// snippet: end

@Suite struct OwnStoreTests {
    private static let time = Timestamp(seconds: 1_767_603_600)

    private static func filled() async throws -> ArrayStore {
        let store = ArrayStore(now: { time })
        let report = try await store.insert(SampleEntries.doors)
        #expect(report.outcomes.map(\.disposition) == [.accepted, .accepted, .accepted, .duplicate])
        return store
    }

    @Test func `a store of one's own answers like any other`() async throws {
        let store: any VectorStore = try await Self.filled()
        let answer = try await store.search(SearchRequest(target: .like(id: "1", tenant: "bank"), limit: 5))
        #expect(answer.results.map(\.stored.storedID) == ["1", "2", "3"])
        #expect(answer.reason == "3 decisions match")
        let target = SearchRequest.Target.embedding(SampleEntries.doors[2].embedding)
        let nearest = try await store.search(SearchRequest(target: target, limit: 1))
        #expect(nearest.results.map(\.stored.storedID) == ["3"])
        let denied = try Query(parsing: "effect:deny", now: Self.time)
        #expect(try await store.search(SearchRequest(query: denied)).results.map(\.stored.storedID) == ["2"])
        #expect(try await store.entries(id: "1", tenant: "elsewhere").isEmpty)
    }

    @Test func `a store of one's own counts what it holds`() async throws {
        let store: any VectorStore = try await Self.filled()
        #expect(try await store.statistics().vectors == 3)
        #expect(try await store.sample(2, seed: 1).count == 2)
        #expect(try await store.tenants().map(\.tenant) == ["bank", "office"])
        #expect(try await store.health().map(\.status) == [.ok])
        let history = try await store.activity(
            ActivityRequest(tenant: "bank", from: Self.time, bucketSeconds: 60, buckets: 2))
        #expect(history == ActivityHistory(decisions: [1, 1], denies: [0, 1]))
        var exported = 0
        for try await rows in try await store.export(matching: nil) { exported += rows.count }
        #expect(exported == 3)
        #expect(await store.capabilities.isDurable == false)
        #expect(store.address == .ephemeral)
    }

    @Test func `a store of one's own deletes by name and by query, and says what it cannot do`() async throws
    {
        let store: any VectorStore = try await Self.filled()
        #expect(try await store.delete(.ids(["1"], tenant: "bank")).deleted == 1)
        let offices = try Query(parsing: "tenant:office", now: Self.time)
        #expect(try await store.delete(.query(offices)).deleted == 1)
        await #expect(throws: StoreError.self) {
            try await store.rebuild(RebuildRequest()) { _ in }
        }
        for await _ in store.changes() { Issue.record("an array announces nothing") }
        await store.close()
    }
}
