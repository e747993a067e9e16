import Foundation
import Glibc
import PostgresStore
import PostgresTesting
import Testing

/// Connecting by libpq's own rules, and what is said where that does not work.
@Suite struct ConnectingTests {
    private func open(_ address: String, deadline: Deadline? = nil) throws -> PostgresConnection {
        try PostgresConnection.open(PostgresServerAddress(address), deadline: deadline)
    }

    private func failure(_ address: String, deadline: Deadline? = nil) throws -> PostgresError {
        let error = try #require(throws: PostgresError.self) { try open(address, deadline: deadline) }
        #expect(!error.description.contains("s3cr3t"))
        return error
    }

    /// Makes a user of that name with a password, once; the server asks it for one.
    private func makeUser(_ name: String, on server: PostgresServer, password: String = "right s3cr3t") throws
    {
        let connection = try open(server.address())
        try connection.script(
            """
            do $$ begin
                create role \(name) login password '\(password)';
            exception when duplicate_object or unique_violation then
                null;  -- Another test made it, perhaps at this moment.
            end $$
            """)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a session is Verdict's unless the address says else`(version: PostgresVersion) throws {
        let server = try PostgresServer.shared(version)
        let connection = try open(server.address(parameters: ["client_encoding=LATIN1"]))
        let row = try connection.run(
            "select current_setting('application_name'), current_setting('client_encoding')"
        ).onlyRow()
        #expect(try row.text(0) == "verdict" && row.text(1) == "UTF8")
        #expect(connection.serverVersion / 10_000 == (version == .fifteen ? 15 : 18))
        #expect(!connection.isPooled && connection.isHealthy && connection.processNumber > 0)
        let named = try open(
            server.address(parameters: ["application_name=mine", "options=-c%20geqo%3Doff"]))
        let own = try named.run("select current_setting('application_name'), current_setting('geqo')")
            .onlyRow()
        #expect(try own.text(0) == "mine" && own.text(1) == "off")
    }

    @Test func `where nobody listens is told`() throws {
        let proxy = try TestProxy(to: 1)
        proxy.end()
        for deadline in [nil, Deadline.now + .seconds(60)] {
            let error = try failure("postgres://u:s3cr3t@127.0.0.1:\(proxy.port)/db", deadline: deadline)
            #expect(error.code == .connection && error.isTransient)
            #expect(error.description.hasSuffix("refused; check that the server runs and can be reached"))
        }
    }

    @Test func `a server that falls silent is waited for until the deadline`() throws {
        let server = try PostgresServer.shared(.fifteen)
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        proxy.set(.silent)
        let error = try failure(proxy.address(of: server), deadline: .now + .milliseconds(50))
        #expect(error.code == .timeout)
    }

    @Test func `the next host is tried where one does not answer`() throws {
        let server = try PostgresServer.shared(.fifteen)
        let connection = try open("postgres://postgres@127.0.0.1:1,127.0.0.1:\(server.port)/postgres")
        #expect(try connection.run("select 1").onlyRow().int(0) == 1)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `what the server refuses is told by its kind`(version: PostgresVersion) throws {
        let server = try PostgresServer.shared(version)
        try makeUser("secret_user", on: server)
        let address = "127.0.0.1:\(server.port)"
        #expect(try failure(server.address(database: "nowhere")).code == .missing)
        #expect(try failure(server.address(user: "nobody_known")).code == .authentication)
        #expect(try failure(server.address(user: "refused_user")).code == .authentication)
        #expect(
            try failure("postgres://secret_user:wrong%20s3cr3t@\(address)/postgres").code == .authentication)
        #expect(try failure("postgres://secret_user@\(address)/postgres").code == .authentication)
        #expect(
            try failure(
                server.address(parameters: [
                    "options=-c%20default_transaction_read_only%3Don", "target_session_attrs=read-write",
                ])
            ).code == .readOnlyServer)
        let limited = TestDatabase.uniqueName("limited")
        try open(server.address()).script("create role \(limited) login connection limit 0")
        #expect(try failure(server.address(user: limited)).code == .tooManyConnections)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a password comes from the address or from a password file`(version: PostgresVersion) throws {
        let server = try PostgresServer.shared(version)
        try makeUser("secret_user", on: server)
        let row = try open("postgres://secret_user:right%20s3cr3t@127.0.0.1:\(server.port)/postgres")
            .run("select current_user::text").onlyRow()
        #expect(try row.text(0) == "secret_user")
        let file = FileManager.default.temporaryDirectory.appending(path: TestDatabase.uniqueName("passfile"))
            .path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "127.0.0.1:\(server.port):*:secret_user:right s3cr3t\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        let address = server.address(user: "secret_user", parameters: ["passfile=\(file)"])
        #expect(try open(address).run("select 1").onlyRow().int(0) == 1)
    }

    @Test func `a service file names the server`() async throws {
        let server = try PostgresServer.shared(.fifteen)
        let file = FileManager.default.temporaryDirectory.appending(path: TestDatabase.uniqueName("services"))
            .path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "[decisions]\nhost=127.0.0.1\nport=\(server.port)\nuser=postgres\ndbname=postgres\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        // The environment is a process's own: another one reads the file.
        await #expect(processExitsWith: .success) { [file = file as String] in
            unsafe setenv("PGSERVICEFILE", file, 1)
            let address = try PostgresServerAddress("postgres:///?service=decisions")
            let connection = try PostgresConnection.open(address)
            let user = try connection.run("select current_user::text").onlyRow().text(0)
            try #require(user == "postgres")
        }
        #expect(try failure("postgres:///?service=no_such_service").code == .usage)
    }

    @Test func `TLS is used and checked as the address says`() throws {
        let server = try PostgresServer.shared(.fifteen)
        try makeUser("encrypted_user", on: server)
        let required = try open(server.address(user: "encrypted_user", parameters: ["sslmode=require"]))
        #expect(required.isEncrypted)
        let checked = try open(
            server.address(parameters: ["sslmode=verify-full", "sslrootcert=\(server.certificate)"]))
        #expect(checked.isEncrypted)
        #expect(try checked.run("select ssl from pg_stat_ssl where pid = pg_backend_pid()").onlyRow().bool(0))
        let plain = try open(server.address(parameters: ["sslmode=disable"]))
        #expect(!plain.isEncrypted)
        let refused = try failure(server.address(user: "encrypted_user", parameters: ["sslmode=disable"]))
        #expect(refused.code == .authentication)
    }

    @Test func `a certificate that is not trusted, of another name or missing is refused`() throws {
        let server = try PostgresServer.shared(.fifteen)
        let other = try PostgresServer(.fifteen)
        let untrusted = try failure(
            server.address(parameters: ["sslmode=verify-ca", "sslrootcert=\(other.certificate)"]))
        #expect(untrusted.code == .authentication)
        let misnamed = try failure(
            server.address(parameters: ["sslmode=verify-full", "sslrootcert=\(server.certificate)"])
                .replacing("@127.0.0.1:", with: "@other.example:") + "&hostaddr=127.0.0.1")
        #expect(misnamed.code == .authentication && misnamed.description.contains("other.example"))
        let missing = try failure(
            server.address(parameters: ["sslmode=verify-full", "sslrootcert=/nowhere/root.crt"]))
        #expect(missing.code == .authentication)
        let without = try failure(
            try PostgresServer.shared(.eighteenWithVectors).address(parameters: ["sslmode=require"]))
        #expect(without.code == .authentication && without.description.contains("SSL"))
    }
}
