import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What one opening of a store keeps, another one reads.
@Suite(.timeLimit(.minutes(5))) struct StoreRoundTripTests {
    @Test(arguments: StoreHome.allCases)
    func `another opening holds the same, and takes nothing in twice`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let first = try database.open()
        var entries = Sample.entries(0..<300)
        var conflict = entries[3]
        conflict.decision.principal.id = "mallory"
        entries.append(conflict)
        var odd = Sample.decision(1_000)
        odd.id = "nul\0 \u{202E} 'quote\" \\ é e\u{301} 🜚"
        odd.extras["numbers"] = .array(["1e3", "-0", "1.50", "1E-2"].map { .number($0) })
        entries.append(Sample.entry(odd))
        let report = try await first.insert(entries)
        #expect(report.outcomes.count { $0.disposition == .conflict } == 1)
        let second = try database.open()
        #expect(try await second.everything() == first.everything())
        for entry in entries.prefix(20) {
            let tenant = entry.decision.tenant
            let one = try await first.entries(id: entry.decision.id, tenant: tenant)
            let other = try await second.entries(id: entry.decision.id, tenant: tenant)
            #expect(one == other && one.count == 1)
        }
        for store in [first, second] {
            let again = try await store.insert(entries)
            #expect(again.outcomes.allSatisfy { $0.disposition == .duplicate })
        }
        #expect(try await second.statistics().lastInsert == Sample.clock())
        await first.close()
        await second.close()
    }

    @Test(arguments: StoreHome.allCases)
    func `tenants share an identifier, and each has its own row`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let first = try database.open()
        let tenants = ["acme", "globex", "initech"]
        for tenant in tenants {
            var entry = Sample.entry(7, tenant: tenant)
            entry.decision.id = "shared"
            #expect(try await first.insert([entry]).outcomes[0].disposition == .accepted)
        }
        let both = ["x", "y"].map { tenant in
            var entry = Sample.entry(8, tenant: tenant)
            entry.decision.id = "together"
            return entry
        }
        _ = try await first.insert(both)
        let second = try database.open()
        for store in [first, second] {
            let found = try await store.entries(id: "shared", tenant: nil)
            #expect(Set(found.map(\.decision.tenant)) == Set(tenants))
            #expect(found.allSatisfy { $0.decision.id == "shared" && $0.storedID == "shared" })
            #expect(found.allSatisfy { $0.decision.extras["original_id"] == nil })
            #expect(try await store.entries(id: "together", tenant: nil).count == 2)
        }
        let rows = try database.run(
            """
            select id, metadata->>'original_id' from decision_inbox
            union all select id, metadata->>'original_id' from decision_vectors
            """)
        #expect(rows.count == 5)
        let derived = try rows.filter { try $0.text(0).contains("~") }
        // Where rows lie by tenant each has its own.
        #expect(derived.count == (home.wish == nil ? 3 : 0))
        #expect(try derived.allSatisfy { try ["shared", "together"].contains($0.text(1)) })
        _ = try await second.delete(.ids(["shared"], tenant: "globex"))
        #expect(try await first.becomes { try await $0.entries(id: "shared", tenant: nil).count == 2 })
        let left = try await first.entries(id: "shared", tenant: nil).map(\.decision.tenant)
        #expect(Set(left) == ["acme", "initech"])
        await first.close()
        await second.close()
    }

    @Test(arguments: StoreHome.allCases)
    func `an identifier that no key takes has a short one in the table alone`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let first = try database.open()
        let long = String(repeating: "long-", count: 600)
        var entries = Sample.entries(0..<4, tenant: "acme")
        for number in 1..<4 { entries[number].decision.id = "\(long)\(number)" }
        entries[3].decision.tenant = "globex"
        var conflict = entries[1]
        conflict.decision.principal.id = "mallory"
        entries.append(conflict)
        let outcomes = try await first.insert(entries).outcomes
        #expect(outcomes.map(\.disposition) == [.accepted, .accepted, .accepted, .accepted, .conflict])
        try await database.waitForEmptyInbox()
        let rows = try database.run(
            "select id, metadata->>'original_id' from \(identifier: home.table) where id like 'long-%'")
        #expect(rows.count == 4)
        #expect(try rows.allSatisfy { try $0.text(0).utf8.count < 100 && $0.text(1).hasPrefix(long) })
        let second = try database.open()
        #expect(try await second.everything() == first.everything())
        for store in [first, second] {
            let again = try await store.insert(entries).outcomes
            #expect(again.allSatisfy { $0.disposition == .duplicate })
        }
        let connection = try database.database.connect()
        defer { connection.close() }
        let searcher = try ServerSearcher(opening: connection)
        let like = SearchRequest(target: .like(id: "\(long)1", tenant: "acme"))
        let found = try searcher.search(like, on: connection).results.map(\.stored.decision.id)
        #expect(Set(found) == Set(["\(long)1", "\(long)2", "\(long)3", "d-0"]))
        _ = try await second.delete(.ids(["\(long)3"], tenant: nil))
        #expect(try await first.becomes { try await $0.entries(id: "\(long)3", tenant: nil).isEmpty })
        await first.close()
        await second.close()
    }

    @Test(arguments: StoreHome.allCases)
    func `what retention removed is not taken in again by any opening`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        var entries = Sample.entries(0..<40)
        // One that no key takes is remembered as well.
        entries[3].decision.id = String(repeating: "long-", count: 600)
        let first = try database.open(keeping: try RetentionPolicy(parsing: "25"))
        _ = try await first.insert(entries)
        await first.pin([])
        #expect(try await first.statistics().vectors == 25)
        let again = try await first.insert(entries).outcomes
        #expect(again.allSatisfy { $0.disposition == .duplicate })
        await first.close()
        let second = try database.open(keeping: try RetentionPolicy(parsing: "25"))
        #expect(try await second.statistics().vectors == 25)
        let later = try await second.insert(entries).outcomes
        #expect(later.allSatisfy { $0.disposition == .duplicate })
        #expect(try database.count(Schema.retired) == 15)
        await second.close()
    }

    @Test(arguments: StoreHome.allCases)
    func `records are the same everywhere, and told`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let first = try database.open()
        let second = try database.open()
        var told = second.recordChanges(in: "incidents").makeAsyncIterator()
        let value = JSONValue.object(["text": .string("é \u{1} \"x\""), "number": .number("1e2")])
        try await first.write([RecordChange(collection: "incidents", key: "a", value: value, expected: 0)])
        #expect(await told.next() == Record(collection: "incidents", key: "a", value: value, revision: 1))
        let error = await #expect(throws: StoreError.self) {
            try await second.write([
                RecordChange(collection: "incidents", key: "a", value: .null, expected: 0)
            ])
        }
        #expect(error?.code == .revisionConflict)
        try await second.write([RecordChange(collection: "incidents", key: "a", value: nil, expected: 1)])
        let third = try database.open(.read)
        #expect(try await third.record(in: "incidents", key: "a") == nil)
        let refusal = await #expect(throws: StoreError.self) {
            try await third.write([RecordChange(collection: "x", key: "y", value: .null)])
        }
        #expect(refusal?.code == .readOnly)
        // A deleted record keeps counting, so that who knew it is noticed.
        try await first.write([RecordChange(collection: "incidents", key: "a", value: .null, expected: 0)])
        #expect(try await first.record(in: "incidents", key: "a")?.revision == 3)
        for store in [first, second, third] { await store.close() }
    }

    @Test(arguments: StoreHome.allCases)
    func `a database without the schema says what to do`(home: StoreHome) async throws {
        let database = try TestDatabase(home.version)
        defer { database.drop() }
        let options = StoreOptions(clock: Sample.clock)
        let error = #expect(throws: StoreError.self) {
            try PostgresStore.open(.postgres(database.address), options: options)
        }
        #expect(error?.code == .missing)
        #expect(error?.description.contains("verdict migrate") == true)
    }
}
