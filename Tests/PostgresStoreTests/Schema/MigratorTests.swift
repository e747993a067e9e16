import PostgresTesting
import Testing

@testable import PostgresStore

/// Migrations of real databases.
@Suite struct MigratorTests {
    private func storage(_ version: PostgresVersion) -> EmbeddingStorage {
        version == .fifteen ? .array : .vector
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a new database gets every step once, and a second migration has nothing to do`(
        version: PostgresVersion
    ) throws {
        try withDatabase(version) { _, connection in
            let storage = storage(version)
            let plan = try Migrator(connection).plan()
            #expect(plan.allProblems.isEmpty && plan.steps.map(\.title) == titles(storage))
            #expect(try connection.number("select count(*) from pg_tables where schemaname = 'public'") == 0)
            var told: [String] = []
            let first = try Migrator(connection).migrate { told.append($0.title) }
            #expect(first.problems.isEmpty, "\(first.problems)")
            #expect(first.applied == titles(storage) && told == first.applied)
            #expect(first.version == Migration.newest)
            let second = try Migrator(connection).migrate()
            #expect(second.applied.isEmpty && second.problems.isEmpty && second.version == first.version)
            let facts = try DatabaseFacts(reading: connection)
            #expect(facts.openingObstacle == nil && facts.tellsChanges && facts.storage == storage)
            #expect(try connection.number("select count(*) from verdict_migrations") == first.applied.count)
            // Nothing is left of the session that migrated.
            #expect(try connection.texts("show lock_timeout") == ["0"])
            let locks = try connection.number(
                """
                select count(*) from pg_locks where locktype = 'advisory'
                    and database = (select oid from pg_database where datname = current_database())
                """)
            #expect(locks == 0)
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `the user's table is declared as promised`(version: PostgresVersion) throws {
        try withSchema(version) { _, connection in
            let columns = try connection.texts(
                """
                select attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null'
                    else '' end from pg_attribute
                where attrelid = 'decision_vectors'::regclass and attnum > 0 order by attnum
                """)
            let embedding = version == .fifteen ? "real[]" : "vector(384)"
            #expect(
                columns == [
                    "id text not null", "embedding \(embedding) not null", "metadata jsonb",
                    "created_at timestamp without time zone",
                ])
            let indexes = try connection.texts(
                "select indexdef from pg_indexes where tablename = 'decision_vectors' order by 1")
            #expect(indexes.contains { $0.hasSuffix("USING gin (metadata jsonb_path_ops)") })
            #expect(indexes.contains { $0.hasSuffix("USING btree (((metadata ->> 'tenant'::text)))") })
            let neighbors = "USING hnsw (embedding vector_cosine_ops) WITH (m='16', ef_construction='64')"
            #expect(indexes.contains { $0.hasSuffix(neighbors) } == (version != .fifteen))
            #expect(indexes.count == (version == .fifteen ? 3 : 4))
        }
    }

    @Test func `a vector of another length is refused without pgvector too`() throws {
        for version in PostgresVersion.allCases {
            try withSchema(version) { _, connection in
                for table in [Schema.vectors, Schema.inbox] {
                    let short: SQL =
                        "insert into \(identifier: table) (id, embedding) values ('a', array_fill(1::real, array[383]))"
                    #expect(throws: PostgresError.self) { try connection.run(short) }
                    let null: SQL =
                        """
                        insert into \(identifier: table) (id, embedding)
                        values ('a', array_fill(1::real, array[383]) || null::real)
                        """
                    #expect(throws: PostgresError.self) { try connection.run(null) }
                    let rows = try connection.number("select count(*) from \(identifier: table)")
                    #expect(rows == 0)
                }
            }
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a table that is there with rows is taken as it is and not written anew`(version: PostgresVersion)
        throws
    {
        try withDatabase(version) { _, connection in
            if version != .fifteen { try connection.run("create extension vector") }
            try connection.script(
                """
                create table decision_vectors (id text primary key,
                    embedding \(version == .fifteen ? "real[]" : "vector(384)") not null, metadata jsonb,
                    created_at timestamp default now(), theirs integer);
                create index all_of_it on decision_vectors using gin (metadata);
                """)
            for number in 0..<50 { try connection.store("d-\(number)", tenant: "acme") }
            let file: SQL = "select pg_relation_filenode('decision_vectors')::int8"
            let before = try connection.number(file)
            var locks: [String] = []
            let report = try Migrator(connection).migrate { step in
                if step.isConcurrent { locks.append(step.lock) }
            }
            #expect(report.problems.isEmpty && report.applied == titles(storage(version)), "\(report)")
            #expect(try connection.number(file) == before)
            #expect(try connection.number("select count(*) from decision_vectors where theirs is null") == 50)
            // The index of metadata was there, by another name.
            #expect(locks.count == (version == .fifteen ? 1 : 2))
            #expect(locks.allSatisfy { $0.contains("SHARE UPDATE EXCLUSIVE") })
            #expect(
                try connection.number(
                    "select count(*) from pg_indexes where indexname = 'decision_vectors_metadata_gin'") == 0)
        }
    }

    @Test func `a table with an index of halves gets no other index of neighbours`() throws {
        try withDatabase { _, connection in
            try connection.script(
                """
                create extension vector;
                create table decision_vectors (id text primary key, embedding vector(384) not null, metadata jsonb,
                    created_at timestamp default now());
                create index theirs on decision_vectors
                    using hnsw ((embedding::halfvec(384)) halfvec_cosine_ops);
                """)
            try connection.store("d-1", tenant: "acme")
            let report = try Migrator(connection).migrate()
            #expect(report.problems.isEmpty && report.applied == titles(.vector), "\(report)")
            let names = try connection.texts(
                "select indexname::text from pg_indexes where indexdef like '%hnsw%'")
            #expect(names == ["theirs"])
            try connection.script(
                """
                drop index theirs;
                create index theirs on decision_vectors using hnsw ((embedding::halfvec(384)) halfvec_l2_ops)
                """)
            // Another distance does not serve.
            let problems = try Migrator(connection).report().problems
            #expect(problems.count == 1 && problems[0].contains("is gone: run create index"), "\(problems)")
        }
    }

    @Test func `what a cut build left behind is dropped and built again`() throws {
        try withDatabase { _, connection in
            try connection.script(
                """
                create extension vector;
                create table decision_vectors (id text primary key, embedding vector(384) not null, metadata jsonb,
                    created_at timestamp default now());
                create index decision_vectors_tenant on decision_vectors ((metadata->>'tenant'));
                update pg_index set indisvalid = false where indexrelid = 'decision_vectors_tenant'::regclass;
                """)
            try connection.store("d-1", tenant: "acme")
            let oid: SQL = "select 'decision_vectors_tenant'::regclass::oid::int8"
            let leftover = try connection.number(oid)
            let report = try Migrator(connection).migrate()
            #expect(report.problems.isEmpty && report.applied.contains("10 decision_vectors_tenant"))
            #expect(try connection.number(oid) != leftover)
            #expect(
                try connection.number("select count(*) from pg_index where not indisvalid or not indisready")
                    == 0)
        }
    }

    @Test func `a table that cannot be used stops everything, and nothing is made`() throws {
        try withDatabase { _, connection in
            try connection.script("create table decision_vectors (id text primary key, embedding real[])")
            let report = try Migrator(connection).migrate()
            #expect(report.applied.isEmpty && report.version == 0)
            #expect(report.problems.contains { $0.contains("has no column metadata") }, "\(report.problems)")
            #expect(report.problems.contains { $0.contains("has no column created_at") })
            #expect(try connection.number("select count(*) from pg_tables where schemaname = 'public'") == 1)
        }
    }

    @Test func `a database that had no pgvector gets its index by the statements that are told`() throws {
        try withDatabase { _, connection in
            try connection.script(MigrationScripts.vectors(.array))
            let without = try Migrator(connection).migrate()
            #expect(without.problems.isEmpty && without.applied == titles(.array))
            try connection.store("d-1", tenant: "acme")
            try connection.store("d-2", tenant: "acme", in: Schema.inbox)
            let notice = try #require(without.notices.first)
            for table in [Schema.vectors, Schema.inbox] {
                let statement = DatabaseFacts.conversion(of: table)
                #expect(notice.contains(statement))
                try connection.script("create extension if not exists vector; \(statement)")
            }
            let with = try Migrator(connection).migrate()
            #expect(with.problems.isEmpty, "\(with.problems)")
            #expect(with.applied == ["2 pgvector", "11 decision_vectors_embedding_hnsw"])
            let nearest: SQL =
                "select id from decision_vectors order by embedding <=> array_fill(1::real, array[384])::vector"
            #expect(try connection.texts(nearest) == ["d-1"])
            #expect(try DatabaseFacts(reading: connection).tellsChanges)
        }
    }

    @Test func `tables go to the first schema of the search path, several to a database`() throws {
        try withSchema { _, connection in
            try connection.script("create schema other; set search_path = other, public")
            // Found through the path: nothing is made twice.
            #expect(try Migrator(connection).migrate().applied.isEmpty)
            try connection.script("create schema types; alter extension vector set schema types")
            try connection.script("set search_path = other, types")
            let report = try Migrator(connection).migrate()
            #expect(report.problems.isEmpty && report.applied == titles(.vector), "\(report.problems)")
            try connection.store("d-1", tenant: "acme")
            #expect(try connection.number("select count(*) from other.verdict_changes") == 1)
            #expect(try connection.number("select count(*) from public.verdict_changes") == 0)
            try connection.script("set search_path = public")
            let problems = try Migrator(connection).plan().obstacles
            #expect(problems.count == 1 && problems[0].contains("not on the search path"), "\(problems)")
        }
    }
}
