import Decisions
import Foundation
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What a search in one tenant costs a server as others come: judged by plans and rows, not by time.
@Suite(.timeLimit(.minutes(5))) struct TenantCostTests {
    /// What a plan touched.
    private struct Cost: Equatable {
        var tables: Set<String> = []
        var rows = 0

        mutating func add(_ node: [String: Any]) {
            let loops = (node["Actual Loops"] as? Double) ?? 0
            if let table = node["Relation Name"] as? String, loops > 0 {
                tables.insert(table)
                let read =
                    ((node["Actual Rows"] as? Double) ?? 0)
                    + ((node["Rows Removed by Filter"] as? Double) ?? 0)
                rows += Int(read * loops)
            }
            for child in (node["Plans"] as? [[String: Any]]) ?? [] { add(child) }
        }
    }

    private static func cost(_ sql: SQL, _ connection: PostgresConnection) throws -> Cost {
        let text = try connection.run("explain (analyze, format json) \(sql: sql)").onlyRow().text(0)
        let plans = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
        var cost = Cost()
        if let plan = plans?.first?["Plan"] as? [String: Any] { cost.add(plan) }
        return cost
    }

    /// Fifty rows of each of some tenants.
    private static func fill(_ tenants: ClosedRange<Int>, _ connection: PostgresConnection) throws {
        try connection.run(
            """
            insert into decision_rows (tenant, id, embedding, metadata)
            select 't-' || tenant, 'd-' || number,
                (select array_agg(sin(tenant * 31 + number * 17 + place)::real) from generate_series(1, 384) as place),
                jsonb_build_object('tenant', 't-' || tenant,
                    'effect', case when number % 5 = 0 then 'deny' else 'allow' end)
            from generate_series(\(tenants.lowerBound), \(tenants.upperBound)) as tenant,
                generate_series(1, 50) as number
            """)
        try connection.script("analyze decision_rows")
    }

    private static func searches(_ tenant: String) -> [SQL] {
        let scope = TableLayout.partitioned.isOf(tenant: tenant)
        let target = Sample.floats(3)
        return [
            "select id from decision_rows where \(sql: scope) order by created_at desc limit 10",
            """
            select id from decision_rows where \(sql: scope)
            order by embedding <=> \(target)::real[]::vector limit 10
            """,
            """
            select id from decision_rows where \(sql: scope) and metadata @> '{"effect": "deny"}'
            order by embedding <=> \(target)::real[]::vector limit 10
            """,
            "select id from decision_rows where \(sql: TableLayout.partitioned.isOne(of: ["3:\(tenant)d-7"]))",
        ]
    }

    @Test func `with 200 tenants a search in one looks at one partition and no more rows than with 20`()
        throws
    {
        try withDatabase { _, connection in
            let report = try Migrator(connection).migrate(layout: .partition(16))
            try #require(report.problems.isEmpty, "\(report)")
            try Self.fill(1...20, connection)
            let before = try Self.searches("t-7").map { try Self.cost($0, connection) }
            try Self.fill(21...200, connection)
            let after = try Self.searches("t-7").map { try Self.cost($0, connection) }
            for (number, (few, many)) in zip(before, after).enumerated() {
                #expect(many.tables.count == 1, "search \(number): \(many)")
                #expect(many.rows <= 50, "search \(number): \(many)")
                #expect(many.rows <= max(few.rows, 50) && few.rows > 0, "search \(number): \(few), \(many)")
            }
            #expect(Set(after.flatMap(\.tables)).count == 1)
            // What names no tenant looks at all of them, or this would prove nothing.
            let whole = try Self.cost(
                "select count(*) from decision_rows where created_at is not null", connection)
            #expect(whole.rows == 10_000 && whole.tables.count == 16)
            // The policy of a session finds the partition as well.
            #expect(try Migrator(connection).migrate(rowSecurity: true).problems.isEmpty)
            let role = try connection.makeRole()
            try connection.run("grant select on decision_rows, decision_vectors to \(identifier: role)")
            try connection.run("set role \(identifier: role)")
            try connection.run("select set_config('verdict.tenant', 't-7', false)")
            let policy = try Self.cost(
                "select id from decision_vectors order by created_at limit 10", connection)
            #expect(policy.tables == Set(after.flatMap(\.tables)), "\(policy)")
            try connection.script("reset role; reset verdict.tenant")
            try connection.dropRole(role)
        }
    }

    @Test func `who may read the table, and no partition, searches a tenant of a large one`() throws {
        try withDatabase { database, connection in
            let report = try Migrator(connection).migrate(layout: .partition(4))
            try #require(report.problems.isEmpty, "\(report)")
            try Self.fill(1...20, connection)
            try connection.withLogin(
                at: database.address,
                granting: { role in
                    try connection.run(
                        """
                        grant select on decision_rows, decision_vectors, decision_inbox, verdict_migrations
                        to \(identifier: role)
                        """)
                }
            ) { _, own in
                var searcher = try ServerSearcher(opening: own)
                // As if fifty rows were many.
                searcher.bounds = WalkChoice.Bounds(compared: 0, widelyWalked: 20)
                let request = SearchRequest(
                    target: .embedding(Sample.entry(3).embedding), query: .tenant("t-7"), limit: 5)
                let answer = try searcher.search(request, on: own)
                #expect(answer.results.count == 5 && [.pgvector, .exact].contains(answer.strategy))
                #expect(answer.results.allSatisfy { $0.stored.decision.tenant == "t-7" })
            }
        }
    }

    /// The statements of the product's own searches, in one tenant or in all.
    private static func statements(_ tenant: String?, _ searcher: ServerSearcher) -> [SQL] {
        let deny = Query.comparison(
            Query.Comparison(field: "effect", operation: .equals, operands: ["deny"]))
        let floats = Sample.floats(3)
        var found: [SQL] = [
            SearchStatements.rows(
                ids: ["d-7"], originals: ["d-7"], scope: searcher.scope(of: tenant), layout: searcher.layout)
        ]
        for query in [tenant.map { Query.tenant($0) }, tenant.map { .all([.tenant($0), deny]) } ?? deny] {
            let request = SearchRequest(query: query)
            let statements = searcher.statements(searcher.collection(for: request), request)
            found += [
                statements.all(SearchStatements.newest, offset: 0, limit: 26),
                statements.all(statements.nearest(floats), offset: 0, limit: 26),
                statements.walk(to: floats, by: .vector, limit: 26, wanted: 26),
            ]
        }
        return found
    }

    /// How often each partition was looked at until now.
    private static func scans(_ connection: PostgresConnection) throws -> [String: Int] {
        try connection.run("select pg_stat_force_next_flush()")
        let rows = try connection.run(
            """
            select relname::text, seq_scan + coalesce(idx_scan, 0) from pg_stat_user_tables
            where relname like 'decision\\_rows\\_%'
            """
        ).rows
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.text(0), try $0.int(1)) })
    }

    @Test func `what is asked of the server in one tenant looks at one partition`() throws {
        try withDatabase { _, connection in
            let report = try Migrator(connection).migrate(layout: .partition(16))
            try #require(report.problems.isEmpty, "\(report)")
            try Self.fill(1...200, connection)
            let searcher = try ServerSearcher(connection, storage: .vector)
            try #require(searcher.layout == .partitioned && searcher.index == .vector)
            func partitions(_ tenant: String?) throws -> [Set<String>] {
                try Self.statements(tenant, searcher).map { statement in
                    try Self.cost(statement, connection).tables.filter { $0 != Schema.inbox }
                }
            }
            let own = try partitions("t-7")
            for (number, tables) in own.enumerated() {
                #expect(tables.count == 1, "statement \(number): \(tables)")
            }
            #expect(Set(own).count == 1)
            #expect(try partitions(nil).allSatisfy { $0.count == 16 })
            // The same of whole searches, with what is asked to tell why there are few.
            let embedding = Sample.entry(7).embedding
            let requests = [
                SearchRequest(query: .tenant("t-7"), limit: 60),
                SearchRequest(
                    target: .embedding(embedding), query: .tenant("t-7"), limit: 60, exact: true),
                SearchRequest(target: .like(id: "d-7", tenant: "t-7"), query: .tenant("t-7"), limit: 60),
            ]
            for (number, request) in requests.enumerated() {
                let before = try Self.scans(connection)
                let answer = try searcher.search(request, on: connection)
                let after = try Self.scans(connection)
                #expect(answer.results.count >= 49 && answer.reason != nil, "search \(number)")
                let looked = Set(after.filter { $0.value > before[$0.key] ?? 0 }.keys)
                #expect([looked] == Array(Set(own)), "search \(number): \(looked)")
            }
        }
    }
}
