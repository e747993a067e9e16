import Foundation
import Glibc
import PostgresStore

/// A PgBouncer in transaction mode in front of a server: each transaction may get another session of few.
///
/// A shell watches over it: when this object or the process ends, the pooler and its folder go.
package final class TestPooler: Sendable {
    /// Its port on 127.0.0.1.
    package let port: Int
    private let directory: String
    private let input: FileHandle

    private static let program = "/usr/sbin/pgbouncer"
    /// How long it may take to answer.
    private static let patience = Duration.seconds(120)

    private static let script = #"""
        program=$1 directory=$2
        trap '' INT TERM HUP
        as=
        if [ "$(id -u)" -eq 0 ]; then
            as="setpriv --reuid=65534 --regid=65534 --clear-groups"
            chown -R 65534:65534 "$directory"
        fi
        cd "$directory"
        $as "$program" pooler.ini >log 2>&1 </dev/null &
        read -r _
        kill $!
        wait
        cd /
        rm -rf "$directory"
        """#

    /// Starts one with few sessions for many clients.
    package init(before database: TestDatabase, sessions: Int = 6) throws {
        guard FileManager.default.isExecutableFile(atPath: Self.program) else {
            throw PostgresServer.Failure(
                description: "there is no PgBouncer at \(Self.program): run scripts/setup tests")
        }
        directory = try PostgresServer.temporaryFolder()
        port = try TestProxy.freePort()
        try """
        [databases]
        * = \(try Self.target(PostgresServerAddress(database.address)))
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = \(port)
        unix_socket_dir =
        auth_type = trust
        auth_file = \(directory)/users
        pool_mode = transaction
        default_pool_size = \(sessions)
        max_client_conn = 300

        """.write(toFile: directory + "/pooler.ini", atomically: true, encoding: .utf8)
        try "\"postgres\" \"\"\n".write(toFile: directory + "/users", atomically: true, encoding: .utf8)
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", Self.program, directory]
        process.standardInput = pipe
        input = pipe.fileHandleForWriting
        // Another child that held it would keep the pooler up after this process.
        _ = fcntl(input.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try process.run()
        try waitUntilItAnswers(for: database)
    }

    deinit { try? input.close() }

    /// An address that leads through here.
    package func address(_ database: TestDatabase, parameters: String = "") -> String {
        "postgres://postgres@127.0.0.1:\(port)/\(database.name)\(parameters)"
    }

    /// The server as the pooler names it: by the address of a database, whoever comes.
    private static func target(_ address: PostgresServerAddress) -> String {
        ["host", "port", "user", "password"].compactMap { name in
            address[name].map { "\(name)='\($0.replacing("'", with: "''"))'" }
        }.joined(separator: " ")
    }

    private func waitUntilItAnswers(for database: TestDatabase) throws {
        let address = try PostgresServerAddress(address(database))
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do throws(PostgresError) {
                return try PostgresConnection.open(address).close()
            } catch {
                guard ContinuousClock.now < deadline else {
                    let log = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
                    throw PostgresServer.Failure(
                        description: "PgBouncer does not answer: \(error); \(log.suffix(1_000))")
                }
                usleep(20_000)
            }
        }
    }
}
