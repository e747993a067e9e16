import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// Attempts to leave a tenant, by whatever names a tenant, an identifier or a query.
@Suite(.timeLimit(.minutes(5))) struct TenantIsolationTests {
    /// Names that mean something to SQL, JSON paths, patterns, shells and readers.
    static let hostile = [
        "x' or '1'='1", "x'; delete from decision_vectors; --", "acme\" or \"\"=\"", "\\", "\\' or 1=1 --",
        "acme\0globex", "%", "_cme", "acme%", "$.tenant", "acme\" || $.tenant == \"globex", "$1",
        "{acme,globex}", "null", "\u{0430}cme", "ac\u{200B}me", "ACME", "acme ", " acme", "a\u{0308}cme",
        "\u{00E4}cme", "4:acme", "acme~", "../globex", "'||(select id from decision_rows limit 1)||'", "*",
        "acme\nglobex", String(repeating: "x'", count: 500),
    ]

    private static func entry(_ tenant: String, id: String) -> Entry {
        var entry = Sample.entry(7, tenant: tenant)
        entry.decision.id = id
        return entry
    }

    @Test(arguments: [StoreHome.eighteen, .partitioned, .distributed])
    func `no name of a tenant reaches another's rows`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let store = try database.open()
        let owners = ["acme", "globex"]
        _ = try await store.insert(
            owners.flatMap { owner in (0..<5).map { Self.entry(owner, id: "d-\($0)") } })
        func intact() async throws -> Bool {
            for owner in owners {
                guard
                    try await store.search(SearchRequest(query: .tenant(owner), limit: 99)).results.count == 5
                else { return false }
            }
            return true
        }
        for name in Self.hostile {
            let kept = name.replacing("\0", with: "\u{FFFD}")
            let listed = try await store.search(SearchRequest(query: .tenant(name), limit: 99))
            #expect(listed.results.isEmpty, "\(name)")
            #expect(try await store.entries(id: "d-1", tenant: name).isEmpty)
            #expect(try await store.entries(id: name, tenant: nil).isEmpty)
            #expect(try await store.delete(.ids(["d-1"], tenant: name)).deleted == 0)
            #expect(try await store.delete(.ids([name], tenant: nil)).deleted == 0)
            #expect(try await store.delete(.query(.tenant(name))).deleted == 0)
            // As a tenant of its own it has its own row of the same identifier, and only that goes again.
            let outcome = try await store.insert([Self.entry(name, id: "d-1")]).outcomes[0]
            #expect(outcome.disposition == .accepted, "\(name)")
            #expect(try await store.entries(id: "d-1", tenant: kept).map(\.decision.tenant) == [kept])
            let like = SearchRequest(
                target: .like(id: "d-1", tenant: kept), query: .tenant(kept), exact: true)
            #expect(try await store.search(like).results.isEmpty)
            #expect(try await intact(), "\(name)")
            #expect(try await store.delete(.query(.tenant(kept))).deleted == 1)
            // And the same as an identifier of a tenant.
            #expect(
                try await store.insert([Self.entry("initech", id: name)]).outcomes[0].disposition == .accepted
            )
            #expect(try await store.entries(id: kept, tenant: "acme").isEmpty)
            #expect(try await store.delete(.ids([kept], tenant: "acme")).deleted == 0)
            #expect(try await store.delete(.ids([kept], tenant: "initech")).deleted == 1)
            #expect(try await intact(), "\(name)")
        }
        try await database.waitForEmptyInbox()
        #expect(try database.count(home.table) == 10)
        let reader = try database.open(.read)
        #expect(try await reader.everything() == store.everything())
        await store.close()
        await reader.close()
    }

    @Test(arguments: [StoreHome.eighteen, .partitioned, .distributed])
    func `no query leaves the tenant that it is asked in`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let store = try database.open()
        for tenant in ["acme", "globex"] {
            _ = try await store.insert((0..<4).map { Self.entry(tenant, id: "\(tenant)-\($0)") })
        }
        let fields = ["tenant", "id", "principal", "kind", "attrs.z", "metadata->>'tenant'", "$.tenant"]
        var asked = 0
        for name in Self.hostile {
            let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            for field in fields {
                for text in [
                    "tenant:acme \(field):\"\(quoted)\"", "tenant:acme \(field)~\"\(quoted)\"",
                    "tenant:acme (\(field):\"\(quoted)\" or \(field):x)",
                ] {
                    // A query that cannot be read is refused, which shows nothing either.
                    guard let query = try? Query(parsing: text, now: Sample.clock()) else { continue }
                    let found = try await store.search(SearchRequest(query: query, limit: 99)).results
                    #expect(found.allSatisfy { $0.stored.decision.tenant == "acme" }, "\(text)")
                    // Deletes take long: one of five, which is each form with each field in turn.
                    asked += 1
                    guard asked % 5 == 0 else { continue }
                    #expect(try await store.delete(.query(query)).deleted == 0 || !found.isEmpty, "\(text)")
                    if !found.isEmpty {
                        _ = try await store.insert(found.map { Self.entry("acme", id: $0.stored.storedID) })
                    }
                }
            }
        }
        let others = try await store.search(SearchRequest(query: .tenant("globex"), limit: 99)).results
        #expect(others.count == 4)
        #expect(try await store.statistics().vectors == 8)
        await store.close()
    }

    /// A login of a tenant, with rights on everything that has rows of tenants.
    private func withTenant(
        _ tenant: String?, in database: StoreDatabase, _ tables: [String],
        _ body: (PostgresConnection) throws -> Void
    ) throws {
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.withLogin(
            at: database.address, granting: { try connection.grantWrites(on: tables, to: $0) }
        ) { _, own in
            if let tenant { try own.run("select set_config('verdict.tenant', \(tenant), false)") }
            try body(own)
        }
    }

    @Test(arguments: StoreHome.allCases)
    func `a session of one tenant sees nothing of another`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let store = try database.open(keeping: try RetentionPolicy(parsing: "6"))
        let rows = ["acme", "globex"].flatMap { owner in (0..<4).map { Self.entry(owner, id: "d-\($0)") } }
        _ = try await store.insert(rows)
        await store.pin([])
        try await database.waitForEmptyInbox()
        await store.close()
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.store("waiting", tenant: "globex", in: Schema.inbox)
        #expect(try Migrator(connection).migrate(rowSecurity: true).problems.isEmpty)
        var parts: [String] = []
        if home == .partitioned { parts = LayoutScripts.partitions(3) }
        let tables =
            Set([Schema.vectors, home.table, Schema.inbox, Schema.changes]).sorted() + parts
        let everything = tables + [Schema.retired]
        let strangers: [String?] = [nil, "", "nobody", "%"]
        let lookAlikes = Self.hostile.filter { !$0.contains("\0") }.map(Optional.some)
        for named in strangers + lookAlikes {
            try withTenant(named, in: database, everything) { own in
                for table in everything {
                    let seen = try own.number("select count(*) from \(identifier: table)")
                    #expect(seen == 0, "\(table)")
                }
            }
        }
        try withTenant("acme", in: database, everything) { own in
            let tenant: (String) -> SQL = {
                $0 == Schema.changes ? "tenant" : "metadata->>'tenant'"
            }
            for table in tables {
                let seen = try own.texts("select distinct \(sql: tenant(table)) from \(identifier: table)")
                #expect(seen.isEmpty || seen == ["acme"], "\(table): \(seen)")
            }
            #expect(try own.number("select count(*) from decision_vectors") > 0)
            #expect(try own.number("select count(*) from verdict_changes") > 0)
            let retired = try own.texts("select identity from verdict_retired")
            #expect(retired.allSatisfy { $0.hasPrefix("4:acme") })
            let total: SQL = "select count(*) from verdict_retired where identity like '4:acme%'"
            #expect(try retired.count == connection.number(total))
            try Self.attack(own, home)
        }
        let left: SQL = "select count(*) from decision_vectors where metadata->>'tenant' = 'globex'"
        let gone: SQL = "select count(*) from verdict_retired where identity like '6:globex%'"
        #expect(try connection.number(left) + connection.number(gone) == 4)
    }

    /// What a tenant's login may try by SQL of its own, short of naming another tenant.
    private static func attack(_ own: PostgresConnection, _ home: StoreHome) throws {
        let refused: [SQL] = [
            """
            insert into decision_vectors (id, embedding, metadata)
            select 'new', embedding, '{"tenant": "globex"}' from decision_vectors limit 1
            """,
            "insert into decision_vectors (id, embedding) select 'new', embedding from decision_vectors limit 1",
            "update decision_vectors set metadata = metadata || '{\"tenant\": \"globex\"}'",
            """
            insert into decision_inbox (id, embedding, metadata)
            select 'new', embedding, '{"tenant": "globex"}' from decision_vectors limit 1
            """,
            "insert into verdict_changes (kind, id, tenant) values ('d', 'd-1', 'globex')",
            "alter table decision_vectors disable row level security", "set role postgres",
            "select verdict_note_removed()", "set session authorization postgres",
            "alter view decision_vectors set (security_invoker = false)",
        ]
        for sql in refused { #expect(throws: PostgresError.self, "\(sql.text)") { try own.run(sql) } }
        #expect(
            try own.run("delete from decision_vectors where metadata->>'tenant' = 'globex'").affected == 0)
        #expect(try own.run("delete from decision_inbox where id = 'waiting'").affected == 0)
        // A condition of one's own is not asked of others' rows before the policy is.
        try own.script(
            """
            create function pg_temp.spy(text) returns boolean language plpgsql cost 0.0000001 as $$
            begin
                if $1 like '%globex%' then raise exception 'seen'; end if;
                return true;
            end $$
            """)
        for table in Set([Schema.vectors, home.table, Schema.inbox]) {
            let seen: SQL = "select id from \(identifier: table) where pg_temp.spy(metadata::text)"
            #expect(throws: Never.self, "\(table)") { try own.run(seen) }
        }
    }
}
