import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// An index of halves that a setting asks for: made by a migration or a rebuild, searched by, and given up again.
@Suite(.timeLimit(.minutes(5))) struct HalfIndexTests {
    /// The names of all indexes of neighbours, whole or not.
    private func indexes(_ connection: PostgresConnection) throws -> [String] {
        try connection.texts(
            """
            select relation.relname::text from pg_class as relation
            join pg_am as method on method.oid = relation.relam and method.amname = 'hnsw' order by 1
            """)
    }

    private func connect(_ address: String, _ form: String?) throws -> PostgresConnection {
        let address = try PostgresServerAddress(address)
        return try PostgresConnection.open(
            form.map { address.with("options", "-c\(Schema.indexSetting)=\($0)") } ?? address)
    }

    private func open(_ database: StoreDatabase, _ form: String) throws -> any DecisionStore {
        let address = "\(database.address)&options=-c\(Schema.indexSetting)%3D\(form)"
        return try PostgresStore.open(
            .postgres(address), options: StoreOptions(clock: Sample.clock))
    }

    /// How the server walks to a vector's neighbours, where it has reason to walk.
    private func plan(_ connection: PostgresConnection, _ layout: TableLayout) throws -> String {
        let index = try #require(try NeighborIndex.find(connection, layout))
        let statements = SearchStatements(storage: .vector, predicate: .always, layout: layout)
        let walk = statements.walk(to: Sample.floats(3), by: index, limit: 52, wanted: 10)
        try connection.script("set enable_seqscan = off; set enable_sort = off")
        defer { try? connection.script("reset enable_seqscan; reset enable_sort") }
        return try connection.texts("explain \(sql: walk)").joined(separator: "\n")
    }

    @Test func `a setting names the form, not the address, and another word is an obstacle`() throws {
        var facts = DatabaseFacts.empty
        #expect(facts.wishedNeighbors == nil && facts.neighborObstacle == nil)
        for (word, form) in [("halfvec", NeighborIndex.halfVector), ("vector", .vector)] {
            facts.indexSetting = word
            #expect(facts.wishedNeighbors == form && facts.neighborObstacle == nil)
        }
        facts.indexSetting = "bit"
        #expect(facts.neighborObstacle == "verdict.index is bit: set it to vector or halfvec, or not at all")
        #expect(MigrationPlan(facts).obstacles.contains { $0.hasPrefix("verdict.index is bit") })
        // libpq knows none either.
        #expect(throws: PostgresError.self) {
            try PostgresServerAddress("postgres://alice@db.example/authz?index=halfvec")
        }
    }

    @Test func `where another word is set nothing is built and the reason is told`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try open(database, "bit")
        _ = try await store.insert(Sample.entries(0..<20))
        let report = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(report.server?.refusal?.hasPrefix("verdict.index is bit") == true, "\(report)")
        let wishing = try connect(database.address, "bit")
        defer { wishing.close() }
        let migrated = try Migrator(wishing).migrate()
        #expect(migrated.applied == [] && migrated.problems.contains { $0.hasPrefix("verdict.index is bit") })
        await store.close()
    }

    @Test(arguments: [nil, LayoutWish.partition(2)])
    func `a migration makes it in a new database, and asks for no other afterwards`(
        layout: LayoutWish?
    ) throws {
        try withDatabase { database, plain in
            let wishing = try connect(database.address, "halfvec")
            defer { wishing.close() }
            let report = try Migrator(wishing).migrate(layout: layout)
            #expect(report.problems == [] && !report.applied.isEmpty, "\(report)")
            let found = try indexes(plain)
            let table = layout == nil ? Schema.vectors : Schema.rows
            #expect(found.contains("\(table)_embedding_halves") && found.count == (layout == nil ? 1 : 3))
            let form = try NeighborIndex.find(plain, layout == nil ? .plain : .partitioned)
            #expect(form == .halfVector)
            for connection in [plain, wishing] {
                let again = try Migrator(connection).migrate(layout: layout)
                #expect(again.problems == [] && again.applied.isEmpty, "\(again)")
                #expect(again.notices.allSatisfy { !$0.contains(Schema.indexSetting) })
            }
            // Gone, it is asked for in the form of the setting.
            if layout == nil {
                try plain.script("drop index decision_vectors_embedding_halves")
                let missing = try Migrator(wishing).report().problems
                #expect(missing.count == 1 && missing[0].contains("halfvec_cosine_ops"), "\(missing)")
            }
            #expect(try indexes(plain).count == (layout == nil ? 0 : 3))
        }
    }

    @Test(arguments: [StoreHome.eighteen, .partitioned])
    func `a rebuild makes it beside who writes, searches go by it, and another goes back`(
        home: StoreHome
    ) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let layout: TableLayout = home == .eighteen ? .plain : .partitioned
        let store = try open(database, "halfvec")
        _ = try await store.insert(Sample.entries(0..<300))
        try await database.waitForEmptyInbox()
        let connection = try database.database.connect()
        defer { connection.close() }
        let wishing = try connect(database.address, "halfvec")
        defer { wishing.close() }
        let count = try indexes(connection).count
        #expect(try plan(connection, layout).contains("_embedding_hnsw") || layout == .partitioned)
        // Migrating leaves what is there, and says what to do.
        let told = try Migrator(wishing).migrate()
        #expect(told.problems == [] && told.applied == [])
        #expect(
            told.notices.contains {
                $0.contains("is not what verdict.index=halfvec asks for: run verdict rebuild")
            })

        let writer = Task {
            for start in stride(from: 300, to: 400, by: 10) {
                _ = try await store.insert(Sample.entries(start..<start + 10))
            }
        }
        let made = try await store.rebuild(RebuildRequest(m: 12)) { _ in }
        try await writer.value
        #expect(made.server?.refusal == nil && made.server?.m == 12, "\(made)")
        #expect(made.server?.index == "\(home.table)_embedding_halves" && (made.server?.bytesBefore ?? 0) > 0)
        let halves = try indexes(connection)
        #expect(halves.count == count && halves.allSatisfy { $0.hasSuffix("_embedding_halves") }, "\(halves)")
        let walk = try plan(connection, layout)
        let leaf = home == .eighteen ? "decision_vectors" : "decision_rows_0"
        #expect(walk.contains("Index Scan using \(leaf)_embedding_halves"), "\(walk)")
        #expect(try ServerSearcher(opening: connection).index == .halfVector)
        #expect(try Migrator(wishing).migrate().notices.allSatisfy { !$0.contains(Schema.indexSetting) })

        // The same again is built as it is; an address that asks for nothing keeps it.
        let again = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(again.server?.refusal == nil && again.server?.m == 12)
        #expect(try indexes(connection) == halves)
        await store.close()
        let usual = try database.open()
        _ = try await usual.rebuild(RebuildRequest()) { _ in }
        #expect(try indexes(connection) == halves)
        await usual.close()

        let back = try open(database, "vector")
        let whole = try await back.rebuild(RebuildRequest()) { _ in }
        #expect(whole.server?.refusal == nil && whole.server?.m == 12, "\(whole)")
        let vectors = try indexes(connection)
        #expect(
            vectors.count == count && vectors.allSatisfy { $0.hasSuffix("_embedding_hnsw") }, "\(vectors)")
        #expect(try NeighborIndex.find(connection, layout) == .vector)
        #expect(try Migrator(connection).report().problems == [])
        await back.close()
    }

    @Test func `where both are there the one that is not asked for goes`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.script(
            "create index theirs on decision_vectors using hnsw ((embedding::halfvec(384)) halfvec_cosine_ops)"
        )
        let store = try open(database, "vector")
        _ = try await store.insert(Sample.entries(0..<40))
        let report = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(report.server?.index == "decision_vectors_embedding_hnsw" && report.server?.refusal == nil)
        #expect(try indexes(connection) == ["decision_vectors_embedding_hnsw"])
        await store.close()
    }

    @Test func `without pgvector it is said to be of no use`() throws {
        try withDatabase(.fifteen) { database, _ in
            let wishing = try connect(database.address, "halfvec")
            defer { wishing.close() }
            let report = try Migrator(wishing).migrate()
            #expect(report.problems == [])
            #expect(
                report.notices.contains { $0.hasPrefix("verdict.index=halfvec is of no use") },
                "\(report.notices)")
        }
    }
}
