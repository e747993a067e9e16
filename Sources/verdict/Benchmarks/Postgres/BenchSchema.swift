import PostgresStore
import VectorStores

/// A schema of the measurement's own on somebody's server: made anew by each run, and removed at its end.
struct BenchSchema: Sendable {
    /// Its name: what a run that was killed has left behind is removed by the next one.
    private static let name = "verdict_bench"
    /// How long each step of removing it from under who works in it may take.
    private static let stepLimit = Duration.seconds(10)
    /// How often removing begins again when somebody came in between.
    private static let attempts = 5

    /// The store's address in that schema.
    let address: StoreAddress
    /// The server, with that schema.
    let server: PostgresServerAddress

    init(at address: StoreAddress) throws {
        guard case .postgres(let uri) = address else {
            throw CommandFailure.usage("the postgres suite needs --store postgres://…")
        }
        guard !uri.contains("options=") else {
            throw CommandFailure.usage("the postgres suite has a schema of its own: leave options= out")
        }
        let path = "options=-csearch_path%3D\(Self.name)%2Cpublic"
        self.address = .postgres(uri + (uri.contains("?") ? "&" : "?") + path)
        guard let server = try PostgresServerAddress(self.address) else {
            throw CommandFailure.usage("the postgres suite needs --store postgres://…")
        }
        self.server = server
    }

    /// Makes it, where it is not there.
    func make(_ pool: PostgresPool) async throws(PostgresError) {
        try await pool.perform { connection throws(PostgresError) in
            try connection.script("create schema \(Self.name)")
            let report = try Migrator(connection).migrate()
            guard report.problems.isEmpty else {
                throw PostgresError(.missing, report.problems.joined(separator: "; "))
            }
            let pgvector = try connection.run("select from pg_extension where extname = 'vector'").rows
            guard !pgvector.isEmpty else {
                throw PostgresError(.missing, "the postgres suite needs pgvector on the server")
            }
        }
    }

    /// Removes it with all that is in it, whoever left it: a server may still work for a run that was killed.
    func remove(_ pool: PostgresPool) async throws(PostgresError) {
        try await pool.perform { connection throws(PostgresError) in try Self.remove(connection) }
    }

    /// Removes it while this process may still work in it, whose statements there are ended.
    ///
    /// Waits for the server, but not for long; what cannot be removed is told.
    func removeFromUnderWorkers() {
        do throws(PostgresError) {
            let connection = try PostgresConnection.open(server, deadline: .now + Self.stepLimit)
            defer { connection.close() }
            for _ in 1..<Self.attempts {
                if (try? Self.remove(connection, limit: Self.stepLimit)) != nil { return }
            }
            try Self.remove(connection, limit: Self.stepLimit)
        } catch {
            StandardError.write(
                "verdict: the schema \(Self.name) could not be removed, the next run removes it: \(error)\n")
        }
    }

    /// Ends the statements that work in it, and removes it.
    private static func remove(
        _ connection: PostgresConnection, limit: Duration? = nil
    ) throws(PostgresError) {
        let namespace = name
        try connection.run(
            """
            select pg_terminate_backend(pid, 5000) from pg_stat_activity
            where datname = current_database() and usename = current_user
                and backend_type = 'client backend' and pid <> pg_backend_pid()
                and pid in (
                    select held.pid from pg_locks as held join pg_class as class on class.oid = held.relation
                    where class.relnamespace = to_regnamespace(\(namespace)))
            """, deadline: limit.map { .now + $0 })
        try connection.script(
            "set lock_timeout = '5s'; drop schema if exists \(name) cascade; reset lock_timeout",
            deadline: limit.map { .now + $0 })
    }
}
