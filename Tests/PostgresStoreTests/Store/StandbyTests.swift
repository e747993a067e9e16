import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

@Suite(.timeLimit(.minutes(5))) struct StandbyTests {
    private static func count(_ store: any DecisionStore) async throws -> Int {
        try await store.statistics().vectors
    }

    private static func waitFor(_ count: Int, in store: any DecisionStore) async throws {
        var changes = store.changes().makeAsyncIterator()
        while try await self.count(store) < count, await changes.next() != nil {}
    }

    @Test func `the server's index is built on the primary, wherever that stands in the address`()
        async throws
    {
        let group = try StandbyGroup(.eighteenWithVectors)
        let store = try PostgresStore.open(
            .postgres(group.address(isPrimaryLast: true)), options: StoreOptions(clock: Sample.clock))
        _ = try await store.insert(Sample.entries(0..<20))
        let report = try await store.rebuild(RebuildRequest()) { _ in }
        let server = try #require(report.server)
        #expect(server.refusal == nil && server.bytesAfter > 0, "\(server)")
        await store.close()
    }

    @Test(arguments: PostgresVersion.allCases)
    func `the primary dies, a standby is promoted, and nothing acknowledged is lost`(
        version: PostgresVersion
    ) async throws {
        let group = try StandbyGroup(version)
        let writer = try group.open(.write)
        let reader = try group.open(.read, "?readers=standby&staleness=2")
        _ = try await writer.insert(Sample.entries(0..<50))
        try await Self.waitFor(50, in: reader)
        #expect(try group.standbys.map { try group.sessions(on: $0) }.reduce(0, +) > 0)
        try group.primary.stop(.immediate)
        async let acknowledged = writer.insert(Sample.entries(50..<80))
        let promoted = try group.foremost()
        try promoted.promote()
        #expect(try await acknowledged.outcomes.allSatisfy { $0.disposition != .expired })
        _ = try await writer.insert(Sample.entries(80..<100))
        #expect(try await Self.count(writer) == 100)
        let connection = try StandbyGroup.connect(promoted, database: group.name)
        let rows = try connection.run(
            """
            select count(distinct id) from
                (select id from decision_inbox union all select id from decision_vectors) as rows
            """
        ).onlyRow().int(0)
        #expect(rows == 100)
        // The other standby still waits for the server that died: it is too old to be read from by then.
        try await Self.waitFor(100, in: reader)
        #expect(try await Self.count(reader) == 100)
        connection.close()
        await reader.close()
        await writer.close()
    }

    @Test func `what a server that died had and nobody else is forgotten`() async throws {
        let group = try StandbyGroup(.eighteenWithVectors)
        let control = try StandbyGroup.connect(group.primary)
        // From here on commits wait for nobody, and one standby gets nothing more.
        try control.run("alter system reset synchronous_standby_names")
        try control.run("select pg_reload_conf()")
        let writer = try group.open(.write)
        _ = try await writer.insert(Sample.entries(0..<10))
        while try control.run(
            "select count(*), pg_sleep(0.02) from pg_stat_replication where replay_lsn = pg_current_wal_lsn()"
        ).onlyRow().int(0) < 2 {}
        for standby in group.standbys { try standby.stop() }
        _ = try await writer.insert(Sample.entries(10..<20))
        #expect(try await Self.count(writer) == 20)
        control.close()
        try group.primary.stop(.immediate)
        for standby in group.standbys { try standby.start() }
        try group.standbys[0].promote()
        let report = try await writer.insert(Sample.entries(20..<30))
        #expect(report.outcomes.allSatisfy { $0.disposition == .accepted })
        #expect(try await Self.count(writer) == 20)
        #expect(try await writer.entries(id: "d-15", tenant: nil).isEmpty)
        let again = try await writer.insert(Sample.entries(10..<20))
        #expect(again.outcomes.allSatisfy { $0.disposition == .accepted })
        await writer.close()
    }

    @Test(arguments: PostgresVersion.allCases)
    func `standbys that are too far behind are passed over, and who takes them as they are is told`(
        version: PostgresVersion
    ) async throws {
        let group = try StandbyGroup(version)
        let reader = try group.open(.read, "?readers=standby&staleness=1")
        for standby in group.standbys { try group.pauseReplay(on: standby) }
        let writer = try group.open(.write)
        _ = try await writer.insert(Sample.entries(0..<20))
        for standby in group.standbys { try group.waitForLag(of: 1, on: standby) }
        // No standby shows them, nor will one.
        try await Self.waitFor(20, in: reader)
        let late = try group.open(.read, "?readers=standby&staleness=1")
        #expect(try await Self.count(late) == 20)
        #expect(
            try await late.health().first { $0.name == "mirror" }?.detail == "20 rows, as the server has them"
        )

        let patient = try group.open(.read, "?readers=standby&staleness=3600")
        #expect(try await Self.count(patient) == 0)
        let server = try #require(try await patient.statistics().server)
        #expect(server.mirrorAgeSeconds > 1)
        let check = try #require(try await patient.health().first { $0.name == "mirror" })
        #expect(check.status == .ok, "\(check.detail)")
        #expect(check.detail.contains("as a standby server has them, at most "), "\(check.detail)")

        // Whoever names one standby has no other to go to.
        let alone = group.standbys[0].address(database: group.name, parameters: ["staleness=1"])
        let store = try PostgresStore.open(.postgres(alone), options: StoreOptions(clock: Sample.clock))
        let warning = try #require(try await store.health().first { $0.name == "mirror" })
        #expect(
            warning.status == .degraded && warning.detail.contains("name the primary"), "\(warning.detail)")
        for store in [reader, writer, late, patient, store] { await store.close() }
    }

    @Test func `who may write loads from a standby and follows the primary`() async throws {
        let group = try StandbyGroup(.eighteenWithVectors)
        let first = try group.open(.write)
        _ = try await first.insert(Sample.entries(0..<20))
        let second = try group.open(.write, "?readers=standby")
        try await Self.waitFor(20, in: second)
        let inserted = try await second.insert(Sample.entries(10..<30))
        #expect(inserted.outcomes.count { $0.disposition == .accepted } == 10)
        try await Self.waitFor(30, in: first)
        #expect(try await Self.count(first) == 30)
        await first.close()
        await second.close()
    }
}

@Suite struct ServerMomentTests {
    private static func moment(_ text: String) throws -> ServerMoment { try #require(ServerMoment(text)) }

    @Test func `a moment says where it is`() throws {
        let primary = ServerMoment(isStandby: false, timeline: 10, written: 1_000)
        #expect(try Self.moment("p 0000000A 1000") == primary)
        var standby = ServerMoment(isStandby: true, timeline: 10, written: 7, lagSeconds: 2.5)
        #expect(try Self.moment("s 10 7 2.500 seen") == standby)
        standby.hidesWhatItHeard = true
        #expect(try Self.moment("s 10 7 2.500 hidden") == standby)
        for text in ["", "p", "p 1", "p 1 x", "s 10 7", "s 10 7 NaN seen", "p 1 2 3 seen"] {
            #expect(ServerMoment(text) == nil)
        }
    }

    @Test func `how far a standby may be behind is told as a bound, and what is not known with it`() throws {
        var standby = try Self.moment("s 10 7 2.500 seen")
        #expect(standby.told(.seconds(2.5)) == "at most 3 seconds behind the primary")
        #expect(standby.told(.seconds(0.2)) == "at most 1 second behind the primary")
        standby.hidesWhatItHeard = true
        #expect(
            standby.told(.seconds(9)).hasPrefix(
                "at most 9 seconds behind the primary by the last transaction"))
        #expect(standby.told(.seconds(9)).contains("grant pg_read_all_stats"))
    }

    @Test func `a mirror is as old as what it was read from`() throws {
        var standing = Standing()
        standing.began(at: try Self.moment("s 1 900 3600 seen"), asked: .now - .seconds(2))
        standing.succeeded()
        #expect(standing.age >= .seconds(3_602) && standing.sinceAsked < .seconds(1_000))
        standing.began(at: try Self.moment("p 00000001 1000"), asked: .now)
        standing.succeeded()
        #expect(standing.age < .seconds(1_000))
    }

    @Test func `what was read is there, not yet there, or in doubt`() throws {
        let before = try Self.moment("p 00000001 1000")
        #expect(try Self.moment("p 00000001 1000").relation(to: before) == .later)
        #expect(try Self.moment("p 00000001 900").relation(to: before) == .doubtful)
        #expect(try Self.moment("s 1 900 0 seen").relation(to: before) == .behind)
        #expect(try Self.moment("s 1 1100 0 seen").relation(to: before) == .later)
        #expect(try Self.moment("p 00000002 2000").relation(to: before) == .doubtful)
        #expect(try Self.moment("s 1 3000 0 seen").relation(to: Self.moment("p 00000002 2000")) == .behind)
        #expect(try Self.moment("p 00000002 2000").relation(to: nil) == .later)
    }

    @Test func `readers are spread over hosts, writers look for the one that takes writes`() throws {
        let address = try PostgresServerAddress("postgres://u@a:1,b:2,c:3/db?readers=standby&staleness=3")
        #expect(address.readsFromStandby && address.stalenessSeconds == 3)
        #expect(address.forWriting["target_session_attrs"] == "read-write")
        #expect(try PostgresServerAddress("postgres://u@a:1/db").forWriting["target_session_attrs"] == nil)
        var generator = SystemRandomNumberGenerator()
        var seen: Set<String> = []
        for _ in 0..<200 {
            let reading = address.forReading(using: &generator)
            #expect(reading.allSatisfy { $0["target_session_attrs"] == "any" })
            let hosts = reading.map { "\($0["host"] ?? "")\($0["port"] ?? "")" }
            #expect(hosts.sorted() == ["a1", "b2", "c3"])
            seen.insert(hosts.joined())
        }
        #expect(seen.count > 1)
        let shared = try PostgresServerAddress("postgres://u@a,b/db?port=7").forReading(using: &generator)
        #expect(Set(shared.map { "\($0["host"] ?? "")\($0["port"] ?? "")" }) == ["a7", "b7"])
        // The hosts of a service are libpq's to know.
        let service = try PostgresServerAddress("postgres:///?service=x").forReading(using: &generator)
        #expect(service.map { $0["target_session_attrs"] } == ["prefer-standby"])
        for bad in ["readers=primary", "staleness=0", "staleness=x"] {
            #expect(throws: PostgresError.self) { try PostgresServerAddress("postgres://u@a/db?\(bad)") }
        }
    }
}
