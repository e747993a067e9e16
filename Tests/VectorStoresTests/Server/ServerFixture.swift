import Decisions
import PostgresTesting
import Testing

@testable import PostgresStore
@testable import VectorStores

/// A database with random decisions, some in the table and some in the inbox, and the mirror of it.
struct ServerFixture {
    let database: StoreDatabase
    let store: any DecisionStore
    private(set) var entries: [Entry]

    init(_ version: PostgresVersion, seed: UInt64, decisions: Int) async throws {
        database = try StoreDatabase(version)
        store = try PostgresStore.open(
            .postgres(database.address), options: StoreOptions(clock: testClock))
        var source = DecisionSource(seed: seed)
        entries = source.entries(decisions)
        if entries.isEmpty { return }
        // Rows that are in no inbox any more, and some that are.
        _ = try await store.insert(Array(entries.prefix(decisions / 2)))
        try database.run(
            """
            with moved as (delete from decision_inbox returning *)
            insert into decision_vectors (id, embedding, metadata, created_at)
            select id, embedding, metadata, created_at from moved on conflict do nothing
            """)
        _ = try await store.insert(Array(entries.dropFirst(decisions / 2)))
    }

    func drop() { database.drop() }

    /// What the server answers.
    func answer(_ request: SearchRequest) throws -> SearchAnswer {
        let connection = try database.database.connect()
        defer { connection.close() }
        return try ServerSearcher(opening: connection).search(request, on: connection)
    }

    /// Why the server refuses.
    func error(of request: SearchRequest) -> StoreError? {
        do {
            _ = try answer(request)
            return nil
        } catch { return error as? StoreError }
    }

    /// Asks both, and expects the same: the same rows, scores and reason, in the same order.
    ///
    /// Of rows as near as the last one any may be there.
    func compare(_ request: SearchRequest, _ location: SourceLocation = #_sourceLocation) async throws {
        var exact = request
        exact.exact = true
        let wanted: SearchAnswer
        do {
            wanted = try await store.search(exact)
        } catch let error as StoreError {
            #expect(self.error(of: request) == error, sourceLocation: location)
            return
        }
        let given = try answer(request)
        let comment = Comment(rawValue: request.query?.description ?? "everything")
        #expect(given.exact && given.reason == wanted.reason, comment, sourceLocation: location)
        #expect(given.strategy == (request.target == nil ? .list : .exact), sourceLocation: location)
        #expect(given.results.count == wanted.results.count, comment, sourceLocation: location)
        let last = wanted.results.last?.similarity ?? 0
        let isCut = wanted.results.count == request.limit && request.target != nil
        func kept(_ results: [SearchResult]) -> [SearchResult] {
            results.filter { !isCut || ($0.similarity ?? 0) > last + 2e-6 }
        }
        #expect(
            kept(given.results).map(Line.init) == kept(wanted.results).map(Line.init), comment,
            sourceLocation: location)
    }

    /// What is compared of a result.
    private struct Line: Equatable {
        var identity: EntryIdentity
        var similarity: Float?
        var decision: Decision

        init(_ result: SearchResult) {
            identity = result.stored.identity
            similarity = result.similarity
            decision = result.stored.decision
        }
    }
}

extension ServerFixture {
    /// Rows as other programs write them, and waits until the mirror has them.
    func addForeignRows() async throws {
        let types = try database.run(
            """
            select format_type(atttypid, null) from pg_attribute
            where attrelid = 'decision_vectors'::regclass and attname = 'embedding'
            """)
        let isVector = try types[0].text(0) == "vector"
        let cast: SQL = isVector ? "::vector" : ""
        for (number, metadata) in ForeignQueries.metadata.enumerated() {
            let value: PostgresValue = metadata.map { .jsonb($0) } ?? .null
            var counts = entries[0].embedding.counts
            counts[number % counts.count] = Int8(number + 1)
            let embedding = Embedding(counts: counts)
            let floats = embedding.counts.map { Float($0) * embedding.scale }
            try database.run(
                """
                insert into decision_vectors (id, embedding, metadata, created_at)
                values (\("foreign-\(number)"), \(floats)\(sql: cast), \(value)::jsonb,
                    timestamp '2026-01-09 10:00:00.250' + \(number) * interval '1 hour')
                """)
        }
        let mirror = try #require(store as? MemoryStore)
        try mirror.followNow()
    }
}
