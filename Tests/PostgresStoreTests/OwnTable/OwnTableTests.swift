import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// A table of somebody else's making is looked at, whatever its columns are called and its dimension is.
@Suite(.timeLimit(.minutes(5))) struct OwnTableTests {
    /// Names that would be something else if they were not quoted.
    private static let hostile = #"docs"; drop table "keep"; --"#
    private static let hostileColumn = #"e"b' $1"#

    /// Rows in all directions of four dimensions: in groups that lie apart, or along a curve that turns back, a walk of
    /// the server's graph may end in a wrong place.
    private static func database() throws -> StoreDatabase {
        let database = try StoreDatabase(.eighteenWithVectors)
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.script(
            """
            create table keep (id int);
            create schema other;
            create table other.docs (
                number bigint primary key, v vector(16), body jsonb, seen timestamptz, customer text);
            insert into other.docs
            select number, (select array_agg(hashint4(number::int * 4 + place % 4) / 2147483648.0
                        order by place)::real[]
                    from generate_series(1, 16) as place)::vector,
                jsonb_build_object('title', 'document ' || number),
                timestamptz '2026-01-05 09:00:00+02' + number * interval '1 minute',
                case when number % 2 = 0 then 'acme' else 'globex' end
            from generate_series(1, 12000) as number;
            insert into other.docs (number, customer) values (0, 'acme');
            create index docs_v on other.docs using hnsw (v vector_cosine_ops) with (m = 8, ef_construction = 32);
            analyze other.docs;
            """)
        return database
    }

    private static func address(_ database: StoreDatabase, _ parameters: String) -> StoreAddress {
        .postgres(database.address + "&" + parameters)
    }

    private static let columns =
        "table=other.docs&id=number&embedding=v&metadata=body&time=seen&tenant=customer"

    private static func open(
        _ address: StoreAddress, _ access: StoreOptions.Access = .read
    ) throws -> any DecisionStore {
        var options = StoreOptions(clock: Sample.clock)
        options.access = access
        return try PostgresStore.open(address, options: options)
    }

    @Test func `rows are counted, listed and found by one another`() async throws {
        let database = try Self.database()
        defer { database.drop() }
        let store = try Self.open(Self.address(database, Self.columns))
        let statistics = try await store.statistics()
        #expect(statistics.vectors == 12_000 && statistics.dimension == 16 && statistics.tenants == 2)
        #expect(statistics.index.m == 8 && statistics.index.efConstruction == 32)
        #expect(try await store.tenants().map(\.vectors) == [6_000, 6_000])
        let newest = try await store.search(SearchRequest(limit: 3))
        #expect(newest.results.map(\.stored.storedID) == ["12000", "11999", "11998"])
        #expect(newest.results[0].stored.decision.time == Timestamp("2026-01-13T15:00:00Z"))
        #expect(newest.results[0].stored.decision.metadata.contains("document 12000"))

        var request = SearchRequest(target: .like(id: "7", tenant: nil))
        let walked = try await store.search(request)
        request.exact = true
        let exact = try await store.search(request)
        #expect(walked.strategy == .pgvector && exact.strategy == .exact && exact.scanned == 11_999)
        #expect(walked.results.count == 10 && exact.results.count == 10)
        #expect(!exact.results.contains { $0.stored.storedID == "7" })
        let bar = try #require(exact.results.last?.similarity) - 1e-5
        #expect(walked.results.count { ($0.similarity ?? 0) >= bar } >= 9)
        let scores = exact.results.map { $0.similarity ?? 0 }
        #expect(scores == scores.sorted(by: >))

        request.query = .tenant("globex")
        let scoped = try await store.search(request)
        #expect(scoped.results.count == 10)
        #expect(scoped.results.allSatisfy { $0.stored.decision.tenant == "globex" })
        #expect(try await store.entries(id: "7", tenant: "acme").isEmpty)
        #expect(try await store.entries(id: "7", tenant: nil).count == 1)
        #expect(try await store.entries(id: "7 or 1=1", tenant: nil).isEmpty)
        let error = await #expect(throws: StoreError.self) {
            try await store.search(SearchRequest(target: .like(id: "nobody", tenant: nil)))
        }
        #expect(error?.code == .unknownID)
        await store.close()
    }

    @Test func `what cannot be is refused with a reason`() async throws {
        let database = try Self.database()
        defer { database.drop() }
        let address = Self.address(database, Self.columns)
        #expect(throws: StoreError.self) { try Self.open(address, .write) }
        let store = try Self.open(address, .writeOrFollow)
        #expect(await store.capabilities.readOnlyReason == OwnTableStore.readOnlyReason)
        let insert = await #expect(throws: StoreError.self) { try await store.insert([Sample.entry(1)]) }
        #expect(insert?.code == .readOnly)
        let rebuild = await #expect(throws: StoreError.self) {
            try await store.rebuild(RebuildRequest()) { _ in }
        }
        #expect(rebuild?.code == .readOnly)
        let like = await #expect(throws: StoreError.self) {
            try await store.search(SearchRequest(target: .embedding(Sample.entry(1).embedding)))
        }
        #expect(like?.code == .unsupported && like?.description.contains("--like") == true)
        #expect(try await store.records(in: "incidents").isEmpty)
        await store.close()
        #expect(try database.count("decision_vectors") == 0)
    }

    @Test func `health tells of recall, of broken indexes and of a missing one`() async throws {
        let database = try Self.database()
        defer { database.drop() }
        let store = try Self.open(Self.address(database, Self.columns))
        // Of a new opening each time: an answer holds for a while.
        func check(_ name: String) async throws -> HealthCheck? {
            let store = try Self.open(Self.address(database, Self.columns))
            let checks = try await store.health()
            await store.close()
            return checks.first { $0.name == name }
        }
        let recall = try await check("recall")
        #expect(recall?.detail.contains("20 sampled rows") == true)
        let index = try await check("index docs_v")
        #expect(index?.status == .ok && index?.detail.contains("m 8, ef_construction 32") == true)
        try database.run("update pg_index set indisvalid = false where indexrelid = 'other.docs_v'::regclass")
        let broken = try await check("index docs_v")
        #expect(broken?.status == .degraded)
        #expect(broken?.detail.contains("reindex index concurrently \"other\".\"docs_v\"") == true)
        #expect(try await check("recall") == nil)
        let held = try await store.health()
        try database.run("drop index other.docs_v")
        #expect(try await store.health() == held)
        #expect(try await check("index")?.detail.contains("create index concurrently") == true)
        let answer = try await store.search(SearchRequest(target: .like(id: "7", tenant: nil)))
        #expect(answer.strategy == .exact && answer.results.count == 10)
        await store.close()
    }

    @Test func `recall is measured when it is asked for, and not for who watches`() async throws {
        let database = try Self.database()
        defer { database.drop() }
        let store = try Self.open(Self.address(database, Self.columns))
        #expect(await store.capabilities.noDecisionsReason == "the rows of other.docs are no decisions")
        let watched = try await store.watchedHealth().first { $0.name == "recall" }
        #expect(watched?.status == .ok && watched?.detail.hasPrefix("not measured while") == true)
        let measured = try await store.recallCurve(breadths: [10, 200])
        let points = try #require(measured)
        #expect(points.map(\.breadth) == [10, 200])
        #expect(points.allSatisfy { (0.3...1).contains($0.recall) && $0.p50Microseconds > 0 })
        #expect(points[1].recall >= points[0].recall - 0.05)
        try database.run("drop index other.docs_v")
        let error = await #expect(throws: StoreError.self) { try await store.recallCurve(breadths: [10]) }
        #expect(error?.code == .unsupported && error?.description.contains("no index") == true)
        await store.close()
    }

    @Test func `names are names, whatever they hold`() async throws {
        let database = try Self.database()
        defer { database.drop() }
        let (table, column) = (Self.hostile, Self.hostileColumn)
        try database.run(
            "create table \(identifier: table) (id text, \(identifier: column) halfvec(3), created_at date)")
        try database.run(
            """
            insert into \(identifier: table) values ('a', '[1,0,0]', '2026-01-05'), ('b', '[1,1,0]', null),
                ('c', '[0,1,0]', '2026-01-07')
            """)
        try database.run(
            """
            create index on \(identifier: table) using hnsw (\(identifier: column) halfvec_l2_ops)
            """)
        func encoded(_ text: String) -> String {
            text.utf8.map { "%" + (String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)) }.joined()
        }
        let address = Self.address(database, "table=\(encoded(table))&embedding=\(encoded(column))")
        let store = try Self.open(address)
        #expect(try await store.statistics().dimension == 3)
        let near = try await store.search(
            SearchRequest(target: .like(id: "a", tenant: nil), limit: 5, forcesGraph: true))
        #expect(near.results.map(\.stored.storedID) == ["b", "c"])
        #expect(near.reason == "only 2 other rows match")
        #expect(try await store.search(SearchRequest(limit: 1)).results.map(\.stored.storedID) == ["c"])
        #expect(try await store.health().contains { $0.name == "recall" && $0.status == .ok })
        await store.close()
        for parameters in [
            "table=nobody", "table=keep", "table=other.docs", "table=other.docs&id=number&embedding=body",
            "table=other.docs&id=number&embedding=v&time=body",
            "table=\(encoded(#"keep"; drop table keep; --"#))",
        ] {
            let error = #expect(throws: StoreError.self) { try Self.open(Self.address(database, parameters)) }
            let code = try #require(error?.code)
            #expect(code == .missing || code == .usage, "\(parameters)")
        }
        #expect(try database.count("keep") == 0)
    }
}
