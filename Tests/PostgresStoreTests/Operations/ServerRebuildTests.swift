import Decisions
import Locks
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// The server's own index built anew, beside all who read and write.
@Suite(.timeLimit(.minutes(5))) struct ServerRebuildTests {
    private static let index = "decision_vectors_embedding_hnsw"

    /// A store of some rows that are all in the table.
    private func filled(_ database: StoreDatabase, _ count: Int = 300) async throws -> MemoryStore {
        let store = try database.open()
        _ = try await store.insert(Sample.entries(0..<count))
        try await database.waitForEmptyInbox()
        return store
    }

    /// The indexes of neighbours that there are, with the file that each is in.
    private func indexes(_ database: StoreDatabase) throws -> [String: Int64] {
        let rows = try database.run(
            """
            select relation.relname::text, relation.relfilenode::int8 from pg_class as relation
            join pg_am as method on method.oid = relation.relam and method.amname = 'hnsw'
            join pg_index as part on part.indexrelid = relation.oid
            where part.indisvalid
            """)
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.text(0), try $0.int8(1)) })
    }

    private func options(_ database: StoreDatabase) throws -> IndexParameters {
        let name = Self.index
        return IndexParameters(
            options: try database.run(
                "select array_to_string(reloptions, ',') from pg_class where relname = \(name)")[0].text(0))
    }

    @Test func `it is built anew under its name, and its progress is told`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try await filled(database)
        let before = try indexes(database)
        let seen = Mutex<[RebuildProgress]>([])
        let report = try await store.rebuild(RebuildRequest()) { step in seen.withLock { $0.append(step) } }
        let server = try #require(report.server)
        #expect(server.refusal == nil && server.index == Self.index)
        #expect(server.bytesBefore > 0 && server.bytesAfter > 0 && server.m == 16)
        let after = try indexes(database)
        #expect(Set(after.keys) == [Self.index] && after != before)
        #expect(seen.withLock { $0.contains { $0.phase == .server } })
        #expect(server.sentence.contains("was built anew in"))
        await store.close()
    }

    @Test func `other parameters take the old one's place`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try await filled(database)
        let report = try await store.rebuild(RebuildRequest(m: 12, efConstruction: 80)) { _ in }
        #expect(report.server?.m == 12 && report.server?.efConstruction == 80)
        #expect(try Set(indexes(database).keys) == [Self.index])
        #expect(try options(database).m == 12)
        // A breadth that nobody named follows the links.
        let wide = try await store.rebuild(RebuildRequest(m: 48)) { _ in }
        #expect(wide.server?.m == 48 && wide.server?.efConstruction == 96)
        let refused = try await store.rebuild(RebuildRequest(m: 24, efConstruction: 40)) { _ in }
        #expect(refused.server?.refusal?.contains("at least twice m") == true)
        #expect(try options(database).m == 48)
        #expect(try await store.statistics().index.m == 24)
        await store.close()
    }

    @Test func `other codes are the mirror's alone, and real arrays have no index`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try await filled(database, 50)
        let before = try indexes(database)
        let codes = try await store.rebuild(RebuildRequest(quantization: "sq8")) { _ in }
        #expect(codes.server == nil)
        #expect(try indexes(database) == before)
        await store.close()
        let arrays = try StoreDatabase(.fifteen)
        defer { arrays.drop() }
        let other = try await filled(arrays, 50)
        let mirrored = try await other.rebuild(RebuildRequest()) { _ in }
        #expect(mirrored.server == nil)
        await other.close()
    }

    @Test func `one that waits is stopped, and nothing of it stays`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try await filled(database)
        let before = try indexes(database)
        let other = try database.database.connect()
        defer { other.close() }
        try other.script("begin; lock table decision_vectors in row exclusive mode")
        let seen = Mutex<Set<String>>([])
        let work = Task {
            try await store.rebuild(RebuildRequest()) { step in _ = seen.withLock { $0.insert(step.detail) } }
        }
        while !seen.withLock({ $0.contains { $0.hasPrefix("waiting for writers") } }) { await Task.yield() }
        work.cancel()
        var building = 1
        while building > 0 {
            // Not on the other connection: within a transaction the server tells the same again and again.
            building = try database.run(
                """
                select count(*), pg_sleep(0.02) from pg_stat_activity
                where query ilike 'reindex%' and state = 'active' and datname = current_database()
                """
            )[0].int(0)
        }
        try other.script("commit")
        let failure = await #expect(throws: StoreError.self) { try await work.value }
        #expect(failure?.code == .cancelled && failure?.description.contains("old index serves") == true)
        #expect(try indexes(database) == before)
        let left = try database.run("select count(*) from pg_class where relname ~ '_cc(new|old)'")
        #expect(try left[0].int(0) == 0)
        await store.close()
    }

    @Test func `what a cut one left behind is told, and dropped by the next`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try await filled(database)
        let connection = try database.database.connect()
        defer { connection.close() }
        try connection.script(
            """
            create index decision_vectors_embedding_hnsw_ccnew on decision_vectors
                using hnsw (embedding vector_cosine_ops);
            create index decision_vectors_verdict_new on decision_vectors using hnsw (embedding vector_cosine_ops);
            update pg_index set indisvalid = false
            where indexrelid in ('decision_vectors_embedding_hnsw_ccnew'::regclass,
                'decision_vectors_embedding_hnsw'::regclass)
            """)
        let problems = try Migrator(connection).report().problems
        #expect(problems.contains { $0.contains("rebuild that was cut: run verdict rebuild") }, "\(problems)")
        let measured = try ServerMeasurement(reading: connection, before: nil)
        let check = PostgresLog.neighborsCheck(measured, distinct: 1, storage: .vector, since: Sample.clock())
        #expect(check.status == .degraded && check.detail.contains("run verdict rebuild"))
        let report = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(report.server?.refusal == nil)
        #expect(try Set(indexes(database).keys) == [Self.index])
        let count = try database.run(
            "select count(*) from pg_class where relname like 'decision_vectors_%ccnew'")
        #expect(try count[0].int(0) == 0)
        #expect(try Migrator(connection).report().problems.isEmpty)
        await store.close()
    }

    @Test func `an index of halves is kept as one, rebuilt and shown`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try await filled(database, 120)
        let connection = try database.database.connect()
        defer { connection.close() }
        // The guide's own words; beside the other it goes first, without it everything is well.
        try connection.script(
            """
            create index concurrently decision_vectors_embedding_halves on decision_vectors
                using hnsw ((embedding::halfvec(384)) halfvec_cosine_ops) with (m = 16, ef_construction = 64)
            """)
        let both = try ServerMeasurement(reading: connection, before: nil)
        #expect(both.neighbors?.name == "decision_vectors_embedding_halves")
        #expect(
            both.indexes(distinct: 1).first { $0.method == "hnsw" }?.name
                == "decision_vectors_embedding_halves"
        )
        try connection.script("drop index concurrently decision_vectors_embedding_hnsw")
        let migrated = try Migrator(connection).migrate()
        #expect(migrated.problems.isEmpty && migrated.applied.isEmpty, "\(migrated)")
        let before = try indexes(database)
        #expect(Set(before.keys) == ["decision_vectors_embedding_halves"])
        for request in [RebuildRequest(), RebuildRequest(m: 12, efConstruction: 80)] {
            let report = try await store.rebuild(request) { _ in }
            #expect(report.server?.refusal == nil)
            #expect(report.server?.index == "decision_vectors_embedding_halves")
            #expect(report.server?.m == request.m ?? 16)
            #expect((report.server?.bytesBefore ?? 0) > 0)
            let after = try indexes(database)
            #expect(Set(after.keys) == Set(before.keys) && after != before)
            #expect(try NeighborIndex.find(connection, .plain) == .halfVector)
        }
        let measured = try ServerMeasurement(reading: connection, before: nil)
        let check = PostgresLog.neighborsCheck(measured, distinct: 1, storage: .vector, since: Sample.clock())
        #expect(check.status == .ok && check.detail.contains("decision_vectors_embedding_halves"))
        #expect(check.detail.contains("m = 12, ef_construction = 80"))
        // Without any the one of whole vectors is made.
        try connection.script("drop index concurrently decision_vectors_embedding_halves")
        let problems = try Migrator(connection).report().problems
        #expect(problems.count == 1 && problems[0].contains("decision_vectors_embedding_hnsw"), "\(problems)")
        _ = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(try Set(indexes(database).keys) == [Self.index])
        await store.close()
    }

    @Test(arguments: [LeftoverIndexes.new, LeftoverIndexes.old])
    func `what a cut one left whole is told, and dropped by the next`(name: String) async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try await filled(database)
        let connection = try database.database.connect()
        defer { connection.close() }
        func check() throws -> HealthCheck {
            let measured = try ServerMeasurement(reading: connection, before: nil)
            #expect(measured.neighbors?.name == Self.index)
            return PostgresLog.neighborsCheck(
                measured, distinct: 1, storage: .vector, since: Sample.clock())
        }
        #expect(try check().status == .ok)
        // Larger than the one that serves, which is not to be taken for it.
        try connection.script(
            "create index \(name) on decision_vectors using hnsw (embedding vector_cosine_ops) with "
                + "(m = 48, ef_construction = 96)")
        #expect(try check().detail.hasPrefix("\(name) was left behind by a rebuild that was cut"))
        #expect(try Migrator(connection).report().problems.count { $0.contains("index \(name) of") } == 1)
        // While somebody rebuilds there are two for good reason.
        let other = try database.database.connect()
        defer { other.close() }
        try other.run("select pg_advisory_lock(\(sql: Schema.migrationLockKeys))")
        #expect(try check().status == .ok)
        #expect(try Migrator(connection).report().problems.isEmpty)
        try other.run("select pg_advisory_unlock(\(sql: Schema.migrationLockKeys))")
        #expect(try check().status == .degraded)
        let report = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(report.server?.refusal == nil)
        #expect(try Set(indexes(database).keys) == [Self.index])
        #expect(try check().status == .ok && Migrator(connection).report().problems.isEmpty)
        await store.close()
    }

    @Test func `an index that is gone is made again`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try await filled(database, 60)
        try database.run("drop index decision_vectors_embedding_hnsw")
        let report = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(report.server?.bytesBefore == 0 && report.server?.refusal == nil)
        #expect(try Set(indexes(database).keys) == [Self.index])
        await store.close()
    }

    @Test func `a role that does not own the table rebuilds the mirror alone, and is told why`() async throws
    {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        let role = try connection.makeRole()
        try connection.run(
            "grant select, insert, update, delete on all tables in schema public to \(identifier: role)")
        try connection.run("grant usage on all sequences in schema public to \(identifier: role)")
        let store = try PostgresStore.open(
            .postgres(database.address + "&user=\(role)"), options: StoreOptions(clock: Sample.clock))
        _ = try await store.insert(Sample.entries(0..<40))
        let before = try indexes(database)
        let report = try await store.rebuild(RebuildRequest(m: 8)) { _ in }
        #expect(report.server?.refusal?.contains("only the owner of decision_vectors") == true)
        #expect(try indexes(database) == before)
        #expect(try await store.statistics().index.m == 8)
        await store.close()
        try connection.dropRole(role)
    }

    @Test func `another's build is not disturbed`() async throws {
        let database = try StoreDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let store = try await filled(database, 40)
        let other = try database.database.connect()
        defer { other.close() }
        try other.run("select pg_advisory_lock(\(sql: Schema.migrationLockKeys))")
        let failure = await #expect(throws: StoreError.self) {
            try await store.rebuild(RebuildRequest()) { _ in }
        }
        #expect(failure?.description.contains("another process migrates this schema") == true)
        #expect(failure?.description.contains("the mirror's index was built anew") == true)
        await store.close()
    }

    @Test func `phases of the server are parts of one way`() {
        func progress(_ phase: String, _ done: Int = 0, of total: Int = 0) -> RebuildProgress {
            BuildingProgress(phase: phase, blocksDone: done, blocksTotal: total).progress
        }
        let steps = [
            progress("initializing"), progress("waiting for writers before build"),
            progress("building index: loading tuples", 10, of: 100),
            progress("building index: loading tuples", 90, of: 100),
            progress("waiting for writers before validation"),
            progress("index validation: scanning index", 1, of: 2),
            progress("index validation: sorting tuples"),
            progress("index validation: scanning table", 1, of: 2), progress("waiting for old snapshots"),
            progress("waiting for readers before marking dead"),
        ]
        #expect(steps.map(\.fraction) == steps.map(\.fraction).sorted())
        #expect(
            steps.allSatisfy { (0...1).contains($0.fraction) && $0.phase == .server && !$0.detail.isEmpty })
        #expect(steps[2].fraction < 0.2 && steps[3].fraction > 0.8)
        let waiting = BuildingProgress(
            phase: "waiting for writers before build", lockersDone: 1, lockersTotal: 3)
        #expect(waiting.progress.detail == "waiting for writers, 1 of 3 over")
        #expect(progress("something new").fraction == 0)
    }
}
