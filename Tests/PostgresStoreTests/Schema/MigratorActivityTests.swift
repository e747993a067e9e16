import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What a migration tells the activity log, beside the stores that write it.
@Suite(.timeLimit(.minutes(5))) struct MigratorActivityTests {
    private static func event(_ act: String) -> ActivityEvent {
        ActivityEvent(
            time: Timestamp(seconds: 1_800_000_000), who: "ada", act: act, subject: "schema",
            after: .object(["version": .number("7")]))
    }

    @Test(arguments: PostgresVersion.allCases)
    func `what is told over a connection continues the chain that a store writes`(
        version: PostgresVersion
    ) async throws {
        let database = try StoreDatabase(version)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        try Migrator(connection).record(Self.event("migrate"))
        let store = try database.open()
        try await ActivityLog.append([Self.event("delete")], to: store)
        try Migrator(connection).record(Self.event("migrate"))
        // The store learns of it when its own write comes too late, and goes on behind it.
        try await ActivityLog.append([Self.event("rebuild")], to: store)
        let acts = try await ActivityLog.newest(9, of: store).map(\.event.act)
        #expect(acts == ["migrate", "delete", "migrate", "rebuild"])
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 4 && result.fault == nil)
        await store.close()
    }

    @Test(arguments: [nil, 1]) func `a log whose head was lost or set back goes on behind its last entry`(
        head: Int?
    ) async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        for act in ["one", "two", "three"] { try Migrator(connection).record(Self.event(act)) }
        if let head {
            try database.run(
                """
                update verdict_records set value = replace(value, '"sequence":3', '"sequence":\(number: head)')
                where collection = 'activity' and key = 'head'
                """)
        } else {
            try database.run("delete from verdict_records where collection = 'activity' and key = 'head'")
        }
        try Migrator(connection).record(Self.event("migrate"))
        let store = try database.open()
        try await ActivityLog.append([Self.event("delete")], to: store)
        let acts = try await ActivityLog.newest(9, of: store).map(\.event.act)
        #expect(acts == ["one", "two", "three", "migrate", "delete"])
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 5 && result.faults.isEmpty)
        await store.close()
    }

    @Test(arguments: [nil, "9999999999999999", "3"])
    func `a forged number stops neither a migration nor a store, and is told`(head: String?) async throws {
        let forged = 9_999_999_999_999_999
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        for act in ["one", "two", "three"] { try Migrator(connection).record(Self.event(act)) }
        // Whoever can write into the server writes what no store would.
        try database.run(
            """
            insert into verdict_records (collection, key, value, revision)
            select collection, '9999999999999999', value, 1 from verdict_records
            where collection = 'activity' and key = '0000000000000003'
            """)
        if let head {
            let told = "\"sequence\":\(head)"
            try database.run(
                """
                update verdict_records set value = replace(value, '"sequence":3', \(told))
                where collection = 'activity' and key = 'head'
                """)
        } else {
            try database.run("delete from verdict_records where collection = 'activity' and key = 'head'")
        }
        try Migrator(connection).record(Self.event("migrate"))
        let store = try database.open()
        for act in ["delete", "rebuild"] { try await ActivityLog.append([Self.event(act)], to: store) }
        try Migrator(connection).record(Self.event("migrate"))
        try await ActivityLog.append([Self.event("import")], to: store)
        let acts = try await ActivityLog.newest(9, of: store).map(\.event.act)
        #expect(acts == ["one", "two", "three", "migrate", "delete", "rebuild", "migrate", "import"])
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 8 && result.faults.map(\.sequence) == [forged])
        await store.close()
    }

    @Test func `a store writes over no entry that the server alone has`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        for act in ["one", "two", "three"] { try Migrator(connection).record(Self.event(act)) }
        // So far behind the others that these are old, and no longer held.
        try database.run(
            """
            insert into verdict_records (collection, key, value, revision)
            select collection, '0000000000500000', value, 1 from verdict_records
            where collection = 'activity' and key = '0000000000000003'
            """)
        let store = try database.open()
        let head = try #require(try await store.record(in: ActivityLog.collection, key: ActivityLog.headKey))
        let second = try #require(try await ActivityLog.entry(2, of: store))
        // As who looked for a number before somebody put an entry there.
        let late = ActivityLog.changes(
            adding: [Self.event("late")], after: ActivityLog.Head(sequence: 2, hash: second.hash),
            revision: head.revision)
        await #expect {
            try await store.write(late)
        } throws: {
            ($0 as? StoreError)?.code == .revisionConflict
        }
        #expect(try await ActivityLog.entry(3, of: store)?.event.act == "three")
        try await ActivityLog.append([Self.event("four")], to: store)
        #expect(
            try await ActivityLog.newest(9, of: store).map(\.event.act) == ["one", "two", "three", "four"])
        await store.close()
    }

    @Test func `a taken number that no follower is told of is passed over once, and the log goes on`()
        async throws
    {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let store = try database.open()
        for act in ["one", "two", "three"] { try await ActivityLog.append([Self.event(act)], to: store) }
        // As of a transaction that every follower has seen.
        try database.run(
            """
            insert into verdict_records (collection, key, value, revision, changed)
            select collection, '0000000000000004', value, 1, '3' from verdict_records
            where collection = 'activity' and key = '0000000000000003'
            """)
        try await ActivityLog.append([Self.event("four")], to: store)
        // Together with what it tells, as triage is written.
        let other = RecordChange(collection: "c", key: "k", value: .bool(true), expected: 0)
        try await ActivityLog.append([Self.event("five")], to: store, with: [other])
        #expect(try await store.record(in: "c", key: "k")?.value == .bool(true))
        #expect(try await ActivityLog.head(of: store).sequence == 6)
        let acts = try await ActivityLog.newest(2, of: store).map(\.event.act)
        #expect(acts == ["four", "five"])
        // What was forged stays to be found.
        #expect(try await ActivityLog.verify(store).faults.map(\.sequence) == [4])
        await store.close()
    }

    @Test func `records are read on from behind a key, whatever comes next`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        for act in ["one", "two", "three"] { try Migrator(connection).record(Self.event(act)) }
        // Keys that are no numbers among the entries that the server alone has: more than are read together.
        try database.run(
            """
            insert into verdict_records (collection, key, value, revision)
            select 'activity', '0000000000000001' || number, 'true', 1 from generate_series(1, 1200) as number
            """)
        try database.run(
            """
            insert into verdict_records (collection, key, value, revision)
            select collection, '0000000000500000', value, 1 from verdict_records
            where collection = 'activity' and key = '0000000000000003'
            """)
        let store = try database.open()
        let first = try await store.records(in: ActivityLog.collection, from: ActivityLog.key(1), limit: 1)
        #expect(first.map(\.key) == [ActivityLog.key(1)])
        let next = try await store.records(
            in: ActivityLog.collection, from: ActivityLog.key(1) + "\u{0}", limit: 1)
        #expect(next.map(\.key) == [ActivityLog.key(1) + "1"])
        let result = try await ActivityLog.verify(store)
        #expect(result.entries == 3 && result.faults.map(\.sequence) == [500_000])
        await store.close()
    }

    @Test func `an entry that was emptied gives its place to the next, and a forged revision stops nothing`()
        async throws
    {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        for act in ["one", "two"] { try Migrator(connection).record(Self.event(act)) }
        try database.run(
            """
            update verdict_records set value = null
            where collection = 'activity' and key = '0000000000000002'
            """)
        try database.run(
            """
            update verdict_records set value = replace(value, '"sequence":2', '"sequence":1')
            where collection = 'activity' and key = 'head'
            """)
        try Migrator(connection).record(Self.event("three"))
        let store = try database.open()
        #expect(try await ActivityLog.newest(9, of: store).map(\.event.act) == ["one", "three"])
        await store.close()
        try database.run(
            """
            update verdict_records set revision = 9223372036854775807
            where collection = 'activity' and key = 'head'
            """)
        try Migrator(connection).record(Self.event("four"))
        let entries = try connection.run(
            """
            select count(value) from verdict_records where collection = 'activity' and key <> 'head'
            """
        ).onlyRow().int8(0)
        #expect(entries == 3)
    }
}
