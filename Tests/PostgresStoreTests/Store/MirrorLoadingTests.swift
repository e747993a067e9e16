import Decisions
import Locks
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// How a mirror is filled: told before, in order, with its graph at the end.
@Suite(.timeLimit(.minutes(5))) struct MirrorLoadingTests {
    @Test(arguments: StoreHome.allCases)
    func `the cost is told before a row is read, then how far it is`(home: StoreHome) async throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let writer = try database.open()
        for start in stride(from: 0, to: 6_000, by: 1_000) {
            _ = try await writer.insert(Sample.entries(start..<start + 1_000))
        }
        let expected = try await writer.everything()
        try await database.waitForEmptyInbox()
        await writer.close()
        // What moved has left room behind, which is not counted once the server has looked.
        try database.run("vacuum analyze decision_inbox")
        try database.run("vacuum analyze \(identifier: home.table)")
        let told = Mutex<[String]>([])
        let watch = MirrorWatch { cost throws(StoreError) in
            #expect((3_000...12_000).contains(cost.rows))
            told.withLock { $0.append("cost") }
        } advance: { rows, total in
            #expect(rows <= total)
            told.withLock { $0.append("\(rows)") }
        }
        let opened = try OpenedStore(database.address, in: ScratchFolder(), access: .read, watch: watch)
        #expect(told.withLock { $0 } == ["cost", "2000", "4000", "6000"])
        #expect(opened.rowsRead == 6_000)
        #expect(try await opened.store.everything() == expected)
        let checks = try await opened.store.health()
        #expect(checks.contains { $0.name == "index" && $0.status == .ok })
        let walk = SearchRequest(target: .embedding(Sample.entry(7).embedding), limit: 5)
        #expect(try await opened.store.search(walk).results.count == 5)
        await opened.store.close()
    }

    @Test func `a large mirror is linked once it is open, which can be waited for, and is saved linked`()
        async throws
    {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let writer = try database.open()
        // Each of its own vector: a thousand that differ are compared however narrow a walk would be.
        let entries = (0..<1_500).map { number in
            var decision = Sample.decision(number)
            decision.principal.id = "only-\(number)"
            return Sample.entry(decision)
        }
        _ = try await writer.insert(entries)
        try await database.waitForEmptyInbox()
        await writer.close()
        let folder = ScratchFolder()
        var target = SearchRequest(target: .embedding(entries[7].embedding), limit: 5)
        // So narrow that comparing all of so few would take longer.
        target.breadth = 8
        let opened = try OpenedStore(database.address, in: folder, linkedAtOnce: 0)
        // Whether the graph is there already or not.
        #expect(try await opened.store.search(target).results.first?.stored.storedID == "d-7")
        #expect(try await opened.store.statistics().distinct == entries.count)
        #expect(await opened.store.becomesLinked())
        let walked = try await opened.store.search(target)
        #expect(walked.strategy == .mirrorGraph)
        #expect(walked.results.first?.stored.storedID == "d-7")
        await opened.store.close()
        let second = try OpenedStore(database.address, in: folder, access: .read, linkedAtOnce: 0)
        #expect(second.rowsRead == 0)
        // Nothing is left to be linked.
        #expect(try await second.store.search(target).strategy == .mirrorGraph)
        await second.store.close()
    }

    @Test(arguments: StoreHome.allCases)
    func `a mirror of more than 200 MB is asked for, however the rows lie`(home: StoreHome) throws {
        let database = try StoreDatabase(in: home)
        defer { database.drop() }
        let connection = try database.database.connect()
        defer { connection.close() }
        for number in 0..<30 { try connection.store("d-\(number)", tenant: "t-\(number)") }
        try connection.script("vacuum analyze \(home.table)")
        func cost() -> MirrorCost? {
            PostgresStore.mirrorCost(.postgres(database.address), options: StoreOptions(clock: Sample.clock))
        }
        #expect(cost()?.rows == 30 && cost()?.needsConsent == false)
        // As if the server had counted some hundred thousand rows.
        try connection.run(
            """
            update pg_class set reltuples = 20000 * reltuples
            where oid = to_regclass(\(home.table)) and relkind = 'r'
                or oid in (select relid from pg_partition_tree(to_regclass(\(home.table))) where isleaf)
            """)
        #expect(cost().map { (500_000...700_000).contains($0.rows) } == true)
        #expect(cost()?.needsConsent == true)
    }

    @Test func `how many vectors differ is known as soon as everything was read`() async throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let writer = try database.open()
        _ = try await writer.insert(Sample.entries(0..<40))
        await writer.close()
        let options = StoreOptions(clock: Sample.clock)
        let log = try PostgresStore.log(.postgres(database.address), options)
        defer { log.stop() }
        #expect(log.standing.withLock { $0.distinct } == nil)
        // Nothing follows yet: it is the loading that must tell.
        let mirror = try StoreMirror(configuration: options.index)
        try log.load(into: mirror)
        #expect(mirror.distinctCount > 0)
        #expect(log.standing.withLock { $0.distinct } == mirror.distinctCount)
    }

    @Test func `a mirror that is not wanted is not read`() throws {
        let database = try StoreDatabase(.fifteen)
        defer { database.drop() }
        let watch = MirrorWatch { _ throws(StoreError) in throw StoreError(.cancelled, "not wanted") }
        let failure = #expect(throws: StoreError.self) {
            try OpenedStore(database.address, in: ScratchFolder(), watch: watch)
        }
        #expect(failure?.code == .cancelled)
        #expect(failure?.description == "not wanted")
    }

    @Test func `rows come out of the pipeline in order, however many threads make them`() throws {
        for threads in [1, 2, 5] {
            var pipeline = RowPipeline(threads: threads)
            let metadata = Sample.decision(1).metadata
            var ids: [String] = []
            for number in 0..<9_001 {
                let row = TableRow(
                    id: "\(number)", floats: Sample.floats(1), metadata: metadata, createdAt: 0)
                ids += try pipeline.add(row).map(\.rowID)
            }
            while true {
                let rows = try pipeline.next()
                if rows.isEmpty { break }
                ids += rows.map(\.rowID)
            }
            #expect(ids == (0..<9_001).map { "\($0)" })
        }
    }
}
