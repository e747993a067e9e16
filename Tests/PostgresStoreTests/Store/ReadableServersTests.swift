import PostgresTesting
import Testing

@testable import PostgresStore

/// Which of several servers is read, and how far behind a standby is taken to be.
@Suite(.timeLimit(.minutes(5))) struct ReadableServersTests {
    private static func port(_ servers: ReadableServers) throws -> Int {
        try servers.reading { connection throws(PostgresError) in
            try connection.run("select inet_server_port()").onlyRow().int(0)
        }
    }

    @Test func `of two standbys the one that is near enough is read, and the primary where none is`() throws {
        let group = try StandbyGroup(.fifteen)
        let bound = 4.0
        let address = try PostgresServerAddress(group.address("?readers=standby&staleness=\(Int(bound))"))
        try group.commit()
        for standby in group.standbys { try group.settle(standby) }
        let servers = ReadableServers(address)
        defer { servers.close() }
        let first = try Self.port(servers)
        let late = try #require(group.standbys.first { $0.port == first })
        let near = try #require(group.standbys.first { $0.port != first })
        try group.pauseReplay(on: late)
        try group.waitForLag(of: bound, on: late)
        // Each time another order of hosts, made by chance; those who asked before go on to the other one.
        for _ in 0..<8 {
            try group.commit()
            let others = ReadableServers(address)
            defer { others.close() }
            #expect(try Self.port(others) == near.port)
            #expect(try Self.port(servers) == near.port)
        }
        // What was read of the primary must be there.
        let control = try StandbyGroup.connect(group.primary)
        var ahead = try #require(try ServerMoment.read(control))
        ahead.written += 1 << 30
        let port = try servers.reading(deadline: nil, since: ahead) { connection throws(PostgresError) in
            try connection.run("select inet_server_port()").onlyRow().int(0)
        }
        #expect(port == group.primary.port)
        // Nobody is near any more.
        try group.pauseReplay(on: near)
        try group.waitForLag(of: bound, on: near)
        #expect(try Self.port(servers) == group.primary.port)
        // Without them the primary would wait for one of them to have what it commits, the end of the database too.
        try control.run("alter system reset synchronous_standby_names")
        try control.run("select pg_reload_conf()")
        // Hosts that are gone are left alone, and nobody is told.
        try late.stop(.immediate)
        try near.stop(.immediate)
        #expect(try Self.port(ReadableServers(address)) == group.primary.port)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a standby is as old as what it last heard, although it has replayed all of that`(
        version: PostgresVersion
    ) throws {
        let group = try StandbyGroup(version)
        let standby = group.standbys[0]
        let proxy = try TestProxy(to: group.primary.port)
        defer { proxy.end() }
        let control = try StandbyGroup.connect(standby)
        try control.script(
            """
            alter system set primary_conninfo =
                'host=127.0.0.1 port=\(proxy.port) user=postgres application_name=one'
            """)
        try control.run("select pg_reload_conf()")
        while try control.run(
            """
            select count(*), pg_sleep(0.02) from pg_stat_wal_receiver
            where sender_port = \(proxy.port) and last_msg_send_time <> last_msg_receipt_time
            """
        ).onlyRow().int(0) == 0 { try group.commit() }
        // It follows through the proxy, which falls silent: nobody is told that the network is cut.
        try group.settle(standby)
        proxy.set(.silent)
        try group.commit()
        try group.waitForLag(of: 3, on: standby)
        let replayed = try control.run(
            "select count(*) from pg_stat_wal_receiver where pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()"
        ).onlyRow().int(0)
        #expect(replayed == 1)
    }

    @Test func `what a role may not see of a standby is told`() throws {
        let group = try StandbyGroup(.fifteen)
        let role = TestDatabase.uniqueName("reader")
        let control = try StandbyGroup.connect(group.primary)
        try control.run("create role \(identifier: role) login")
        try group.settle(group.standbys[0])
        func moment() throws -> ServerMoment {
            let address = group.standbys[0].address(user: role)
            let connection = try PostgresConnection.open(try PostgresServerAddress(address))
            defer { connection.close() }
            return try #require(try ServerMoment.read(connection))
        }
        #expect(try moment().isStandby)
        #expect(try moment().hidesWhatItHeard)
        try control.run("grant pg_read_all_stats to \(identifier: role)")
        try group.settle(group.standbys[0])
        #expect(try !moment().hidesWhatItHeard)
    }
}
