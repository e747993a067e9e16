import PostgresTesting
import Testing

@testable import PostgresStore

/// Who may write without being told of: those who move rows, and nobody else who says so.
@Suite(.timeLimit(.minutes(5))) struct MoverTriggerTests {
    /// A login with rights on some tables that says it moves rows.
    private func withMover(
        _ database: StoreDatabase, _ connection: PostgresConnection, on tables: [String],
        _ body: (PostgresConnection) throws -> Void
    ) throws {
        try connection.withLogin(
            at: database.address, granting: { try connection.grantWrites(on: tables, to: $0) }
        ) { _, own in
            try own.script("set verdict.moving = 'on'")
            try body(own)
        }
    }

    /// What was told since it was last asked, as kind, identifier and tenant.
    private func told(_ connection: PostgresConnection) throws -> [String] {
        let changes = try connection.texts(
            """
            select kind::text || ' ' || id || ' ' || tenant from verdict_changes where id is not null
            order by transaction, sequence
            """)
        try connection.run("delete from verdict_changes")
        return changes
    }

    @Test(arguments: StoreHome.allCases)
    func `a login that may write the table cannot keep what it writes quiet`(home: StoreHome) throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        let tables = Set([Schema.vectors, home.table]).sorted()
        try withMover(database, connection, on: tables) { own in
            try own.store("a", tenant: "acme")
            try own.run("update decision_vectors set created_at = created_at + interval '1 day'")
            try own.run("delete from decision_vectors")
            #expect(try told(connection) == ["i a acme", "i a acme", "d a acme"])
        }
    }

    @Test(arguments: StoreHome.allCases)
    func `who may take rows out of the inbox moves them quietly, unless bound to a tenant`(
        home: StoreHome
    ) throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        try withMover(database, connection, on: [Schema.inbox]) { own in
            try own.store("a", tenant: "acme", in: Schema.inbox)
            try own.run("delete from decision_inbox")
            #expect(try told(connection).isEmpty)
            try own.run("select set_config('verdict.tenant', 'acme', false)")
            // Without policies the setting binds nobody.
            try own.store("b", tenant: "globex", in: Schema.inbox)
            #expect(try told(connection).isEmpty)
            #expect(try Migrator(connection).migrate(rowSecurity: true).problems.isEmpty)
            try own.store("c", tenant: "acme", in: Schema.inbox)
            try own.run("delete from decision_inbox")
            #expect(try told(connection) == ["i c acme", "d c acme"])
            #expect(try connection.texts("select id from decision_inbox") == ["b"])
        }
    }

    @Test(arguments: [StoreHome.fifteen, .eighteen, .partitioned])
    func `a database of the version before is brought to it in one step`(home: StoreHome) throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        // As it was: triggers that a setting alone kept quiet.
        let parts = home == .partitioned ? LayoutScripts.partitions(3) : []
        try connection.script("drop function verdict_may_move() cascade")
        for table in [home.table, Schema.inbox] + parts {
            try connection.script(
                MigrationScripts.changeTriggers(on: table, firing: MigrationScripts.firedUnlessSaid))
        }
        try connection.run("delete from verdict_migrations where number = 12")
        let facts = try DatabaseFacts(reading: connection)
        #expect(facts.openingObstacle == nil && facts.tellsChanges && facts.version < 12)
        let tables = Set([Schema.vectors, home.table]).sorted()
        try withMover(database, connection, on: tables) { own in
            _ = try told(connection)
            try own.store("a", tenant: "acme")
            #expect(try told(connection).isEmpty)
            let report = try Migrator(connection).migrate()
            #expect(report.problems.isEmpty, "\(report)")
            #expect(report.applied == ["12 change triggers for all but movers"] && report.version == 12)
            try own.store("b", tenant: "acme")
            #expect(try told(connection) == ["i b acme"])
            #expect(try Migrator(connection).migrate().applied.isEmpty)
            // What is made again is made as it is now.
            for table in [home.table] + parts {
                try connection.script("drop trigger verdict_stored on \(table)")
            }
            #expect(try Migrator(connection).migrate().applied == ["7 change triggers"])
            try own.store("c", tenant: "acme")
            #expect(try told(connection) == ["i c acme"])
            try connection.script("drop function verdict_may_move() cascade")
            #expect(try !DatabaseFacts(reading: connection).tellsChanges)
            #expect(try Migrator(connection).migrate().applied == ["7 change triggers"])
            try own.store("d", tenant: "acme")
            #expect(try told(connection) == ["i d acme"])
        }
    }
}
