import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// What is read of the server's own tables, indexes, settings and locks.
@Suite struct ServerMeasurementTests {
    private static let now = Timestamp(seconds: 1_768_500_000)

    private func fill(_ connection: PostgresConnection, _ rows: Int) throws {
        let vector: SQL = connection.isHoldingVectors ? "::vector" : ""
        try connection.run(
            """
            insert into decision_vectors (id, embedding, metadata)
            select 'd-' || n, array_fill((n % 7 + 1)::real, array[384])\(sql: vector), '{"tenant":"acme"}'::jsonb
            from generate_series(1, \(rows)) as n
            """)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `tables and indexes are told as they are`(version: PostgresVersion) throws {
        try withSchema(version) { _, connection in
            try fill(connection, 600)
            try connection.script("vacuum (analyze) decision_vectors")
            let measured = try ServerMeasurement(reading: connection, before: nil)
            let table = try #require(measured.vectors)
            #expect(table.liveRows == 600 && table.bytes > 600 * 1_536 && table.isVacuumed)
            #expect(table.lastVacuum != nil && table.lastAnalyze != nil && table.indexBytes > 0)
            #expect(measured.tables.map(\.name).prefix(2) == [Schema.vectors, Schema.inbox])
            let key = measured.indexes.map(\.index).first { $0.name == "decision_vectors_pkey" }
            #expect(key?.method == "btree" && key?.isValid == true && key?.m == nil)
            let neighbors = measured.neighbors
            guard version == .eighteenWithVectors else { return #expect(neighbors == nil) }
            #expect(neighbors?.m == 16 && neighbors?.efConstruction == 64 && neighbors?.isValid == true)
            #expect(neighbors?.table == Schema.vectors)
            try connection.script("alter table decision_vectors set (autovacuum_enabled = false)")
            let again = try ServerMeasurement(reading: connection, before: measured)
            #expect(again.vectors?.isVacuumed == false)
            let check = PostgresLog.tableCheck(again, since: Self.now)
            #expect(check.status == .degraded && check.detail.contains("autovacuum is off"))
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `bloat is estimated by statistics: none when new, double when half is gone`(
        version: PostgresVersion
    ) throws {
        try withSchema(version) { _, connection in
            // Nobody but the test gathers statistics.
            try connection.script("alter table decision_vectors set (autovacuum_enabled = false)")
            try fill(connection, 3_000)
            // Without statistics nothing is told.
            #expect(try ServerMeasurement(reading: connection, before: nil).vectors?.bloat == nil)
            try connection.script("vacuum (analyze) decision_vectors")
            let new = try ServerMeasurement(reading: connection, before: nil)
            let fresh = try #require(new.vectors?.bloat)
            #expect((1...1.3).contains(fresh), "\(fresh)")
            #expect(new.tables.first { $0.name == Schema.retired }?.bloat == nil)
            try connection.script("delete from decision_vectors where substr(id, 3)::int % 2 = 0")
            try connection.script("vacuum (analyze) decision_vectors")
            let half = try #require(try ServerMeasurement(reading: connection, before: nil).vectors?.bloat)
            #expect((1.7...2.6).contains(half) && abs(half / fresh - 2) < 0.3, "\(fresh), \(half)")
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `btree indexes are estimated too, and others by other means`(version: PostgresVersion) throws {
        try withSchema(version) { _, connection in
            let vector: SQL = connection.isHoldingVectors ? "::vector" : ""
            try connection.script("drop index if exists decision_vectors_embedding_hnsw")
            // Nobody but the test gathers statistics.
            try connection.script("alter table decision_inbox set (autovacuum_enabled = false)")
            try connection.run(
                """
                insert into decision_inbox (id, embedding, metadata)
                select lpad(n::text, 64, '0'), array_fill(1::real, array[384])\(sql: vector),
                    '{"tenant":"acme"}'::jsonb
                from generate_series(1, 8000) as n
                """)
            try connection.script("reindex table decision_inbox")
            try connection.script("vacuum (analyze) decision_inbox")
            func factors() throws -> [String: Double] {
                try StatisticalBloat.indexes(of: [Schema.inbox], connection)
            }
            let fresh = try #require(try factors()["decision_inbox_pkey"])
            #expect((1...1.2).contains(fresh), "\(fresh)")
            try connection.script("delete from decision_inbox where id::int % 2 = 0")
            try connection.script("vacuum (analyze, index_cleanup on) decision_inbox")
            let half = try #require(try factors()["decision_inbox_pkey"])
            #expect(abs(half / fresh - 2) < 0.3, "\(fresh), \(half)")
            let measured = try ServerMeasurement(reading: connection, before: nil)
            let told = measured.indexes(distinct: nil).first { $0.name == "decision_inbox_pkey" }
            #expect(told?.bloat == half)
            #expect(measured.indexes.allSatisfy { $0.index.method == "btree" || $0.index.bloat == nil })
        }
    }

    @Test func `who may read no statistics is told of no bloat, and partitions count together`() throws {
        try withSchema { database, connection in
            try fill(connection, 2_000)
            #expect(try Migrator(connection).migrate(layout: .partition(2)).problems == [])
            try connection.script("vacuum (analyze) decision_rows")
            let role = try connection.makeRole()
            try connection.run("grant select on decision_inbox to \(identifier: role)")
            let reader = try PostgresConnection.open(
                try PostgresServerAddress(database.address).with("user", role))
            func bloat(_ connection: PostgresConnection) throws -> Double? {
                try StatisticalBloat.tables([Schema.rows, Schema.inbox], connection)[Schema.rows]
            }
            #expect(try bloat(connection).map { (1...1.3).contains($0) } == true)
            #expect(try bloat(reader) == nil)
            try connection.run(
                "grant select on decision_rows, decision_rows_0, decision_rows_1 to \(identifier: role)")
            #expect(try bloat(reader) == bloat(connection))
            reader.close()
            try connection.dropRole(role)
        }
    }

    @Test func `a partition without rows keeps no bloat of an index from being told`() throws {
        try withSchema { _, connection in
            try fill(connection, 2_000)
            // Long ones, since an index of few pages is not judged.
            try connection.script("update decision_vectors set id = lpad(id, 200, '0')")
            #expect(try Migrator(connection).migrate(layout: .partition(4)).problems == [])
            try connection.script("vacuum (analyze) decision_rows")
            let empty = try connection.run(
                """
                select count(*) from pg_class
                where relname ~ '^decision_rows_[0-9]+$' and relpages = 0 and reltuples = 0
                """
            ).onlyRow().int(0)
            // They are all of one tenant.
            #expect(empty == 3)
            let key = try StatisticalBloat.indexes(of: [Schema.rows], connection)["decision_rows_pkey"]
            #expect(key.map { (1...3).contains($0) } == true, "\(String(describing: key))")
        }
    }

    @Test func `settings are those of the session`() throws {
        try withSchema { database, _ in
            let address = try PostgresServerAddress(database.address).with(
                "options", "-cstatement_timeout=4s -cmaintenance_work_mem=97MB -csynchronous_commit=off")
            let connection = try PostgresConnection.open(address)
            defer { connection.close() }
            let settings = try ServerSettings(reading: connection)
            #expect(settings.statementTimeoutMilliseconds == 4_000)
            #expect(settings.maintenanceBytes == 97 << 20 && settings.isMaintenanceChosen)
            #expect(settings.synchronousCommit == "off" && settings.pgvector != nil)
            #expect(settings.maximumConnections > settings.reservedConnections && settings.connections > 0)
            #expect(settings.dangers.contains { $0.contains("synchronous_commit is off") })
            #expect(
                settings.hints(indexBytes: 0, rows: 0).contains {
                    $0.contains("statement_timeout is 4000 ms")
                })
        }
    }

    @Test func `who has a table to himself is told, and what was known of sizes stays`() throws {
        try withSchema(.fifteen) { database, connection in
            try fill(connection, 10)
            let before = try ServerMeasurement(reading: connection, before: nil)
            #expect(before.locks.isEmpty)
            let other = try database.connect()
            defer { other.close() }
            try other.script("set application_name = 'their\u{1B} batch'; begin; lock table decision_vectors")
            let during = try ServerMeasurement(reading: connection, before: before)
            #expect(during.tables == before.tables)
            var lock = try #require(during.locks.first)
            #expect(lock.process == Int(other.processNumber) && lock.mode == "AccessExclusiveLock")
            #expect(lock.isGranted && lock.table == Schema.vectors)
            lock.seconds = 42
            let check = PostgresLog.locksCheck([lock], since: Self.now)
            #expect(check.status == .degraded)
            #expect(check.detail.contains("has decision_vectors to itself for 42 s"), "\(check.detail)")
            #expect(check.detail.contains("pg_terminate_backend(\(other.processNumber))"))
            #expect(!check.detail.contains("\u{1B}"))
            try other.script("commit")
        }
    }

    @Test func `the room of an element follows the layout of a page`() {
        #expect(IndexBloat.elementBytes(m: 16, operatorClass: "vector_cosine_ops") == 2_048)
        #expect(IndexBloat.elementBytes(m: 16, operatorClass: "halfvec_ip_ops") == 8_192.0 / 7)
        #expect(IndexBloat.elementBytes(m: 16, operatorClass: "jsonb_path_ops") == nil)
        var index = ServerReport.Index(
            name: "i", table: Schema.vectors, method: "hnsw", bytes: 8_192_000, scans: 0, m: 16)
        func factor(rows: Int, distinct: Int) -> Double? {
            IndexBloat.factor(of: index, operatorClass: "vector_l2_ops", rows: rows, distinct: distinct)
        }
        #expect(factor(rows: 4_000, distinct: 4_000) == 1)
        // Ten rows of one vector share an element.
        #expect(factor(rows: 20_000, distinct: 5) == 2)
        #expect(factor(rows: 900, distinct: 900) == nil)
        index.m = nil
        #expect(factor(rows: 4_000, distinct: 4_000) == nil)
    }

    @Test func `what hurts is told with what to do, and what endangers degrades`() {
        var settings = ServerSettings()
        settings.sharedBuffers = 128 << 20
        settings.maintenanceBytes = 64 << 20
        settings.maximumConnections = 100
        settings.reservedConnections = 3
        settings.connections = 40
        settings.maintenanceWorkers = 2
        settings.pgvector = ExtensionVersion("0.8.6")
        #expect(settings.dangers.isEmpty && settings.hints(indexBytes: 1 << 20, rows: 1_000).isEmpty)
        let hints = settings.hints(indexBytes: 2 << 30, rows: 1_000_000)
        #expect(
            hints.count == 2 && hints[0].contains("shared_buffers") && hints[1].contains("2.2 GB"), "\(hints)"
        )
        settings.connections = 90
        settings.fsync = false
        settings.autovacuum = false
        #expect(settings.dangers.count == 3)
        var measured = ServerMeasurement()
        measured.settings = settings
        #expect(PostgresLog.settingsCheck(measured, since: Self.now).status == .degraded)
        // Half of what building takes, and no more than the server has for its pages.
        #expect(settings.buildingBytes(for: 2_210_000_000) == 128 << 20)
        #expect(settings.buildingBytes(for: 100 << 20) == 100 << 20)
        settings.isMaintenanceChosen = true
        #expect(settings.buildingBytes(for: 2_210_000_000) == 64 << 20)
        measured.tables = [
            ServerReport.Table(
                name: Schema.vectors, liveRows: 1_000_000, deadRows: 0, bytes: 0, indexBytes: 0)
        ]
        let notes = measured.rebuildNotes
        #expect(notes.count == 3 && notes[1].contains("options=-cmaintenance_work_mem%3D2108MB"), "\(notes)")
        // Of partitions one is built at a time.
        measured.layout = .partitioned
        measured.tables[0].name = Schema.rows
        measured.parts = [200_000, 800_000].map { rows in
            IndexedPart(table: "decision_rows_\(rows)", index: nil, bytes: 0, rows: rows)
        }
        #expect(measured.rebuildNotes[0].contains("one of 2 partitions after the other"))
        #expect(measured.rebuildNotes[1].contains("options=-cmaintenance_work_mem%3D1687MB"))
        #expect(measured.hints.contains { $0.contains("takes (1.8 GB)") }, "\(measured.hints)")
    }

    @Test func `dead rows and a loose index are told from a size on`() {
        var measured = ServerMeasurement()
        var table = ServerReport.Table(
            name: Schema.vectors, liveRows: 100_000, deadRows: 30_000, bytes: 1 << 30, indexBytes: 1 << 30)
        measured.tables = [table]
        #expect(PostgresLog.tableCheck(measured, since: Self.now).status == .ok)
        table.deadRows = 60_000
        measured.tables = [table]
        let check = PostgresLog.tableCheck(measured, since: Self.now)
        #expect(check.status == .degraded && check.detail.contains("run vacuum (analyze) decision_vectors"))
        func index(
            _ bytes: Int, isValid: Bool = true, name: String = "i", distinct: Int? = 50_000
        ) -> HealthCheck {
            let index = ServerReport.Index(
                name: name, table: Schema.vectors, method: "hnsw", bytes: bytes, scans: 1, isValid: isValid,
                m: 16,
                efConstruction: 64)
            measured.indexes = [.init(index: index, operatorClass: "vector_cosine_ops")]
            return PostgresLog.neighborsCheck(
                measured, distinct: distinct, storage: .vector, since: Self.now)
        }
        #expect(index(110 << 20).status == .ok)
        #expect(index(400 << 20).detail.contains("4.1 times larger than need be, run verdict rebuild"))
        // Before it is known how many vectors differ nothing is said of its size.
        #expect(index(400 << 20, distinct: nil).status == .ok)
        #expect(measured.indexes(distinct: nil).allSatisfy { $0.bloat == nil })
        #expect(index(110 << 20, isValid: false).detail.contains("invalid"))
        #expect(index(110 << 20, isValid: false, name: "i_ccnew").detail.contains("left behind"))
        measured.indexes = []
        func none(_ storage: EmbeddingStorage) -> HealthCheck.Status {
            PostgresLog.neighborsCheck(measured, distinct: 9, storage: storage, since: Self.now).status
        }
        #expect(none(.vector) == .degraded && none(.array) == .ok)
    }

    @Test func `a loose table is told and no trouble, a loose index is to be built anew`() {
        var measured = ServerMeasurement()
        var table = ServerReport.Table(
            name: Schema.vectors, liveRows: 100_000, deadRows: 0, bytes: 1 << 30, indexBytes: 1 << 30,
            bloat: 1.8)
        measured.tables = [table]
        #expect(!PostgresLog.tableCheck(measured, since: Self.now).detail.contains("larger"))
        table.bloat = 3.14
        measured.tables = [table]
        let loose = PostgresLog.tableCheck(measured, since: Self.now)
        #expect(loose.status == .ok && loose.detail.contains("about 3.1 times larger than need be"))
        #expect(loose.detail.contains("vacuum full decision_vectors"))
        func check(_ bytes: Int, _ bloat: Double?) -> HealthCheck {
            let index = ServerReport.Index(
                name: "decision_vectors_pkey", table: Schema.vectors, method: "btree", bytes: bytes, scans: 1,
                bloat: bloat)
            measured.indexes = [.init(index: index, operatorClass: "text_ops")]
            return PostgresLog.tableCheck(measured, since: Self.now)
        }
        #expect(check(1 << 30, 1.9).status == .ok && check(1 << 20, 9).status == .ok)
        #expect(check(1 << 30, nil).status == .ok)
        let told = check(1 << 30, 2.5)
        #expect(told.status == .degraded && told.detail.contains("about 2.5 times larger than need be"))
        #expect(
            told.detail.contains("reindex index concurrently \"decision_vectors_pkey\""), "\(told.detail)")
    }

    @Test(arguments: PostgresVersion.allCases)
    func `an open store tells of its server at once and as a check`(version: PostgresVersion) async throws {
        let database = try StoreDatabase(version)
        defer { database.drop() }
        let store = try database.open()
        let report = try #require(try await store.statistics().server)
        #expect(report.outage == nil && report.relations?.tables.first?.name == Schema.vectors)
        #expect((report.relations?.neighbors != nil) == (version == .eighteenWithVectors))
        #expect(report.rebuildNotes.isEmpty == (version == .fifteen))
        let names = Set(try await store.health().map(\.name))
        #expect(names.isSuperset(of: ["table", "server index", "settings", "locks"]))
        #expect(try await store.statistics().diskBytes > 0)
        await store.close()
    }
}

extension PostgresConnection {
    /// Whether embeddings are held by pgvector.
    fileprivate var isHoldingVectors: Bool {
        (try? number("select count(*) from pg_extension where extname = 'vector'")) == 1
    }
}
