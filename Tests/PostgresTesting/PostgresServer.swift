import Foundation
import Glibc
import Locks
import PostgresStore

/// A PostgreSQL server for tests, in a temporary folder and on a free port of this machine.
///
/// A shell watches over it: when this process ends, however it ends, the server and its folder go.
package final class PostgresServer: Sendable {
    /// Why a server is not to be had; the tests that want it fail.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// How a server is stopped.
    package enum Stop: String, Sendable {
        /// Connections are cut, what was committed is written.
        case fast
        /// As if the power failed.
        case immediate
    }

    /// Its folder, with the log of the server in `log`.
    package let directory: String
    /// Its port on 127.0.0.1.
    package let port: Int
    /// The certificate that TLS is checked with; there is none where the server has no TLS.
    package var certificate: String { directory + "/server.crt" }
    private let watch: Mutex<ServerWatch>

    /// The server of a version that every test of this process uses; nobody stops it.
    ///
    /// It is one that the tests started, whatever `$VERDICT_TEST_POSTGRES` names: tests that need its rules of who may
    /// connect, or a network that can be cut, are told its port.
    package static func shared(_ version: PostgresVersion) throws -> PostgresServer {
        switch version {
        case .eighteenWithVectors: try eighteen.get()
        case .fifteen: try fifteen.get()
        }
    }

    private static let eighteen = Result { try PostgresServer(.eighteenWithVectors) }
    private static let fifteen = Result { try PostgresServer(.fifteen) }

    /// Starts a server of its own for a test that stops it or sets it up in a way of its own.
    ///
    /// Takes some seconds. The settings are lines of `postgresql.conf`.
    package convenience init(_ version: PostgresVersion, settings: [String] = []) throws {
        try self.init(version, settings: settings, preparing: "prepare")
    }

    /// Starts a standby that follows a server under a name; both of one version.
    ///
    /// Takes some seconds.
    package convenience init(
        _ version: PostgresVersion, following primary: PostgresServer, as name: String
    ) throws {
        try self.init(version, settings: [], preparing: "clone \(primary.port) \(name)")
    }

    private init(_ version: PostgresVersion, settings: [String], preparing: String) throws {
        let installation = try PostgresInstallation(version)
        directory = try Self.temporaryFolder()
        port = try TestProxy.freePort()
        let lines =
            Self.settings(directory: directory, port: port, isEncrypted: version == .fifteen) + settings
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: directory + "/verdict.conf", atomically: true, encoding: .utf8)
        try Self.rules.write(toFile: directory + "/pg_hba.conf", atomically: true, encoding: .utf8)
        watch = Mutex(try ServerWatch(installation, directory: directory))
        try perform(preparing)
        try perform("start")
    }

    /// Stops it; connections break.
    package func stop(_ how: Stop = .fast) throws { try perform("stop \(how.rawValue)") }

    /// Starts it again on the same port with what it had.
    package func start() throws { try perform("start") }

    /// Makes a standby a server that takes writes.
    package func promote() throws { try perform("promote") }

    private func perform(_ command: String) throws {
        guard try watch.withLock({ try $0.perform(command) }) else {
            let log = (try? String(contentsOfFile: directory + "/control", encoding: .utf8)) ?? ""
            throw Failure(description: "PostgreSQL did not \(command): \(log.suffix(2_000))")
        }
    }

    /// The address of a database there.
    package func address(
        database: String = "postgres", user: String = "postgres", parameters: [String] = []
    ) -> String {
        let query = parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&")
        return "postgres://\(user)@127.0.0.1:\(port)/\(database)\(query)"
    }
}

extension PostgresServer {
    /// Small, and quick rather than safe from power failures; many may connect.
    private static func settings(directory: String, port: Int, isEncrypted: Bool) -> [String] {
        [
            "listen_addresses = '127.0.0.1'", "port = \(port)", "unix_socket_directories = '\(directory)'",
            "hba_file = '\(directory)/pg_hba.conf'", "max_connections = 500", "shared_buffers = '64MB'",
            "fsync = off", "full_page_writes = off", "max_wal_size = '512MB'", "lc_messages = 'C'",
            "log_timezone = 'UTC'", "timezone = 'UTC'", "password_encryption = 'scram-sha-256'",
        ]
            + (isEncrypted
                ? [
                    "ssl = on", "ssl_cert_file = '\(directory)/server.crt'",
                    "ssl_key_file = '\(directory)/server.key'",
                ] : [])
    }

    /// Everybody is believed but three users, which the tests of connecting make.
    private static let rules = """
        local all all trust
        host all secret_user 127.0.0.1/32 scram-sha-256
        host replication all 127.0.0.1/32 trust
        hostnossl all encrypted_user 127.0.0.1/32 reject
        host all refused_user 127.0.0.1/32 reject
        host all all 127.0.0.1/32 trust

        """

    static func temporaryFolder() throws -> String {
        var template = Array("/tmp/verdict-postgres-XXXXXX".utf8CString)
        guard let path = unsafe mkdtemp(&template) else {
            throw Failure(description: "there is no temporary folder for PostgreSQL: error \(errno)")
        }
        return unsafe String(cString: path)
    }
}
