import PostgresTesting
import Testing

@testable import PostgresStore

/// Migrations that something is in the way of.
@Suite struct MigratorTroubleTests {
    @Test func `only one migrates at a time`() throws {
        try withDatabase { database, connection in
            let other = try database.connect()
            defer { other.close() }
            try other.run("select pg_advisory_lock(\(sql: Schema.migrationLockKeys))")
            let report = try Migrator(connection).migrate()
            #expect(report.applied.isEmpty)
            #expect(report.problems.contains { $0.contains("another process migrates this schema") })
            #expect(try connection.texts("show lock_timeout") == ["0"])
            try other.run("select pg_advisory_unlock(\(sql: Schema.migrationLockKeys))")
            #expect(try Migrator(connection).migrate().applied == titles(.vector))
        }
    }

    @Test func `two schemas of a database are migrated beside each other`() throws {
        try withDatabase(.fifteen) { database, connection in
            try connection.script("create schema theirs")
            let other = try PostgresConnection.open(
                try PostgresServerAddress(database.address).with("options", "-csearch_path=theirs"))
            defer { other.close() }
            try other.run("select pg_advisory_lock(\(sql: Schema.migrationLockKeys))")
            #expect(try Migrator(connection).migrate().applied == titles(.array))
        }
    }

    @Test func `who holds a table is named after a short wait, and the next migration goes on`() throws {
        try withDatabase { database, connection in
            try connection.script(
                """
                create extension vector;
                create table decision_vectors (id text primary key, embedding vector(384) not null, metadata jsonb,
                    created_at timestamp default now())
                """)
            let other = try database.connect()
            defer { other.close() }
            try other.script(
                "set application_name = 'their batch'; begin; lock table decision_vectors in share mode")
            let report = try Migrator(connection, lockTimeoutMilliseconds: 100).migrate()
            #expect(report.applied.last == "6 verdict_changes" && report.version == 6)
            let problem = try #require(report.problems.first)
            #expect(problem.hasPrefix("7 change triggers: "), "\(problem)")
            #expect(problem.contains("process \(other.processNumber) (their batch) since 2"), "\(problem)")
            try other.script("commit")
            let next = try Migrator(connection).migrate()
            #expect(next.problems.isEmpty && next.applied.first == "7 change triggers")
        }
    }

    @Test func `steps that another build applied are named, and nothing is done`() throws {
        try withSchema { _, connection in
            try connection.run("update verdict_migrations set checksum = 'beef' where number = 4")
            try connection.run("insert into verdict_migrations values (99, 'tomorrow', 'x')")
            try connection.script("drop trigger verdict_stored on decision_vectors")
            let report = try Migrator(connection).migrate()
            #expect(report.applied.isEmpty && report.version == 99 && report.problems.count == 2)
            #expect(
                report.problems[0].contains("migration 4 (decision_inbox) was applied with checksum beef"))
            #expect(report.problems[1].contains("migration 99 (tomorrow) was applied by a newer Verdict"))
        }
    }

    @Test func `what went since is a problem, and triggers are made again`() throws {
        try withSchema { _, connection in
            try connection.script(
                """
                drop index decision_vectors_embedding_hnsw;
                drop trigger verdict_removed on decision_inbox;
                alter table decision_vectors disable trigger verdict_stored;
                """)
            #expect(try DatabaseFacts(reading: connection).tellsChanges == false)
            let report = try Migrator(connection).migrate()
            #expect(report.applied == ["7 change triggers"])
            #expect(report.problems.contains { $0.contains("decision_vectors_embedding_hnsw was made") })
            let again = try Migrator(connection).migrate()
            #expect(
                again.applied.isEmpty && again.problems.contains { $0.contains("is gone: run create index") })
            #expect(
                try connection.number(
                    "select count(*) from pg_trigger where tgname = 'verdict_removed' and tgenabled = 'O'")
                    == 2)
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `what was changed beside tables and triggers is told, and functions are put back`(
        version: PostgresVersion
    ) throws {
        try withSchema(version) { _, connection in
            #expect(try DatabaseFacts(reading: connection).functions == MigrationScripts.bodies)
            try connection.script(
                """
                create or replace function verdict_note_stored() returns trigger language plpgsql as
                    'begin return null; end';
                drop index verdict_changes_order, verdict_records_changed, verdict_retired_age;
                alter table verdict_changes alter column transaction drop default;
                alter table verdict_records alter column changed set default '7';
                alter table decision_vectors add column "Team" text not null, add column since date not null
                    default now(), add column number bigint generated always as identity;
                """)
            let report = try Migrator(connection).migrate()
            #expect(report.applied == ["7 change triggers"])
            #expect(report.problems.count == 6, "\(report.problems)")
            for part in [
                "create index concurrently verdict_changes_order on verdict_changes (transaction, sequence)",
                "create index concurrently verdict_records_changed on verdict_records (changed)",
                "create index concurrently verdict_retired_age on verdict_retired (removed_at)",
                "alter column transaction set default pg_current_xact_id()",
                "alter table verdict_records alter column changed set default pg_current_xact_id()",
                "decision_vectors must have a value in Team",
            ] {
                let problem = try #require(
                    report.problems.first { $0.contains(part) }, "\(part): \(report.problems)")
                // What is to be done is a statement that does it.
                let statement = try #require(problem.split(separator: ": run ").last)
                try connection.script(String(statement).replacing(", or set default", with: ""))
            }
            #expect(try Migrator(connection).migrate().problems.isEmpty)
            try connection.store("noted", tenant: "acme")
            #expect(try connection.texts("select id from verdict_changes") == ["noted"])
        }
    }

    @Test func `an index that fails leaves nothing behind and hinders no other`() throws {
        try withDatabase { _, connection in
            try connection.script(
                """
                create extension vector;
                create table decision_vectors (id text primary key, embedding vector(384) not null, metadata jsonb,
                    created_at timestamp default now());
                create table theirs (n integer);
                create index decision_vectors_tenant on theirs (n);
                """)
            try connection.store("d-1", tenant: "acme")
            let report = try Migrator(connection).migrate()
            #expect(report.problems.count == 1, "\(report.problems)")
            #expect(report.problems[0].hasPrefix("10 decision_vectors_tenant: "), "\(report.problems)")
            #expect(report.applied.contains("11 decision_vectors_embedding_hnsw"))
            #expect(
                try connection.texts("select indexdef from pg_indexes where tablename = 'theirs'").count == 1)
            try connection.script("drop table theirs")
            #expect(try Migrator(connection).migrate().applied == ["10 decision_vectors_tenant"])
        }
    }

    @Test func `what stops a migration keeps what was done`() throws {
        try withDatabase { database, connection in
            let stop = PostgresError(.cancelled, "cancelled")
            #expect(throws: stop) {
                try Migrator(connection).migrate { step throws(PostgresError) in
                    if step.migration.number == 5 { throw stop }
                }
            }
            #expect(connection.isHealthy)
            #expect(try connection.number("select max(number)::int8 from verdict_migrations") == 4)
            // The lock is free again for another process.
            let other = try database.connect()
            defer { other.close() }
            #expect(try Migrator(other).migrate().applied == Array(titles(.vector).dropFirst(4)))
        }
    }

    @Test func `rights that are lacking are told, and what needs none is done`() throws {
        try withDatabase(.fifteen) { database, connection in
            let role = try connection.makeRole()
            let own = try PostgresConnection.open(
                try PostgresServerAddress(database.address).with("user", role))
            defer { own.close() }
            let before = try Migrator(own).migrate()
            #expect(before.applied.isEmpty && before.problems.count == 1, "\(before.problems)")
            #expect(
                before.problems.first?.contains("run grant create on schema \"public\" to \"\(role)\"")
                    == true)
            try connection.run("grant create on schema public to \(identifier: role)")
            try connection.script(
                """
                create table decision_vectors (id text primary key, embedding real[] not null, metadata jsonb,
                    created_at timestamp default now())
                """)
            let after = try Migrator(own).migrate()
            #expect(after.applied.last == "6 verdict_changes" && after.version == 6)
            #expect(
                after.problems.contains { $0.contains("role postgres, may add triggers to decision_vectors") }
            )
            own.close()
            try connection.dropRole(role)
        }
    }

    @Test func `a role that may not read the record of migrations is told so`() throws {
        try withSchema { database, connection in
            let role = try connection.makeRole()
            let own = try PostgresConnection.open(
                try PostgresServerAddress(database.address).with("user", role))
            defer { own.close() }
            let report = try Migrator(own).migrate()
            #expect(report.applied.isEmpty && report.problems.count == 1, "\(report.problems)")
            #expect(
                report.problems.first?.contains("grant select on verdict_migrations to \"\(role)\"") == true)
            own.close()
            try connection.dropRole(role)
        }
    }
}
