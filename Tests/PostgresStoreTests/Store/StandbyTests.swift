import Decisions
import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// A primary server with two standbys that follow it.
private final class Group: Sendable {
    let primary: PostgresServer
    let standbys: [PostgresServer]
    let database: StoreDatabase
    let name: String

    init(_ version: PostgresVersion) throws {
        let primary = try PostgresServer(version)
        self.primary = primary
        standbys = try ["one", "two"].map { try PostgresServer(version, following: primary, as: $0) }
        let control = try Self.connect(primary)
        defer { control.close() }
        // What is acknowledged is on a standby as well; those were copied before this was said.
        try control.run("alter system set synchronous_standby_names = 'ANY 1 (one, two)'")
        try control.run("select pg_reload_conf()")
        while try control.run(
            "select count(*), pg_sleep(0.02) from pg_stat_replication where sync_state = 'quorum'"
        ).onlyRow().int(0) < 2 {}
        database = try StoreDatabase(on: primary)
        name = database.database.name
    }

    static func connect(
        _ server: PostgresServer, database: String = "postgres"
    ) throws -> PostgresConnection {
        try PostgresConnection.open(try PostgresServerAddress(server.address(database: database)))
    }

    /// All three, the primary first or last.
    func address(_ parameters: String = "", isPrimaryLast: Bool = false) -> String {
        let servers = isPrimaryLast ? standbys + [primary] : [primary] + standbys
        let hosts = servers.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        return "postgres://postgres@\(hosts)/\(name)\(parameters)"
    }

    func open(_ access: StoreOptions.Access, _ parameters: String = "") throws -> any DecisionStore {
        var options = StoreOptions(clock: Sample.clock)
        options.access = access
        return try PostgresStore.open(.postgres(address(parameters)), options: options)
    }

    /// The standby that has more of what the primary wrote.
    func foremost() throws -> PostgresServer {
        let received = try standbys.map { standby in
            let connection = try Self.connect(standby)
            defer { connection.close() }
            return try connection.run(
                "select pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::int8"
            ).onlyRow().int(0)
        }
        return received[0] >= received[1] ? standbys[0] : standbys[1]
    }

    /// Who of Verdict is connected to the database there.
    func sessions(on server: PostgresServer) throws -> Int {
        let connection = try Self.connect(server)
        defer { connection.close() }
        return try connection.run(
            "select count(*) from pg_stat_activity where application_name = 'verdict' and datname = \(name)"
        ).onlyRow().int(0)
    }
}

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
        let group = try Group(.eighteenWithVectors)
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
        let group = try Group(version)
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
        let connection = try Group.connect(promoted, database: group.name)
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
        let group = try Group(.eighteenWithVectors)
        let control = try Group.connect(group.primary)
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

    @Test func `who may write loads from a standby and follows the primary`() async throws {
        let group = try Group(.eighteenWithVectors)
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
        #expect(try Self.moment("s 10 7") == ServerMoment(isStandby: true, timeline: 10, written: 7))
        for text in ["", "p", "p 1", "p 1 x"] { #expect(ServerMoment(text) == nil) }
    }

    @Test func `what was read is there, not yet there, or in doubt`() throws {
        let before = try Self.moment("p 00000001 1000")
        #expect(try Self.moment("p 00000001 1000").relation(to: before) == .later)
        #expect(try Self.moment("p 00000001 900").relation(to: before) == .doubtful)
        #expect(try Self.moment("s 1 900").relation(to: before) == .behind)
        #expect(try Self.moment("s 1 1100").relation(to: before) == .later)
        #expect(try Self.moment("p 00000002 2000").relation(to: before) == .doubtful)
        #expect(try Self.moment("s 1 3000").relation(to: Self.moment("p 00000002 2000")) == .behind)
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
            #expect(reading["target_session_attrs"] == "prefer-standby")
            let hosts = try #require(reading["host"]).split(separator: ",")
            let ports = try #require(reading["port"]).split(separator: ",")
            #expect(Set(zip(hosts, ports).map { "\($0)\($1)" }) == ["a1", "b2", "c3"])
            seen.insert(hosts.joined())
        }
        #expect(seen.count > 1)
        for bad in ["readers=primary", "staleness=0", "staleness=x"] {
            #expect(throws: PostgresError.self) { try PostgresServerAddress("postgres://u@a/db?\(bad)") }
        }
    }
}
