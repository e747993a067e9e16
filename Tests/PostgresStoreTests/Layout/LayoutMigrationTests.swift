import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// Laying a database out by tenant: what moves, what stays, and what stands in its way.
@Suite(.timeLimit(.minutes(5))) struct LayoutMigrationTests {
    private static let rows: SQL =
        "select id || ' ' || coalesce(metadata->>'tenant', '') from decision_vectors order by 1"

    @Test(arguments: PostgresVersion.allCases)
    func `every row is moved, the table from before is left, and there is nothing more to do`(
        version: PostgresVersion
    ) throws {
        try withSchema(version) { _, connection in
            for number in 0..<60 {
                try connection.store("d-\(number)", tenant: "t-\(number % 7)")
            }
            try connection.run(
                "insert into decision_vectors (id, embedding) select 'none', embedding from decision_vectors limit 1"
            )
            try connection.store("waiting", tenant: "t-1", in: Schema.inbox)
            let before = try connection.texts(Self.rows)
            let plan = try Migrator(connection).layoutPlan(.partition(4))
            #expect(plan.problems.isEmpty && plan.roomBytes > 0)
            // Those of the table, then those that wait.
            let rewriting = plan.steps.filter(\.rewrites).map(\.title)
            #expect(rewriting == ["rows into decision_rows", "view decision_vectors"])
            #expect(try DatabaseFacts(reading: connection).byTenant == nil)
            var told: [String] = []
            let report = try Migrator(connection).migrate(layout: .partition(4)) { _ in
            } tell: { news in
                if case .step(let step) = news { told.append(step.title) }
            }
            #expect(report.problems.isEmpty && report.applied == plan.steps.map(\.title), "\(report)")
            #expect(told == report.applied)
            #expect(report.notices.contains { $0.contains("drop table decision_vectors_plain") })
            #expect(try connection.texts(Self.rows) == before)
            #expect(try connection.number("select count(*) from decision_vectors_plain") == 61)
            #expect(try connection.texts("select tenant from decision_inbox") == ["t-1"])
            let facts = try DatabaseFacts(reading: connection)
            #expect(facts.layout == .partitioned && facts.tellsChanges && facts.openingObstacle == nil)
            #expect(facts.byTenant?.partitions == 4 && facts.tables[Schema.vectors]?.rows ?? 0 > 0)
            let again = try Migrator(connection).migrate(layout: .partition(4))
            #expect(again.applied.isEmpty && again.problems.isEmpty, "\(again)")
            try connection.script("drop table decision_vectors_plain")
            #expect(try Migrator(connection).migrate().notices.allSatisfy { !$0.contains("plain") })
            #expect(try connection.texts(Self.rows) == before)
        }
    }

    @Test func `whoever does not see every row is refused, and nobody sees new tables by default`() throws {
        try withSchema { _, connection in
            try connection.store("d-1", tenant: "acme")
            let (owner, reader) = (try connection.makeRole(), try connection.makeRole())
            let schema = try connection.run("select quote_ident(current_schema())").onlyRow().text(0)
            try connection.script(
                """
                grant all on schema \(schema) to \(owner);
                grant all on all tables in schema \(schema) to \(owner);
                alter table decision_vectors owner to \(owner);
                alter table decision_inbox owner to \(owner);
                alter default privileges for role \(owner) in schema \(schema) grant select on tables to \(reader);
                alter table decision_vectors enable row level security, force row level security
                """)
            try connection.run("set role \(identifier: owner)")
            let bound = try Migrator(connection).layoutPlan(.partition(2))
            #expect(bound.steps.isEmpty && bound.problems.count == 1, "\(bound.problems)")
            #expect(bound.problems.first?.hasPrefix("row-level security hides rows") == true)
            try connection.script("alter table decision_vectors no force row level security")
            #expect(try Migrator(connection).layoutPlan(.partition(2)).problems.isEmpty)
            try connection.script(LayoutScripts.tables(.vector, partitions: 2))
            let rights = try connection.run(
                """
                select count(*) from pg_class, aclexplode(relacl) as acl
                where relname like 'decision\\_rows%' and acl.grantee <> relowner
                """)
            #expect(try rights.onlyRow().int(0) == 0)
            try connection.run("reset role")
            try connection.script("drop table decision_rows cascade")
            try connection.run("reassign owned by \(identifier: owner) to current_user")
            for role in [owner, reader] { try connection.dropRole(role) }
        }
    }

    @Test func `every partition has its indexes, and one that went is built again`() throws {
        try withSchema { _, connection in
            for number in 0..<20 { try connection.store("d-\(number)", tenant: "t-\(number)") }
            _ = try Migrator(connection).migrate(layout: .partition(3))
            let indexes: SQL =
                """
                select relation.relname || ' ' || method.amname from pg_index as part
                join pg_class as relation on relation.oid = part.indrelid
                join pg_class as own on own.oid = part.indexrelid join pg_am as method on method.oid = own.relam
                where relation.relname like 'decision\\_rows\\__' and part.indisvalid order by 1
                """
            let found = try connection.texts(indexes)
            let expected = (0..<3).flatMap { number in
                ["btree", "btree", "gin", "hnsw"].map { "decision_rows_\(number) \($0)" }
            }
            #expect(found == expected)
            try connection.script("drop index decision_rows_embedding_hnsw")
            let problems = try Migrator(connection).migrate().problems
            #expect(
                problems.count == 1 && problems[0].contains("run verdict migrate --partition 3"),
                "\(problems)")
            let mended = try Migrator(connection).migrate(layout: .partition(3))
            #expect(mended.applied == ["indexes of decision_rows"] && mended.problems.isEmpty, "\(mended)")
            #expect(try connection.texts(indexes) == expected)
        }
    }

    @Test func `one that was stopped goes on, and what is written meanwhile is in both`() throws {
        try withSchema { _, connection in
            try connection.run(
                """
                insert into decision_vectors (id, embedding, metadata)
                select 'd-' || lpad(n::text, 5, '0'), array_fill(0.5::real, array[384]),
                    jsonb_build_object('tenant', 't-' || n % 9)
                from generate_series(1, 2500) as n
                """)
            #expect(throws: PostgresError.self) {
                try Migrator(connection).migrate(layout: .partition(4)) { _ in
                } tell: { news throws(PostgresError) in
                    if case .moved(let rows, _) = news, rows >= 1_000 {
                        throw PostgresError(.cancelled, "stop")
                    }
                }
            }
            #expect(try connection.number("select count(*) from decision_rows") == 1_000)
            let problems = try Migrator(connection).report().problems
            #expect(
                problems.count == 1 && problems[0].contains("migrate --partition 4, which goes on"),
                "\(problems)")
            let other = try Migrator(connection).migrate(layout: .partition(8))
            #expect(other.problems.contains { $0.contains("rows are on the way as --partition 4 asked") })
            try connection.script(
                """
                insert into decision_vectors (id, embedding, metadata)
                    select 'new', embedding, metadata from decision_vectors limit 1;
                delete from decision_vectors where id in ('d-00001', 'd-02000');
                update decision_vectors set metadata = '{"tenant": "moved"}' where id in ('d-00002', 'd-02001');
                update decision_vectors set id = 'renamed' where id = 'd-00003';
                """)
            let expected = try connection.texts(Self.rows)
            let report = try Migrator(connection).migrate(layout: .partition(4))
            #expect(report.problems.isEmpty, "\(report)")
            #expect(try connection.texts(Self.rows) == expected && expected.count == 2_499)
        }
    }

    @Test func `what is written without triggers is found when both are compared, and mended`() throws {
        try withSchema { _, connection in
            for number in 0..<30 { try connection.store("d-\(number)", tenant: "t-\(number % 3)") }
            var expected: [String] = []
            let report = try Migrator(connection).migrate(layout: .partition(2)) { _ in
            } tell: { news throws(PostgresError) in
                guard case .step(let step) = news, step.title == "rows compared" else { return }
                do {
                    try connection.script(
                        """
                        alter table decision_vectors disable trigger user;
                        delete from decision_vectors where id = 'd-1';
                        update decision_vectors set metadata = metadata || '{"late": 1}' where id = 'd-2';
                        update decision_vectors set id = 'd-late' where id = 'd-3';
                        alter table decision_vectors enable trigger user;
                        """)
                    expected = try connection.texts(Self.rows)
                } catch { throw PostgresError(.server, "\(error)") }
            }
            #expect(report.problems.isEmpty, "\(report)")
            #expect(try connection.texts(Self.rows) == expected && expected.count == 29)
            let late: SQL = "select count(*) from decision_vectors where metadata->>'late' = '1'"
            #expect(try connection.number(late) == 1)
        }
    }

    @Test func `one that was given up leaves the table as it was`() throws {
        try withSchema { _, connection in
            try connection.store("d-1", tenant: "acme")
            #expect(throws: PostgresError.self) {
                try Migrator(connection).migrate(layout: .partition(2)) { _ in
                } tell: { news throws(PostgresError) in
                    if case .moved = news { throw PostgresError(.cancelled, "stop") }
                }
            }
            let problem = try #require(try Migrator(connection).report().problems.first)
            let told = try #require(problem.split(separator: "give it up with ").last)
            try connection.script(String(told))
            #expect(try Migrator(connection).migrate().problems.isEmpty)
            try connection.store("d-2", tenant: "acme")
            #expect(try connection.number("select count(*) from decision_vectors") == 2)
        }
    }

    @Test(arguments: [
        ("alter table decision_vectors add column theirs integer", "column theirs"),
        ("create view theirs as select id from decision_vectors", "view theirs"),
        ("create table theirs (id text references decision_vectors (id))", "foreign key theirs_id_fkey"),
        ("create policy theirs on decision_vectors using (true)", "policy theirs"),
        ("alter table decision_vectors alter column id set default 'x'", "the default of column id"),
        ("alter table decision_vectors add constraint theirs check (id <> 'x')", "constraint theirs"),
        (
            "create function theirs() returns bigint begin atomic select count(*) from decision_vectors; end",
            "what depends on it, function theirs()"
        ),
        ("create publication theirs for table decision_vectors", "publication theirs"),
        ("create rule theirs as on insert to decision_vectors do also notify x", "rule theirs"),
        ("create role r_theirs; grant select (id) on decision_vectors to r_theirs", "a right on column id"),
    ])
    func `what would be left behind is named, and nothing is done`(change: String, named: String) throws {
        try withSchema { _, connection in
            let role = TestDatabase.uniqueName("theirs")
            try connection.script(change.replacing("r_theirs", with: role))
            let report = try Migrator(connection).migrate(layout: .partition(2))
            #expect(report.applied.isEmpty && report.problems.count == 1, "\(report)")
            #expect(
                report.problems[0].hasPrefix("\(named) of decision_vectors cannot be taken over"), "\(report)"
            )
            #expect(try DatabaseFacts(reading: connection).byTenant == nil)
            if change.contains("r_theirs") { try connection.dropRole(role) }
        }
    }

    @Test func `owner, rights and policies go along, and nobody reads the table from before`() throws {
        try withSchema { database, connection in
            let owner = try connection.makeRole()
            let reader = try connection.makeRole()
            try connection.script(
                """
                grant create on schema public to \(owner);
                alter table decision_vectors owner to \(owner);
                grant select, insert on decision_vectors to \(reader);
                """)
            for tenant in ["acme", "globex"] { try connection.store(tenant, tenant: tenant) }
            #expect(try Migrator(connection).migrate(rowSecurity: true).problems.isEmpty)
            let report = try Migrator(connection).migrate(layout: .partition(2))
            #expect(report.problems.isEmpty, "\(report)")
            let guarded: SQL =
                "select count(*) from pg_class where relname ~ '^decision_rows(_[01])?$' and relrowsecurity"
            #expect(try connection.number(guarded) == 3)
            let owners: SQL =
                """
                select distinct pg_get_userbyid(relowner)::text from pg_class
                where relname in ('decision_vectors', 'decision_rows', 'decision_rows_0', 'decision_rows_1')
                """
            #expect(try connection.texts(owners) == [owner])
            let own = try PostgresConnection.open(
                try PostgresServerAddress(database.address).with("user", reader))
            defer { own.close() }
            #expect(try own.number("select count(*) from decision_vectors") == 0)
            try own.run("select set_config('verdict.tenant', 'acme', false)")
            #expect(try own.texts("select id from decision_vectors") == ["acme"])
            try own.store("new", tenant: "acme")
            #expect(throws: PostgresError.self) { try own.run("delete from decision_vectors") }
            for hidden in ["decision_vectors_plain", "decision_rows_0", "decision_rows_1", Schema.changes] {
                #expect(throws: PostgresError.self, "\(hidden)") {
                    try own.run("select * from \(identifier: hidden)")
                }
            }
            own.close()
            try connection.dropRole(reader)
            try connection.script("reassign owned by \(owner) to current_user")
            try connection.dropRole(owner)
        }
    }

    @Test func `without rows the table from before goes, and a new database is laid out at once`() throws {
        try withDatabase { _, connection in
            let report = try Migrator(connection).migrate(layout: .partition(16))
            #expect(report.problems.isEmpty && report.applied.last == "view decision_vectors", "\(report)")
            let facts = try DatabaseFacts(reading: connection)
            #expect(facts.byTenant == TenantTableFacts(partitions: 16, hasPlainTable: false))
            let other = try Migrator(connection).migrate(layout: .partition(8))
            #expect(other.problems.contains { $0.contains("the rows lie as --partition 16 laid them out") })
            try connection.script("drop trigger verdict_stored on decision_rows_3")
            #expect(try !DatabaseFacts(reading: connection).tellsChanges)
            #expect(try Migrator(connection).migrate().applied == ["7 change triggers"])
            #expect(try DatabaseFacts(reading: connection).tellsChanges)
            try connection.script("drop trigger verdict_update_row on decision_vectors")
            #expect(try Migrator(connection).migrate().applied == ["7 change triggers"])
            #expect(try DatabaseFacts(reading: connection).tellsChanges)
        }
    }

    @Test func `before PostgreSQL 15 it is refused`() throws {
        var facts = DatabaseFacts.migrated
        facts.serverVersion = 140_012
        try withDatabase { _, connection in
            let surroundings = try LayoutSurroundings(reading: connection)
            let plan = LayoutPlan(.partition(4), facts, surroundings)
            #expect(plan.steps.isEmpty && plan.problems.count == 1)
            #expect(plan.problems[0].contains("--partition 4 needs PostgreSQL 15"))
            facts.serverVersion = 150_000
            #expect(LayoutPlan(.partition(4), facts, surroundings).problems.isEmpty)
        }
    }
}
