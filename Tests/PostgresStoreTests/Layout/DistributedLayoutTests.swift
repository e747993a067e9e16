import PostgresTesting
import Testing

@testable import PostgresStore

/// The layout for Citus, as far as a server without it can tell.
@Suite struct DistributedLayoutTests {
    @Test(arguments: PostgresVersion.allCases)
    func `without Citus it is refused in one sentence, and nothing is done`(version: PostgresVersion) throws {
        try withSchema(version) { _, connection in
            try connection.store("d-1", tenant: "acme")
            let report = try Migrator(connection).migrate(layout: .distribute)
            #expect(report.applied.isEmpty && report.problems.count == 1)
            #expect(report.problems[0].hasPrefix("--distribute needs Citus"), "\(report)")
            #expect(try DatabaseFacts(reading: connection).byTenant == nil)
        }
    }

    @Test func `the table is spread by tenant while it is empty, then filled`() throws {
        try withSchema { _, connection in
            for number in 0..<30 { try connection.store("d-\(number)", tenant: "t-\(number % 4)") }
            try connection.pretendToHaveCitus()
            var rowsWhenSpread = -1
            let report = try Migrator(connection).migrate(layout: .distribute) { _ in
            } tell: { news throws(PostgresError) in
                guard case .step(let step) = news, step.title == "create_distributed_table" else { return }
                rowsWhenSpread = try connection.run("select count(*) from decision_rows").onlyRow().int(0)
            }
            #expect(report.problems.isEmpty && rowsWhenSpread == 0, "\(report)")
            #expect(
                try connection.texts("select logicalrelid || ' ' || partkey from pg_dist_partition")
                    == ["decision_rows tenant"])
            let facts = try DatabaseFacts(reading: connection)
            #expect(facts.layout == .distributed && facts.tellsChanges && facts.openingObstacle == nil)
            #expect(try connection.number("select count(*) from decision_vectors") == 30)
            // Citus takes no triggers on a table that it spreads.
            #expect(
                try connection.number(
                    "select count(*) from pg_trigger where tgrelid = 'decision_rows'::regclass") == 0)
            #expect(try Migrator(connection).migrate(layout: .distribute).applied.isEmpty)
            #expect(try Migrator(connection).migrate().problems.isEmpty)
        }
    }

    @Test func `what the view tells cannot be made up beyond what a reader would look at`() throws {
        let database = try StoreDatabase(in: .distributed)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        #expect(throws: PostgresError.self) { try connection.run("select verdict_note_row('t', 'x', 'y')") }
        try connection.store("x", tenant: "acme")
        try connection.run("delete from decision_vectors")
        #expect(
            try connection.texts(
                "select kind::text || id || tenant from verdict_changes where id is not null order by sequence"
            )
                == ["ixacme", "dxacme"])
    }
}
