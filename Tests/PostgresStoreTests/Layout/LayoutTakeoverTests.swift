import PostgresTesting
import Testing

@testable import PostgresStore

/// The moment in which the view takes the table's place, and what comes just before it.
@Suite(.timeLimit(.minutes(5))) struct LayoutTakeoverTests {
    private static let rows: SQL =
        "select id || ' ' || coalesce(metadata->>'tenant', '') from decision_vectors order by 1"

    /// Lays a table of sixty rows out, and does something just before the view takes its place.
    private func layOut(
        _ connection: PostgresConnection, before act: () throws -> Void
    ) throws -> Migrator.Report {
        for number in 0..<60 { try connection.store("d-\(number)", tenant: "t-\(number % 3)") }
        return try Migrator(connection).migrate(layout: .partition(2)) { _ in
        } tell: { news throws(PostgresError) in
            guard case .step(let step) = news, step.title == "view decision_vectors" else { return }
            do { try act() } catch { throw PostgresError(.server, "\(error)") }
        }
    }

    @Test func `who turns triggers off after both were compared is found out, and the next one mends it`()
        throws
    {
        try withSchema { _, connection in
            // As many rows come as go, which no count would tell.
            let report = try layOut(connection) {
                try connection.script(
                    """
                    alter table decision_vectors disable trigger user;
                    delete from decision_vectors where id = 'd-1';
                    insert into decision_vectors (id, embedding, metadata)
                        select 'd-late', embedding, metadata from decision_vectors where id = 'd-2';
                    alter table decision_vectors enable trigger user;
                    """)
            }
            #expect(report.problems.count { $0.contains("were off for a time") } == 1, "\(report)")
            #expect(try DatabaseFacts(reading: connection).layout == .plain)
            let expected = try connection.texts(Self.rows)
            #expect(expected.count == 60 && expected.contains { $0.hasPrefix("d-late ") })
            let again = try Migrator(connection).migrate(layout: .partition(2))
            #expect(again.problems.isEmpty, "\(again)")
            #expect(try connection.texts(Self.rows) == expected)
        }
    }

    @Test func `what replication writes after both were compared is copied as well`() throws {
        try withSchema { _, connection in
            let report = try layOut(connection) {
                try connection.script(
                    """
                    set session_replication_role = replica;
                    delete from decision_vectors where id = 'd-1';
                    update decision_vectors set id = 'd-late' where id = 'd-3';
                    reset session_replication_role;
                    """)
            }
            #expect(report.problems.isEmpty, "\(report)")
            let rows = try connection.texts(Self.rows)
            #expect(rows.count == 59 && rows.contains { $0.hasPrefix("d-late ") })
        }
    }

    @Test func `no row of the table is looked at while everybody is shut out`() throws {
        let looked: SQL =
            """
            select sum(rows.seq_tup_read + coalesce(rows.idx_tup_fetch, 0))::int8 + (
                select sum(used.idx_tup_read)::int8 from pg_stat_user_indexes as used
                where used.relname in ('decision_vectors', 'decision_vectors_plain')
                    or used.relname like 'decision\\_rows%')
            from pg_stat_user_tables as rows
            where rows.relname in ('decision_vectors', 'decision_vectors_plain')
                or rows.relname like 'decision\\_rows%'
            """
        try withSchema { _, connection in
            var before = 0
            let report = try layOut(connection) {
                try connection.run("select pg_stat_force_next_flush()")
                before = try connection.number(looked)
            }
            #expect(report.problems.isEmpty, "\(report)")
            try connection.run("select pg_stat_force_next_flush()")
            // That there are any is asked, of one row.
            #expect(before >= 60)
            #expect(try connection.number(looked) - before < 10)
        }
    }
}
