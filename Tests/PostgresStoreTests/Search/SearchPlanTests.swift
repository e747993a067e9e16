import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// The statements of searches are planned as they are meant to be.
@Suite(.timeLimit(.minutes(5))) struct SearchPlanTests {
    /// A table with so many random vectors that indexes pay, half of them one tenant's and a few another's.
    ///
    /// Where they repeat, a quarter of them has one of ten.
    private static func database(repeating: Bool = false) throws -> StoreDatabase {
        let seed = repeating ? "(case when number % 4 = 0 then number % 40 else number end)" : "number"
        let database = try StoreDatabase(.eighteenWithVectors)
        let connection = try database.database.connect()
        defer { connection.close() }
        // One vector for each row, of few values, so that it is made quickly; the index is built at the end.
        try connection.script(
            """
            drop index decision_vectors_embedding_hnsw;
            alter table decision_vectors disable trigger user;
            insert into decision_vectors (id, embedding, metadata)
            select 'd-' || number,
                (select array_agg(case when hashint4(place + \(seed) % 100 * 400) & 15 = 0 then 4
                        when hashint4(place + \(seed) * 400) & 63 = 0 then 1 else 0 end order by place)::real[]
                    from generate_series(1, 384) as place)::vector,
                jsonb_build_object('tenant', case when number % 2 = 0 then 'acme' when number % 1000 = 1
                        then 'small' else 'tenant-' || number % 40 end,
                    'time', '2026-01-05T09:00:00Z', 'principal', jsonb_build_object('id', 'user-' || number % 3000),
                    'resource', '{"kind": "invoice"}'::jsonb, 'actions', '["read"]'::jsonb, 'effect', 'allow')
            from generate_series(1, 24000) as number;
            create index on decision_vectors using hnsw (embedding vector_cosine_ops) with (ef_construction = 40);
            analyze decision_vectors;
            """)
        return database
    }

    private static func floats(_ database: StoreDatabase, _ id: String) throws -> [Float] {
        try database.run("select embedding from decision_vectors where id = \(id)")[0].floats(0)
    }

    private static func plan(_ sql: SQL, _ connection: PostgresConnection) throws -> String {
        try connection.run("explain \(sql: sql)").rows.map { try $0.text(0) }.joined(separator: "\n")
    }

    @Test func `indexes are used where they pay, and the answer says which way it went`() throws {
        let database = try Self.database()
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        let searcher = try ServerSearcher(opening: connection)
        #expect(searcher.index == .vector)
        let floats = try Self.floats(database, "d-8")
        func walk(_ query: Query?) throws -> String {
            let statements = SearchStatements(
                storage: .vector, predicate: RowCondition(query).possible)
            return try Self.plan(statements.walk(to: floats, by: .vector, limit: 26, wanted: 10), connection)
        }
        func compared(_ query: Query?) throws -> String {
            let statements = SearchStatements(
                storage: .vector, predicate: RowCondition(query).possible)
            return try Self.plan(
                statements.all(statements.nearest(floats), offset: 0, limit: 26), connection)
        }
        #expect(try walk(nil).contains("Index Scan using decision_vectors_embedding_idx"))
        #expect(try compared(.tenant("small")).contains("decision_vectors_tenant"))
        let principal = Query.comparison(
            Query.Comparison(field: "principal", operation: .equals, operands: ["user-17"]))
        #expect(try compared(principal).contains("decision_vectors_metadata_gin"))
        #expect(try !compared(nil).contains("decision_vectors_embedding_idx"))
        let named = Query.comparison(Query.Comparison(field: "id", operation: .equals, operands: ["d-7"]))
        #expect(try compared(named).contains("decision_vectors_pkey"))

        func search(_ query: Query?, exact: Bool = false, limit: Int = 10) throws -> SearchAnswer {
            try searcher.search(
                SearchRequest(
                    target: .like(id: "d-8", tenant: "acme"), query: query, limit: limit, exact: exact),
                on: connection)
        }
        let exact = try search(nil, exact: true)
        #expect(exact.strategy == .exact && exact.exact && exact.scanned == 23_999)
        let walked = try search(nil)
        #expect(walked.strategy == .pgvector && !walked.exact && walked.reason == nil)
        let bar = try #require(exact.results.last?.similarity) - 1e-6
        #expect(walked.results.count { ($0.similarity ?? 0) >= bar } >= 9)
        #expect(walked.results.allSatisfy { $0.stored.storedID != "d-8" })
        let small = try search(.tenant("small"), limit: 20)
        #expect(small.strategy == .exact && small.results.count == 20 && small.scanned == 24)
        #expect(small.results.allSatisfy { $0.stored.decision.tenant == "small" })
        let few = try search(.tenant("small"), limit: 100)
        #expect(few.results.count == 24 && few.reason == "only 24 other entries match")
        try walkUnderFilters(searcher, connection)
        try walkToVector(floats, searcher, connection)
        try searchWithInbox(searcher, connection)
    }

    /// A walk under a filter goes on until there are enough, or everything is compared.
    private func walkUnderFilters(_ searcher: ServerSearcher, _ connection: PostgresConnection) throws {
        let rare = Query.comparison(
            Query.Comparison(field: "principal", operation: .contains, operands: ["USER-2999"]))
        let asked: [(Query, Int)] = [
            (rare, 8), (.not(.tenant("acme")), 30), (.all([.tenant("acme"), .not(rare)]), 30),
        ]
        for (query, count) in asked {
            let answer = try searcher.search(
                SearchRequest(
                    target: .like(id: "d-8", tenant: nil), query: query, limit: 30, forcesGraph: true),
                on: connection)
            #expect(answer.results.count == count, "\(query)")
            #expect(answer.exact == (count < 30))
            let matcher = QueryMatcher(query)
            #expect(answer.results.allSatisfy { matcher.matches($0.stored) })
        }
    }

    /// A vector's neighbours are found in one trip, with those of the inbox, and no more of them are read than wanted.
    private func walkToVector(
        _ floats: [Float], _ searcher: ServerSearcher, _ connection: PostgresConnection
    ) throws {
        let target = Embedding(rounding: floats)
        try connection.script(
            """
            insert into decision_inbox (id, embedding, metadata)
            select 'twin-' || number, embedding, metadata from decision_vectors, generate_series(1, 30) as number
            where decision_vectors.id = 'd-8'
            """)
        for limit in [1, 10, 31, 40] {
            var request = SearchRequest(target: .embedding(target), limit: limit)
            guard case .found(let walked) = try searcher.walkAtOnce(request, connection) else {
                Issue.record("no walk of \(limit)")
                continue
            }
            request.exact = true
            let exact = try searcher.search(request, on: connection)
            // Of those that are as near the first by identifier, from the table or the inbox.
            let twins = min(limit, 31)
            let (walkedIDs, exactIDs) = (
                walked.results.map(\.stored.storedID), exact.results.map(\.stored.storedID)
            )
            #expect(walkedIDs.prefix(twins) == exactIDs.prefix(twins))
            #expect(walked.results.count == limit && walked.strategy == .pgvector && !walked.exact)
        }
        #expect(!connection.isInTransaction)
        let zero = SearchRequest(target: .embedding(Embedding(counts: [Int8](repeating: 0, count: 384))))
        #expect(throws: StoreError.self) { try searcher.search(zero, on: connection) }
        try connection.script(
            """
            delete from decision_inbox;
            insert into decision_inbox (id, embedding, metadata)
            values ('zero', array_fill(0::real, array[384])::vector, '{}')
            """)
        // Fewer than are wanted: all of them, also one whose distance is no number.
        let few = SearchStatements(storage: .vector, predicate: .when("id in ('d-7', 'd-8', 'zero')"))
        for (wanted, ids) in [(26, ["d-7", "d-8", "zero"]), (3, ["d-7", "d-8", "zero"]), (1, ["d-8"])] {
            let walk = few.walk(to: floats, by: .vector, limit: 26, wanted: wanted)
            #expect(try connection.run(walk).rows.map { try $0.text(0) }.sorted() == ids)
        }
        try connection.script("delete from decision_inbox")
    }

    @Test func `rows that repeat in a large graph are compared, however few of it match`() throws {
        let database = try Self.database(repeating: true)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        var searcher = try ServerSearcher(opening: connection)
        searcher.bounds.compared = 5_000
        let request = SearchRequest(target: .like(id: "d-6", tenant: nil), query: .tenant("acme"))
        let walked = try searcher.search(request, on: connection)
        #expect(walked.strategy == .pgvector && !walked.exact)
        // Half of the rows match, and all of them are in the graph.
        searcher.bounds.widelyWalked = 18_000
        let compared = try searcher.search(request, on: connection)
        #expect(compared.strategy == .exact && compared.exact && compared.scanned == 11_999)
        #expect(
            try NeighborIndex.hasRepetitions(among: 24_000, in: TableLayout.plain.rows, connection))
    }

    @Test func `an index of halves is recognised and used`() throws {
        let database = try Self.database()
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.script(
            """
            drop index decision_vectors_embedding_idx;
            create index halves on decision_vectors
                using hnsw ((embedding::halfvec(384)) halfvec_cosine_ops) with (ef_construction = 40);
            """)
        let searcher = try ServerSearcher(opening: connection)
        #expect(searcher.index == .halfVector)
        let floats = try Self.floats(database, "d-8")
        let statements = SearchStatements(storage: .vector, predicate: .always)
        let plan = try Self.plan(
            statements.walk(to: floats, by: .halfVector, limit: 52, wanted: 10), connection)
        #expect(plan.contains("Index Scan using halves"))
        var request = SearchRequest(target: .like(id: "d-8", tenant: nil))
        let walked = try searcher.search(request, on: connection)
        request.exact = true
        let exact = try searcher.search(request, on: connection)
        #expect(walked.strategy == .pgvector)
        let bar = try #require(exact.results.last?.similarity) - 1e-6
        #expect(walked.results.count { ($0.similarity ?? 0) >= bar } >= 9)
        // A broken index and one of some rows are not walked.
        try connection.script(
            """
            drop index halves;
            create index on decision_vectors using hnsw (embedding vector_cosine_ops) where id < 'd-2';
            """)
        #expect(try ServerSearcher(opening: connection).index == nil)
    }

    /// Rows of the inbox count before those of the table.
    private func searchWithInbox(_ searcher: ServerSearcher, _ connection: PostgresConnection) throws {
        try connection.script(
            """
            insert into decision_inbox (id, embedding, metadata)
            select id, embedding, jsonb_set(metadata, '{tenant}', '"moved"') from decision_vectors
            where id in ('d-8', 'd-16');
            insert into decision_inbox (id, embedding, metadata)
            select 'new-' || id, embedding, metadata from decision_vectors where id = 'd-8';
            """)
        for exact in [true, false] {
            let answer = try searcher.search(
                SearchRequest(target: .like(id: "d-8", tenant: "moved"), limit: 40, exact: exact),
                on: connection)
            #expect(answer.strategy == (exact ? .exact : .pgvector))
            let first = try #require(answer.results.first)
            #expect(first.stored.storedID == "new-d-8" && first.similarity.map { $0 > 0.999_999 } == true)
            let ids = answer.results.map(\.stored.storedID)
            #expect(Set(ids).count == 40 && !ids.contains("d-8"))
            let moved = answer.results.filter { $0.stored.storedID == "d-16" }
            #expect(moved.allSatisfy { $0.stored.decision.tenant == "moved" })
        }
    }
}
