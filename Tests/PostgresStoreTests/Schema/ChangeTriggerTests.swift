import PostgresTesting
import Testing

@testable import PostgresStore

/// What other programs do to the tables, as followers are told of it.
@Suite struct ChangeTriggerTests {
    /// Each change as kind, identifier and tenant, in order.
    private func changes(_ connection: PostgresConnection) throws -> [String] {
        try connection.texts(
            """
            select kind::text || ' ' || coalesce(id, '-') || ' ' || coalesce(tenant, '-')
            from verdict_changes order by transaction, sequence
            """)
    }

    @Test(
        arguments: PostgresVersion.allCases, [Schema.vectors, Schema.inbox])
    func `every change of a row is told with its tenant`(version: PostgresVersion, table: String) throws {
        try withSchema(version) { _, connection in
            let name: SQL = "\(identifier: table)"
            for id in ["a", "b", "c", "d"] { try connection.store(id, tenant: "acme", in: table) }
            try connection.run("update \(sql: name) set metadata = '{\"tenant\": \"globex\"}' where id = 'a'")
            try connection.run("update \(sql: name) set id = 'z' where id = 'b'")
            try connection.run("delete from \(sql: name) where id in ('c', 'nobody')")
            try connection.run("update \(sql: name) set metadata = null where id = 'd'")
            try connection.run("delete from \(sql: name) where id = 'nobody'")
            try connection.run(
                """
                insert into \(sql: name) select * from \(sql: name) where id = 'a'
                on conflict (id) do update set created_at = excluded.created_at
                """)
            #expect(
                try changes(connection) == [
                    "i a acme", "i b acme", "i c acme", "i d acme", "i a globex", "d b acme", "i z acme",
                    "d c acme", "i d ", "i a globex",
                ])
            try connection.run("delete from verdict_changes")
            try connection.run("truncate \(sql: name)")
            #expect(try changes(connection) == ["t - -"])
        }
    }

    @Test func `a transaction that is taken back tells nothing, and one change has the transaction's number`()
        throws
    {
        try withSchema { _, connection in
            try connection.script("begin")
            try connection.store("a", tenant: "acme")
            try connection.script("rollback")
            #expect(try changes(connection).isEmpty)
            try connection.script("begin")
            try connection.store("a", tenant: "acme")
            let number = try connection.run("select pg_current_xact_id()").onlyRow().xid8(0)
            try connection.script("commit")
            #expect(try connection.run("select transaction from verdict_changes").onlyRow().xid8(0) == number)
        }
    }

    @Test func `moving rows is quiet, and what retention removes is told as such`() throws {
        try withSchema { _, connection in
            try connection.store("a", tenant: "acme", in: Schema.inbox)
            try connection.run("delete from verdict_changes")
            try connection.script(
                """
                begin;
                set local verdict.moving = 'on';
                insert into decision_vectors select * from decision_inbox;
                delete from decision_inbox;
                commit
                """)
            #expect(try changes(connection).isEmpty)
            try connection.script(
                "begin; set local verdict.retiring = 'on'; delete from decision_vectors; commit")
            try connection.store("b", tenant: "acme")
            try connection.run("delete from decision_vectors")
            #expect(try changes(connection) == ["r a acme", "i b acme", "d b acme"])
        }
    }

    @Test func `changes of rows and records are notified`() throws {
        try withSchema { database, connection in
            let listener = try database.connect()
            defer { listener.close() }
            try listener.listen(Schema.channel)
            func isTold() throws -> Bool { try !listener.waitForNotification(milliseconds: 5_000).isEmpty }
            try connection.store("a", tenant: "acme")
            #expect(try isTold())
            try connection.store("b", tenant: "acme", in: Schema.inbox)
            #expect(try isTold())
            try connection.run("insert into verdict_records values ('jobs', 'one', '{}', 1)")
            #expect(try isTold())
            try connection.run("delete from decision_vectors")
            #expect(try isTold())
        }
    }

    @Test func `a program that may write the user's table needs no other right, and gains none`() throws {
        try withSchema { database, connection in
            let role = try connection.makeRole()
            try connection.run("grant select, insert, delete on decision_vectors to \(identifier: role)")
            let own = try PostgresConnection.open(
                try PostgresServerAddress(database.address).with("user", role))
            defer { own.close() }
            // A table in front of the real one must not be written instead.
            try own.script("create temporary table verdict_changes (kind \"char\", id text, tenant text)")
            try own.store("a", tenant: "acme")
            try own.run("delete from decision_vectors")
            #expect(try own.number("select count(*) from pg_temp.verdict_changes") == 0)
            #expect(try changes(connection) == ["i a acme", "d a acme"])
            #expect(throws: PostgresError.self) { try own.run("select * from public.verdict_changes") }
            // Nor may it have changes written by a table of its own.
            #expect(throws: PostgresError.self) {
                try own.script(
                    """
                    create temporary table spoof (id text, metadata jsonb);
                    create trigger spoof after insert on spoof referencing new table as stored_rows
                        for each statement execute function verdict_note_stored()
                    """)
            }
            own.close()
            try connection.dropRole(role)
        }
    }
}
