import Decisions
import PostgresTesting
import Testing

@testable import PostgresStore
@testable import VectorStores

/// What a server answers by SQL is what the mirror of it answers.
@Suite(.timeLimit(.minutes(10))) struct ServerSearchTests {
    @Test(arguments: PostgresVersion.allCases)
    func `random queries are answered as the mirror answers them`(version: PostgresVersion) async throws {
        let fixture = try await ServerFixture(version, seed: 11, decisions: 300)
        defer { fixture.drop() }
        var random = SeededGenerator(seed: 7)
        for _ in 0..<250 {
            let query = RandomQueries.query(depth: 3, &random)
            let limit = random.choose([1, 5, 40, 400])
            try await fixture.compare(SearchRequest(query: query, limit: limit))
            let entry = random.choose(fixture.entries)
            let target: SearchRequest.Target =
                random.chance(0.5)
                ? .embedding(entry.embedding)
                : .like(id: entry.decision.id, tenant: entry.decision.tenant)
            try await fixture.compare(SearchRequest(target: target, query: query, limit: limit))
        }
        await fixture.store.close()
    }

    @Test(arguments: PostgresVersion.allCases)
    func `rows of other programs are searched as the mirror reads them`(
        version: PostgresVersion
    ) async throws {
        let fixture = try await ServerFixture(version, seed: 3, decisions: 40)
        defer { fixture.drop() }
        try await fixture.addForeignRows()
        let asked = ForeignQueries.all + ForeignQueries.all.map { .not($0) }
        for query in asked {
            try await fixture.compare(SearchRequest(query: query, limit: 500))
            try await fixture.compare(
                SearchRequest(target: .embedding(fixture.entries[0].embedding), query: query, limit: 500))
        }
        try await fixture.compare(SearchRequest(limit: 30))
        await fixture.store.close()
    }

    @Test(arguments: PostgresVersion.allCases)
    func `tenants that share an identifier are told apart`(version: PostgresVersion) async throws {
        let fixture = try await ServerFixture(version, seed: 5, decisions: 10)
        defer { fixture.drop() }
        for tenant in ["acme", "globex", "acme"] {
            var entry = fixture.entries[0]
            entry.decision.id = "shared"
            entry.decision.tenant = tenant
            // The second of one tenant has another content: a conflict, under a derived identifier.
            entry.decision.principal.id = try await fixture.store.statistics().vectors.description
            _ = try await fixture.store.insert([entry])
        }
        let ambiguous = fixture.error(of: SearchRequest(target: .like(id: "shared", tenant: nil)))
        #expect(ambiguous?.code == .ambiguousID)
        #expect(ambiguous?.description.contains("acme, globex") == true)
        let unknown = fixture.error(of: SearchRequest(target: .like(id: "nobody", tenant: nil)))
        #expect(unknown?.code == .unknownID)
        let zero = Embedding(counts: Array(repeating: 0, count: Embedding.dimension))
        #expect(fixture.error(of: SearchRequest(target: .embedding(zero)))?.code == .usage)
        #expect(fixture.error(of: SearchRequest(limit: 0))?.code == .usage)
        for stored in try await fixture.store.search(SearchRequest(limit: 100)).results.map(\.stored) {
            let target = SearchRequest.Target.like(id: stored.storedID, tenant: stored.decision.tenant)
            try await fixture.compare(SearchRequest(target: target, limit: 100))
        }
        await fixture.store.close()
    }

    @Test(arguments: PostgresVersion.allCases)
    func `too few are explained as the mirror explains them`(version: PostgresVersion) async throws {
        let fixture = try await ServerFixture(version, seed: 6, decisions: 0)
        defer { fixture.drop() }
        try await fixture.compare(SearchRequest(query: .tenant("acme"), limit: 10))
        _ = try await fixture.store.insert([Entry(Self.decision("one"))])
        for query: Query? in [nil, .tenant("globex"), .tenant("acme")] {
            try await fixture.compare(SearchRequest(query: query, limit: 10))
            try await fixture.compare(
                SearchRequest(target: .like(id: "one", tenant: "acme"), query: query, limit: 10))
        }
        await fixture.store.close()
    }

    private static func decision(_ id: String) -> Decision {
        Decision(
            id: id, time: DecisionSource.start, tenant: "acme", principal: Principal(id: "alice"),
            resource: Resource(kind: "invoice"), actions: ["read"], effect: .allow)
    }
}
