import Decisions
import Locks
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// The server's index built anew where rows lie by tenant: a partition after the other, beside all who read and write.
@Suite(.timeLimit(.minutes(5))) struct PartitionRebuildTests {
    private static let index = "decision_rows_embedding_hnsw"

    /// A store of some rows that are all in their partitions.
    private func filled(_ database: StoreDatabase, _ count: Int = 300) async throws -> MemoryStore {
        let store = try database.open()
        _ = try await store.insert(Sample.entries(0..<count))
        try await database.waitForEmptyInbox()
        return store
    }

    /// Every index of neighbours, whole or not, with the file that it is in: 0 for one over partitions.
    private func indexes(_ database: StoreDatabase) throws -> [String: Int64] {
        let rows = try database.run(
            """
            select relation.relname::text, relation.relfilenode::int8 from pg_class as relation
            join pg_am as method on method.oid = relation.relam and method.amname = 'hnsw'
            """)
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.text(0), try $0.int8(1)) })
    }

    /// What the index is called in each partition, whatever made it.
    private func parts(_ database: StoreDatabase) throws -> [String] {
        let connection = try database.database.connect()
        defer { connection.close() }
        return try IndexedPart.reading(connection, of: .partitioned, index: Self.index).compactMap(\.index)
    }

    /// The options of every index of neighbours.
    private func options(_ database: StoreDatabase) throws -> Set<IndexParameters> {
        let rows = try database.run(
            """
            select array_to_string(relation.reloptions, ',') from pg_class as relation
            join pg_am as method on method.oid = relation.relam and method.amname = 'hnsw'
            """)
        return Set(try rows.map { IndexParameters(options: try $0.text(0)) })
    }

    private func connected(
        _ database: StoreDatabase, _ work: (PostgresConnection) throws -> Void
    ) throws {
        let connection = try database.database.connect()
        defer { connection.close() }
        try work(connection)
    }

    /// That nothing is left to do, and the one index serves.
    private func expectWell(_ database: StoreDatabase) throws {
        try connected(database) { connection in
            #expect(try LeftoverIndexes.names(connection) == [])
            #expect(try Migrator(connection).report().problems == [])
            #expect(try NeighborIndex.find(connection, .partitioned) == .vector)
            let measured = try ServerMeasurement(reading: connection, before: nil)
            #expect(measured.neighbors?.name == Self.index)
            let check = PostgresLog.neighborsCheck(
                measured, distinct: 1, storage: .vector, since: Sample.clock())
            #expect(check.status == .ok, "\(check)")
        }
        let whole = try database.run(
            """
            select count(*), bool_and(part.indisvalid) from pg_index as part
            where part.indexrelid in (select relid from pg_partition_tree('decision_rows_embedding_hnsw'))
            """)
        #expect(try whole[0].int(0) == 4 && whole[0].bool(1))
    }

    @Test func `each partition is built anew under its name, and progress is over all`() async throws {
        let database = try StoreDatabase(in: .partitioned)
        defer { database.drop() }
        let store = try await filled(database)
        let before = try indexes(database)
        let parts = try parts(database)
        #expect(parts.count == 3 && Set(before.keys) == Set(parts + [Self.index]))
        let seen = Mutex<[RebuildProgress]>([])
        let report = try await store.rebuild(RebuildRequest()) { step in seen.withLock { $0.append(step) } }
        let server = try #require(report.server)
        #expect(server.refusal == nil && server.index == Self.index && server.note.isEmpty)
        #expect(server.bytesBefore > 0 && server.bytesAfter > 0 && server.m == 16)
        let after = try indexes(database)
        #expect(Set(after.keys) == Set(before.keys))
        for part in parts { #expect(after[part] != before[part], "\(part)") }
        let steps = seen.withLock { $0 }.filter { $0.phase == .server }
        #expect(steps.first?.fraction == 0 && steps.allSatisfy { (0...1).contains($0.fraction) })
        #expect(steps.dropFirst().allSatisfy { $0.detail.isEmpty || $0.detail.hasPrefix("partition ") })
        try expectWell(database)
        await store.close()
    }

    @Test func `other parameters are built beside all partitions, and take the old ones' place`() async throws
    {
        let database = try StoreDatabase(in: .partitioned)
        defer { database.drop() }
        let store = try await filled(database)
        let before = try indexes(database)
        let report = try await store.rebuild(RebuildRequest(m: 12, efConstruction: 80)) { _ in }
        #expect(report.server?.refusal == nil && report.server?.m == 12, "\(report)")
        #expect((report.server?.bytesBefore ?? 0) > 0 && (report.server?.bytesAfter ?? 0) > 0)
        #expect(try Set(indexes(database).keys) == Set(before.keys))
        var wanted = IndexParameters()
        (wanted.m, wanted.efConstruction) = (12, 80)
        #expect(try options(database) == [wanted])
        try expectWell(database)
        let refused = try await store.rebuild(RebuildRequest(m: 24, efConstruction: 40)) { _ in }
        #expect(refused.server?.refusal?.contains("at least twice m") == true)
        #expect(try options(database) == [wanted])
        // What is written afterwards is found by it.
        _ = try await store.insert(Sample.entries(300..<330))
        try await database.waitForEmptyInbox()
        #expect(try database.count(Schema.rows) == 330)
        await store.close()
    }

    @Test(arguments: [RebuildRequest(), RebuildRequest(m: 12)])
    func `one that waits is stopped within a partition, and nothing of it stays`(
        request: RebuildRequest
    ) async throws {
        let database = try StoreDatabase(in: .partitioned)
        defer { database.drop() }
        let store = try await filled(database)
        let before = try indexes(database)
        let parts = try parts(database)
        let other = try database.database.connect()
        defer { other.close() }
        // The second is waited for, when the first is done.
        try other.script("begin; lock table decision_rows_1 in row exclusive mode")
        let seen = Mutex<Set<String>>([])
        let work = Task {
            try await store.rebuild(request) { step in _ = seen.withLock { $0.insert(step.detail) } }
        }
        while !seen.withLock({ $0.contains { $0.hasPrefix("partition 2 of 3: waiting for writers") } }) {
            await Task.yield()
        }
        // What is being made is told by nobody as left behind, whoever makes it.
        try connected(database) { connection in
            let told = try LeftoverIndexes.names(connection)
            #expect(told.allSatisfy { !$0.contains("_cc") }, "\(told)")
        }
        work.cancel()
        var building = 1
        while building > 0 {
            building = try database.run(
                """
                select count(*), pg_sleep(0.02) from pg_stat_activity
                where query ~* '^(reindex|create index)' and state = 'active' and datname = current_database()
                """
            )[0].int(0)
        }
        try other.script("commit")
        let failure = await #expect(throws: StoreError.self) { try await work.value }
        #expect(failure?.code == .cancelled)
        let after = try indexes(database)
        #expect(Set(after.keys) == Set(before.keys))
        #expect(
            after[parts[1]] == before[parts[1]] && after[parts[2]] == before[parts[2]])
        // Built as it was, the first is a new one; with other parameters all serve on or none.
        #expect((after[parts[0]] == before[parts[0]]) == (request.m != nil))
        try expectWell(database)
        await store.close()
    }

    @Test func `what a cut one left behind is told, and dropped by the next`() async throws {
        let database = try StoreDatabase(in: .partitioned)
        defer { database.drop() }
        let store = try await filled(database)
        let before = try indexes(database)
        try database.run(
            """
            create index decision_rows_0_embedding_hnsw_ccnew on decision_rows_0
                using hnsw (embedding vector_cosine_ops)
            """)
        try database.run(
            """
            update pg_index set indisvalid = false
            where indexrelid = 'decision_rows_0_embedding_hnsw_ccnew'::regclass
            """)
        for table in ["decision_rows_1", "decision_rows_2"] {
            try database.run(
                """
                create index \(identifier: LeftoverIndexes.newName(of: table)) on \(identifier: table)
                    using hnsw (embedding vector_cosine_ops)
                """)
        }
        try database.run(
            """
            create index decision_rows_verdict_new on only decision_rows using hnsw (embedding vector_cosine_ops)
            """)
        try database.run("alter index decision_rows_verdict_new attach partition decision_rows_2_verdict_new")
        let left = [
            "decision_rows_verdict_new", "decision_rows_0_embedding_hnsw_ccnew",
            "decision_rows_1_verdict_new",
        ]
        try connected(database) { connection in
            // What a frame holds goes with it.
            #expect(try LeftoverIndexes.names(connection) == left)
            let problems = try Migrator(connection).report().problems
            #expect(
                problems.count == 3 && problems.allSatisfy { $0.contains("run verdict rebuild") },
                "\(problems)")
            let measured = try ServerMeasurement(reading: connection, before: nil)
            #expect(measured.neighbors?.name == Self.index)
            let check = PostgresLog.neighborsCheck(
                measured, distinct: 1, storage: .vector, since: Sample.clock())
            #expect(check.status == .degraded && check.detail.contains("run verdict rebuild"), "\(check)")
            // While somebody rebuilds there are two for good reason.
            let other = try database.database.connect()
            defer { other.close() }
            try other.run("select pg_advisory_lock(\(sql: Schema.migrationLockKeys))")
            #expect(try Migrator(connection).report().problems == [])
        }
        let report = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(report.server?.refusal == nil)
        #expect(try Set(indexes(database).keys) == Set(before.keys))
        try expectWell(database)
        await store.close()
    }

    @Test func `an index that is gone, or that a partition lacks, is made whole`() async throws {
        let database = try StoreDatabase(in: .partitioned)
        defer { database.drop() }
        let store = try await filled(database, 60)
        let parts = (0..<3).map { "decision_rows_\($0)_embedding_hnsw" }
        try database.run("drop index decision_rows_embedding_hnsw")
        let made = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(made.server?.refusal == nil && made.server?.bytesBefore == 0, "\(made)")
        #expect(try Set(indexes(database).keys) == Set(parts + [Self.index]))
        try expectWell(database)
        try database.run("drop index decision_rows_embedding_hnsw")
        // As a migration leaves it that was cut after the first partition, with one built and not put in.
        try database.run(
            """
            create index decision_rows_embedding_hnsw on only decision_rows using hnsw (embedding vector_cosine_ops)
                with (m = 16, ef_construction = 64)
            """)
        for part in 0..<2 {
            try database.run(
                """
                create index \(identifier: parts[part]) on \(identifier: "decision_rows_\(part)")
                    using hnsw (embedding vector_cosine_ops)
                """)
        }
        try database.run(
            "alter index decision_rows_embedding_hnsw attach partition decision_rows_0_embedding_hnsw")
        let mended = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(mended.server?.refusal == nil, "\(mended)")
        #expect(try Set(indexes(database).keys) == Set(parts + [Self.index]))
        try expectWell(database)
        await store.close()
    }

    @Test func `a partition that somebody else named is only built as it is`() async throws {
        let database = try StoreDatabase(in: .partitioned)
        defer { database.drop() }
        let store = try await filled(database, 60)
        try database.run("alter table decision_rows_1 rename to \"odd; drop table decision_inbox; --\"")
        let before = try indexes(database)
        let refused = try await store.rebuild(RebuildRequest(m: 12)) { _ in }
        #expect(refused.server?.refusal?.contains("\"odd; drop table decision_inbox; --\"") == true)
        #expect(try indexes(database) == before && database.count(Schema.inbox) == 0)
        let report = try await store.rebuild(RebuildRequest()) { _ in }
        #expect(report.server?.refusal == nil, "\(report)")
        #expect(try Set(indexes(database).keys) == Set(before.keys) && indexes(database) != before)
        await store.close()
    }

    @Test func `the layout that Citus spreads is built anew by the same statements`() async throws {
        let database = try StoreDatabase(in: .distributed)
        defer { database.drop() }
        let store = try await filled(database, 60)
        for request in [RebuildRequest(), RebuildRequest(m: 12, efConstruction: 80)] {
            let before = try indexes(database)
            let report = try await store.rebuild(request) { _ in }
            #expect(report.server?.refusal == nil && report.server?.index == Self.index, "\(report)")
            let after = try indexes(database)
            #expect(Set(after.keys) == [Self.index] && after != before)
        }
        try connected(database) { connection in
            #expect(try Migrator(connection).report().problems == [])
            let notes = try ServerMeasurement(reading: connection, before: nil).rebuildNotes
            #expect(notes.count == 1 && notes[0].hasPrefix("Citus builds"), "\(notes)")
        }
        await store.close()
    }

    @Test func `what is told before counts the largest partition`() async throws {
        let database = try StoreDatabase(in: .partitioned)
        defer { database.drop() }
        let store = try await filled(database, 200)
        try database.run("analyze decision_rows")
        try connected(database) { connection in
            var measured = try ServerMeasurement(reading: connection, before: nil)
            #expect(measured.parts.map(\.table) == (0..<3).map { "decision_rows_\($0)" })
            #expect(measured.parts.reduce(0) { $0 + $1.rows } == 200)
            #expect(measured.rowsAtOnce == measured.parts.map(\.rows).max())
            #expect(measured.rebuildNotes[0].contains("one of 3 partitions after the other"))
            measured.settings.isMaintenanceChosen = true
            measured.settings.maintenanceBytes = 64 << 20
            measured.parts[1].rows = 1_000_000
            #expect(measured.rebuildNotes[1].contains("options=-cmaintenance_work_mem%3D2108MB"))
        }
        await store.close()
    }

    @Test func `a partition takes the share of the way that its rows are`() {
        let parts = [1_000_000, 0, 3_000_000].enumerated().map { number, bytes in
            IndexedPart(table: "p\(number)", index: "i\(number)", bytes: bytes, rows: 1)
        }
        var facts = DatabaseFacts.empty
        facts.layout = .partitioned
        let plan = ServerIndexPlan(facts, old: ServerIndex(name: "i"), parts: parts)
        var progress = RebuildProgress(phase: .server, fraction: 0.5, done: 1, total: 2)
        progress.detail = "linking rows"
        let steps = (0..<3).compactMap { plan.place(of: $0)?.whole(progress) }
        #expect(steps.map(\.detail)[1] == "partition 2 of 3: linking rows")
        #expect(steps.map(\.fraction) == steps.map(\.fraction).sorted())
        #expect(steps[0].fraction < 0.15 && steps[2].fraction > 0.6 && steps[2].fraction < 0.7)
        progress.fraction = 1
        #expect(plan.place(of: 2)?.whole(progress).fraction == 1)
        #expect(ServerIndexPlan(.empty, old: nil, parts: []).place(of: 0) == nil)
    }
}
