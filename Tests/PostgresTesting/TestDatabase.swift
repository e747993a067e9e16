import Foundation
import Glibc
import Locks
package import PostgresStore

/// A database of its own for one test, dropped when nobody holds it any more.
package final class TestDatabase: Sendable {
    /// Its name.
    package let name: String
    /// Its address, for the superuser.
    package let address: String
    private let serverAddress: String
    private let isDropped = Mutex(false)

    /// Makes one on the shared server of a version, or on the server that `$VERDICT_TEST_POSTGRES` names instead of
    /// the one with vectors.
    package convenience init(_ version: PostgresVersion = .eighteenWithVectors) throws {
        switch ServerChoice(version, environment: ProcessInfo.processInfo.environment) {
        case .named(let address): try self.init(at: address)
        case .started: try self.init(on: try PostgresServer.shared(version))
        }
    }

    /// Makes one on a server.
    package convenience init(on server: PostgresServer) throws { try self.init(at: server.address()) }

    private init(at address: String) throws {
        serverAddress = address
        name = Self.uniqueName("test")
        self.address = address + (address.contains("?") ? "&" : "?") + "dbname=\(name)"
        let connection = try PostgresConnection.open(try PostgresServerAddress(address))
        try connection.run("create database \(identifier: name) template template0")
    }

    deinit { drop() }

    /// Drops it with all who are connected; a test that does so in a `defer` also keeps it until then.
    package func drop() {
        let isFirst = isDropped.withLock { isDropped in
            defer { isDropped = true }
            return !isDropped
        }
        guard isFirst, let address = try? PostgresServerAddress(serverAddress),
            let connection = try? PostgresConnection.open(address)
        else { return }
        _ = try? connection.run("drop database if exists \(identifier: name) with (force)")
    }

    /// A connection to it as the superuser.
    package func connect() throws -> PostgresConnection {
        try PostgresConnection.open(try PostgresServerAddress(address))
    }

    private static let made = Mutex(0)

    /// A name for what all databases of a server share, such as roles, that nobody else uses.
    package static func uniqueName(_ beginning: String) -> String {
        let number = made.withLock { count in
            count += 1
            return count
        }
        return "\(beginning)_\(getpid())_\(number)"
    }
}
