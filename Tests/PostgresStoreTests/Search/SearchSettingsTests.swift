import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// How widely pgvector walks for a search, as the server itself sees it.
@Suite(.timeLimit(.minutes(5))) struct SearchSettingsTests {
    @Test(arguments: [(10, 400), (300, 600), (4_000, 1_000)])
    func `each search has a walk of its own width, which goes on under a filter`(
        limit: Int, breadth: Int
    ) throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        let role = try connection.makeRole()
        for number in 0..<4 { try connection.store("d-\(number)", tenant: "acme") }
        // A policy is asked for each row, in the transaction of the search.
        try connection.script(
            """
            create function tell() returns boolean language plpgsql as $$ begin
                raise warning 'width %, %', current_setting('hnsw.ef_search', true),
                    current_setting('hnsw.iterative_scan', true);
                return true;
            end $$;
            grant select on all tables in schema public to public;
            alter table decision_vectors enable row level security;
            create policy told on decision_vectors using (tell())
            """)
        let own = try PostgresConnection.open(
            try PostgresServerAddress(database.address).with("user", role))
        let searcher = try ServerSearcher(opening: own)
        let answer = try searcher.search(
            SearchRequest(
                target: .embedding(Sample.entry(1).embedding), limit: limit, forcesGraph: true), on: own)
        #expect(answer.results.count == 4)
        #expect(own.notices.contains("width \(breadth), relaxed_order"), "\(own.notices)")
        // For the one search: the next statement of the session has the server's own width.
        _ = try own.run("select count(*) from decision_vectors")
        #expect(own.notices.last?.contains("width \(breadth),") == false, "\(own.notices)")
        own.close()
        try connection.dropRole(role)
    }
}
