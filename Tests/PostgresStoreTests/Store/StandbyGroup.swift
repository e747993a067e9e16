import PostgresTesting
import Testing
import VectorStores

@testable import PostgresStore

/// A primary server with two standbys that follow it.
final class StandbyGroup: Sendable {
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
        for standby in standbys { try settle(standby) }
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

    /// Waits until a standby has replayed all that the primary has written.
    func settle(_ standby: PostgresServer) throws {
        let (source, control) = try (Self.connect(primary), Self.connect(standby))
        defer {
            source.close()
            control.close()
        }
        let written = try source.run("select pg_current_wal_lsn()::text").onlyRow().text(0)
        while try !control.run("select pg_last_wal_replay_lsn() >= \(written)::pg_lsn, pg_sleep(0.02)")
            .onlyRow().bool(0)
        {}
    }

    /// Commits something on the primary; the standbys are told of it before it is done, and need not show it.
    func commit() throws {
        let control = try Self.connect(primary)
        defer { control.close() }
        try control.script(
            "create table if not exists commits (number bigint); insert into commits values (1)")
    }

    /// Stops the replay of a standby, which has replayed all there is and goes on receiving.
    func pauseReplay(on standby: PostgresServer) throws {
        try settle(standby)
        let control = try Self.connect(standby)
        defer { control.close() }
        try control.run("select pg_wal_replay_pause()")
        while try control.run("select pg_get_wal_replay_pause_state(), pg_sleep(0.02)").onlyRow().text(0)
            != "paused"
        {}
        try commit()
    }

    /// Waits until a standby tells that it may be more than so many seconds behind.
    func waitForLag(of seconds: Double, on standby: PostgresServer) throws {
        let control = try Self.connect(standby)
        defer { control.close() }
        while try #require(try ServerMoment.read(control)).lagSeconds <= seconds {
            try control.run("select pg_sleep(0.02)")
        }
    }
}
