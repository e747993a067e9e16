import Foundation
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// The guide's statements for other programs do what it says.
@Suite(.timeLimit(.minutes(2))) struct DocumentedStatementsTests {
    /// The guide's block of SQL that has some words in it.
    private func block(with words: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let guide = try String(
            contentsOf: root.appending(path: "Documentation/PostgreSQL.md"), encoding: .utf8)
        let blocks = guide.split(separator: "```sql").dropFirst().compactMap { rest in
            rest.split(separator: "```").first.map { String($0) }
        }
        return try #require(blocks.first { $0.contains(words) }, "no block has \(words)")
    }

    @Test func `a row that is deleted as the guide says is gone, also one that is on its way`() async throws {
        let statements = try block(with: "delete from decision_inbox where id = 'd-1'")
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let mover = try database.database.connect()
        defer { mover.close() }
        try mover.store("d-1", tenant: "acme", in: Schema.inbox)
        try mover.store("d-2", tenant: "acme", in: Schema.inbox)
        try mover.script(
            """
            begin;
            set local verdict.moving = 'on';
            with moved as (delete from decision_inbox returning id, embedding, metadata, created_at)
            insert into decision_vectors (id, embedding, metadata, created_at) select * from moved
            """)
        // On a thread of its own: it waits for the mover.
        let other = Concurrent<Void> { () throws(StoreError) in
            do {
                let connection = try database.database.connect()
                defer { connection.close() }
                try connection.script("set application_name = 'another program'")
                try connection.script(statements)
            } catch {
                throw StoreError(.failed, "\(error)")
            }
        }
        var waiting = 0
        while waiting == 0 {
            waiting = try database.run(
                """
                select count(*), pg_sleep(0.02) from pg_stat_activity
                where datname = current_database() and application_name = 'another program'
                    and wait_event_type = 'Lock'
                """)[0].int(0)
            await Task.yield()
        }
        try mover.script("commit")
        try other.value()
        #expect(try mover.texts("select id from decision_vectors") == ["d-2"])
        #expect(try database.count(Schema.inbox) == 0)
        #expect(try mover.number("select count(*) from verdict_changes where kind = 'd' and id = 'd-1'") == 1)
    }
}
