import PostgresStore
import PostgresTesting
import Testing

extension Commands {
    /// `verdict search` gives up a server that does not answer.
    @Suite struct ServerSearchLimit {
        private func search(
            _ address: String, within seconds: Int = 2
        ) async throws -> VerdictProcess.Result {
            try await verdict(["search", "kind:invoice", "--store", address, "--timeout", "\(seconds)"])
        }

        @Test func `a server that hangs is given up in time, with what to do`() async throws {
            let database = try StoreDatabase(.fifteen)
            defer { database.drop() }
            let whole = try await search(database.address, within: 600)
            #expect(whole.status == 0, "\(whole.errors)")
            let address = try PostgresServerAddress(database.address)
            let connection = try PostgresConnection.open(address)
            defer { connection.close() }
            try connection.script("begin; lock table decision_vectors in access exclusive mode")
            let run = try await search(database.address)
            #expect(run.status == 1 && run.output.isEmpty)
            #expect(run.errors.contains("no answer within 2 s, so it was given up"), "\(run.errors)")
            #expect(run.errors.contains("--timeout"), "\(run.errors)")
            try connection.script("rollback")
            #expect(try await search(database.address, within: 600).status == 0)
        }

        @Test func `a way to a server on which nothing comes is given up too`() async throws {
            let database = try StoreDatabase(.fifteen)
            defer { database.drop() }
            let server = try PostgresServer.shared(.fifteen)
            let proxy = try TestProxy(to: server.port)
            defer { proxy.end() }
            proxy.set(.silent)
            let run = try await search(proxy.address(of: server, database: database.database.name))
            #expect(run.status == 1 && run.output.isEmpty)
            #expect(run.errors.contains("no answer within 2 s, so it was given up"), "\(run.errors)")
        }

        @Test(arguments: ["0", "3601", "soon"])
        func `a time that cannot be meant is refused`(_ seconds: String) async throws {
            let run = try await verdict(["search", "--store", "memory:x", "--timeout", seconds])
            #expect(run.status == 2, "\(run.errors)")
        }
    }
}
