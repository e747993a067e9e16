import Foundation
import Glibc
import PostgresStore
import PostgresTesting
import Testing

/// Connecting a step at a time: limits of time, hosts that say nothing, what a server tells at login, and how soon one
/// that is gone is missed.
@Suite struct ConnectionPollingTests {
    private func open(_ address: String) throws -> PostgresConnection {
        try PostgresConnection.open(PostgresServerAddress(address))
    }

    @Test func `what is told at login is kept, and not printed`() throws {
        let server = try PostgresServer.shared(.fifteen)
        let database = try TestDatabase(on: server)
        defer { database.drop() }
        let connection = try database.connect()
        try connection.run("update pg_database set datcollversion = '0' where datname = \(database.name)")
        let next = try database.connect()
        #expect(next.notices.contains { $0.contains("collation version") }, "\(next.notices)")
    }

    @Test func `the next host is tried where one takes the connection and says nothing`() throws {
        let server = try PostgresServer.shared(.fifteen)
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        proxy.set(.silent)
        let connection = try open(
            "postgres://postgres@127.0.0.1:\(proxy.port),127.0.0.1:\(server.port)/postgres?connect_timeout=5")
        #expect(try connection.run("select 1").onlyRow().int(0) == 1)
    }

    @Test func `the next host is tried where one does not take the connection`() throws {
        let server = try PostgresServer.shared(.fifteen)
        let full = try FullListener()
        let connection = try open(
            "postgres://postgres@127.0.0.1:\(full.port),127.0.0.1:\(server.port)/postgres?connect_timeout=5")
        #expect(try connection.run("select 1").onlyRow().int(0) == 1)
        let error = try #require(throws: PostgresError.self) {
            try open("postgres://postgres@127.0.0.1:\(full.port)/postgres?connect_timeout=1")
        }
        #expect(error.code == .connection && error.description.contains("timeout expired"), "\(error)")
    }

    @Test func `the environment and a service say how long connecting takes`() async throws {
        let server = try PostgresServer.shared(.fifteen)
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        proxy.set(.silent)
        let file = FileManager.default.temporaryDirectory.appending(path: TestDatabase.uniqueName("services"))
            .path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "[quick]\nhost=127.0.0.1\nport=\(proxy.port)\nuser=postgres\nconnect_timeout=1\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        // The environment is a process's own.
        await #expect(processExitsWith: .success) { [file = file as String, port = proxy.port as Int] in
            unsafe setenv("PGSERVICEFILE", file, 1)
            for (variable, address) in [
                ("1", "postgres://postgres@127.0.0.1:\(port)/postgres"),
                ("600", "postgres:///?service=quick"),
            ] {
                unsafe setenv("PGCONNECT_TIMEOUT", variable, 1)
                let start = ContinuousClock.now
                let error = try #require(throws: PostgresError.self) {
                    try PostgresConnection.open(PostgresServerAddress(address))
                }
                try #require(error.description.contains("timeout expired"))
                try #require(ContinuousClock.now - start < .seconds(300))
            }
        }
    }

    @Test func `a server that is gone is missed soon, or as the address says`() throws {
        let server = try PostgresServer.shared(.fifteen)
        for (parameters, idle) in [("", Int32(30)), ("?keepalives_idle=77", 77)] {
            let proxy = try TestProxy(to: server.port)
            defer { proxy.end() }
            let connection = try open(proxy.address(of: server) + parameters)
            let socket = try #require(Self.socket(to: proxy.port))
            #expect(Self.option(TCP_KEEPIDLE, of: socket) == idle)
            #expect((Self.option(TCP_USER_TIMEOUT, of: socket) == 30_000) == parameters.isEmpty)
            #expect((Self.option(TCP_KEEPCNT, of: socket) == 3) == parameters.isEmpty)
            #expect(connection.isHealthy)
        }
    }

    /// The socket of this process that leads to a port.
    private static func socket(to port: Int) -> Int32? {
        (3..<Int32(1_024)).first { number in
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe getpeername(number, $0, &length)
                }
            }
            return status == 0 && address.sin_family == sa_family_t(AF_INET)
                && Int(UInt16(bigEndian: address.sin_port)) == port
        }
    }

    private static func option(_ name: Int32, of socket: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(socket, Int32(IPPROTO_TCP), name, &value, &length) == 0 ? value : nil
    }
}

/// A port whose queue of connections is full, so that the next ones get no answer.
private final class FullListener {
    let port: Int
    private var sockets: [Int32] = []

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        sockets = [listener]
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listener, pointer, length) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        try #require(isReady)
        for _ in 0..<4 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            sockets.append(client)
            _ = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(client, $0, length)
                }
            }
        }
    }

    deinit { for socket in sockets { close(socket) } }
}
