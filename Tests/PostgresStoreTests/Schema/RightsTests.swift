import Decisions
import Foundation
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// Roles and row-level security: one at a time, since roles belong to the whole server.
@Suite(.serialized) struct RightsTests {
    static func applyRoles(_ connection: PostgresConnection) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "deploy/roles.sql")
        try connection.script("set client_min_messages = warning")
        try connection.script(try String(contentsOf: file, encoding: .utf8))
    }

    /// A role in a group and a connection of its own, for as long as the closure runs.
    private func withMember(
        of group: String?, _ database: TestDatabase, _ connection: PostgresConnection,
        _ body: (String, PostgresConnection) throws -> Void
    ) throws {
        try connection.withLogin(
            at: database.address,
            granting: { role in
                if let group { try connection.run("grant \(identifier: group) to \(identifier: role)") }
            }, body)
    }

    private static let writes: [SQL] = [
        "insert into decision_vectors values ('x', array_fill(1::real, array[384]))",
        "delete from decision_inbox", "insert into verdict_retired values ('x', now())",
        "insert into verdict_changes (kind) values ('t')",
    ]

    @Test(arguments: PostgresVersion.allCases)
    func `each group may do what it is for, and no more`(version: PostgresVersion) throws {
        try withDatabase(version) { database, connection in
            try Self.applyRoles(connection)
            #expect(try Migrator(connection).migrate().problems.isEmpty)
            try Self.applyRoles(connection)
            try Self.applyRoles(connection)
            let reads: [SQL] = Schema.tables.map { "select * from \(identifier: $0)" }
            let triage: SQL = "insert into verdict_records values ('triage', 'x', '{}', 1)"
            for group in ["verdict_reader", "verdict_triage", "verdict_writer"] {
                try withMember(of: group, database, connection) { _, own in
                    for read in reads { #expect(throws: Never.self) { try own.run(read) } }
                    func works(_ sql: SQL) -> Bool { (try? own.run(sql)) != nil }
                    #expect(works(triage) == (group != "verdict_reader"))
                    for write in Self.writes {
                        #expect(works(write) == (group == "verdict_writer"))
                    }
                    let staging: SQL = "create temporary table staging (like decision_inbox)"
                    if group == "verdict_writer" { #expect(throws: Never.self) { try own.run(staging) } }
                    #expect(throws: PostgresError.self) { try own.run("drop table verdict_records") }
                    #expect(throws: PostgresError.self) { try own.run("create table public.x (n integer)") }
                }
                try connection.script("truncate decision_vectors, verdict_records, verdict_retired")
            }
            try withMember(of: "verdict_owner", database, connection) { _, own in
                #expect(throws: Never.self) { try own.run("create table public.x (n integer)") }
                try own.run("drop table public.x")
            }
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a session sees the tenant that it names, and none without`(version: PostgresVersion) throws {
        try withSchema(version) { database, connection in
            let report = try Migrator(connection).migrate(rowSecurity: true)
            #expect(report.applied == ["row-level security"] && report.problems.isEmpty, "\(report)")
            #expect(try Migrator(connection).migrate(rowSecurity: true).applied.isEmpty)
            let hostile = "o'brien\"; drop table decision_vectors; --"
            for table in [Schema.vectors, Schema.inbox] {
                for (id, tenant) in [("a", "acme"), ("g", "globex"), ("h", hostile), ("n", "")] {
                    try connection.store(id, tenant: tenant, in: table)
                }
                try connection.run(
                    "insert into \(identifier: table) (id, embedding) values ('m', array_fill(1::real, array[384]))"
                )
            }
            try withMember(of: nil, database, connection) { role, own in
                try connection.run(
                    "grant select, insert, update, delete on decision_vectors, decision_inbox to \(identifier: role)"
                )
                for table in [Schema.vectors, Schema.inbox] { try probe(own, table: table, hostile: hostile) }
            }
            // The owner is not bound.
            #expect(try connection.number("select count(*) from decision_vectors") == 5)
        }
    }

    private func probe(_ own: PostgresConnection, table: String, hostile: String) throws {
        func visible() throws -> [String] {
            try own.texts("select id from \(identifier: table) order by id")
        }
        try own.script("reset verdict.tenant")
        #expect(try visible().isEmpty)
        for (tenant, ids) in [
            ("acme", ["a"]), (hostile, ["h"]), ("nobody", []), ("", []), ("%", []), ("acm", []),
        ] {
            try own.run("select set_config('verdict.tenant', \(tenant), false)")
            #expect(try visible() == ids, "\(tenant)")
        }
        try own.run("select set_config('verdict.tenant', 'acme', false)")
        // Neither by asking for it, nor by writing it, nor by taking it over.
        let others = try own.texts(
            "select id from \(identifier: table) where metadata->>'tenant' = 'globex' or true order by 1")
        #expect(others == ["a"])
        #expect(throws: PostgresError.self) { try own.store("new", tenant: "globex", in: table) }
        #expect(throws: PostgresError.self) {
            try own.run(
                "update \(identifier: table) set metadata = '{\"tenant\": \"globex\"}' where id = 'a'")
        }
        #expect(try own.run("delete from \(identifier: table) where id = 'g'").affected == 0)
        #expect(throws: PostgresError.self) {
            try own.run(
                """
                insert into \(identifier: table) (id, embedding, metadata)
                values ('g', array_fill(1::real, array[384]), '{"tenant": "acme"}')
                on conflict (id) do update set metadata = excluded.metadata
                """)
        }
        try own.script("begin; set local verdict.tenant = 'globex'; commit; reset verdict.tenant")
        #expect(try visible().isEmpty)
    }

    @Test(arguments: StoreHome.allCases)
    func `a writer whom policies bind stores, moves and deletes`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        try Self.applyRoles(connection)
        #expect(try Migrator(connection).migrate(rowSecurity: true).problems.isEmpty)
        let role = try connection.makeRole()
        try connection.run("grant verdict_writer to \(identifier: role)")
        let store = try PostgresStore.open(
            .postgres(database.address + "&user=\(role)"), options: StoreOptions(clock: Sample.clock))
        #expect(await store.capabilities.readOnlyReason == nil)
        for start in [0, 20] {
            let report = try await store.insert(Sample.entries(start..<start + 20))
            #expect(report.outcomes.allSatisfy { $0.disposition == .accepted })
        }
        try await database.waitForEmptyInbox()
        #expect(try await store.delete(.query(.tenant("acme"))).deleted == 14)
        #expect(try database.count(home.table) == 26)
        let reader = try database.open(.read)
        #expect(try await reader.statistics().vectors == 26)
        await reader.close()
        await store.close()
        try connection.dropRole(role)
    }

    @Test func `who may not install pgvector can do without it, by the statement that is told`() throws {
        try withDatabase { database, connection in
            try connection.script("grant create on schema public to public")
            try withMember(of: nil, database, connection) { _, own in
                let report = try Migrator(own).migrate()
                #expect(report.applied == ["1 record of migrations"])
                let problem = try #require(report.problems.first)
                #expect(problem.contains("run create extension vector in this database"))
                let told = try #require(problem.split(separator: "to do without it, run ").last)
                let statement = try #require(told.split(separator: ", then migrate again").first)
                try own.script(String(statement))
                let next = try Migrator(own).migrate()
                #expect(next.problems.isEmpty, "\(next.problems)")
                #expect(next.applied == Array(titles(.array).dropFirst()))
                #expect(next.notices.contains { $0.contains("create extension if not exists vector") })
                let facts = try DatabaseFacts(reading: own)
                #expect(facts.storage == .array && facts.openingObstacle == nil)
                try own.store("d-1", tenant: "acme", in: Schema.inbox)
                #expect(throws: PostgresError.self) {
                    try own.run(
                        "insert into decision_vectors (id, embedding) values ('x', array[1, null]::real[])")
                }
            }
        }
    }

    @Test func `members of the groups see every tenant until they name one`() throws {
        try withSchema { database, connection in
            try Self.applyRoles(connection)
            #expect(try Migrator(connection).migrate(rowSecurity: true).problems.isEmpty)
            for tenant in ["acme", "globex"] { try connection.store(tenant, tenant: tenant) }
            try withMember(of: "verdict_writer", database, connection) { _, own in
                #expect(try own.number("select count(*) from decision_vectors") == 2)
                try own.store("new", tenant: "initech")
                try own.run("select set_config('verdict.tenant', 'acme', false)")
                #expect(try own.texts("select id from decision_vectors") == ["acme"])
                #expect(throws: PostgresError.self) { try own.store("newer", tenant: "initech") }
            }
        }
    }

    @Test func `the roles that would lose access are listed before`() throws {
        try withSchema { database, connection in
            try Self.applyRoles(connection)
            try withMember(of: "verdict_reader", database, connection) { reader, _ in
                try withMember(of: nil, database, connection) { role, _ in
                    #expect(try Migrator(connection).rowSecurityPlan().rolesLosingAccess.isEmpty)
                    try connection.run("grant select on decision_inbox to \(identifier: role)")
                    try connection.run("grant select on decision_inbox to \(identifier: reader)")
                    let plan = try Migrator(connection).rowSecurityPlan()
                    #expect(plan.isPending && plan.rolesLosingAccess == [role])
                    #expect(try connection.number("select count(*) from pg_policies") == 0)
                    _ = try Migrator(connection).migrate(rowSecurity: true)
                    let after = try Migrator(connection).rowSecurityPlan()
                    #expect(!after.isPending && after.rolesLosingAccess.isEmpty)
                }
            }
        }
    }
}
