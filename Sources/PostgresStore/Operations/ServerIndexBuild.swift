import VectorStores

/// Builds the server's index of neighbours anew, on a thread and a connection of its own.
///
/// Another thread looks how far it is, and may stop it: the statement that builds says nothing until its end.
final class ServerIndexBuild: Sendable {
    struct State: Sendable {
        /// What came of it; `nil` while it works.
        var outcome: Result<ServerRebuild?, PostgresError>?
        /// Stops what it does now; `nil` where that must come to its end.
        var cancellation: PostgresCancellation?
        /// The server's process that works for it.
        var process: Int32?
        /// Which partition it builds; `nil` where there are none.
        var place: PartPlace?
        var isCancelled = false
        /// Whether the new index serves, and only the old one is left to be dropped.
        var isExchanged = false
    }

    let address: PostgresServerAddress
    let request: RebuildRequest
    let state = Monitor(State())

    /// How long connecting and looking may take.
    private static let limit = Duration.seconds(30)
    /// How often, ten times a second, a process that was stopped is looked for before it is left alone.
    private static let looksForBuilder = 100

    init(_ address: PostgresServerAddress, _ request: RebuildRequest) {
        self.address = address
        self.request = request
    }

    /// Begins.
    func start() {
        let isStarted = BackgroundThread.start { [self] in
            do throws(PostgresError) {
                end(.success(try build()))
            } catch {
                end(.failure(error))
            }
        }
        if !isStarted { end(.failure(PostgresError(.server, "the system has no thread to build an index"))) }
    }

    /// Waits a moment for its end; answers what came of it, `nil` while it works.
    func wait(milliseconds: Int) -> Result<ServerRebuild?, PostgresError>? {
        state.wait(milliseconds: milliseconds) { $0.outcome != nil }
        return state.read { $0.outcome }
    }

    /// Stops it; to be called again until it has ended, since it may be between two statements.
    func cancel() {
        state.update { state in
            state.isCancelled = true
            state.cancellation?.cancel()
        }
    }

    /// The server's process that works for it; `nil` before there is one.
    var process: Int32? { state.read { $0.process } }

    /// Which partition it builds; `nil` where there are none.
    var place: PartPlace? { state.read { $0.place } }

    /// Whether the new index serves, and only the old one is left to be dropped.
    var isExchanged: Bool { state.read { $0.isExchanged } }

    private func end(_ outcome: Result<ServerRebuild?, PostgresError>) {
        state.update { state in
            state.outcome = outcome
            state.cancellation = nil
        }
    }

    // MARK: On the thread

    private func build() throws(PostgresError) -> ServerRebuild? {
        let connection = try PostgresConnection.open(address, deadline: .now + Self.limit)
        defer { connection.close() }
        state.update { state in
            state.process = connection.processNumber
            state.cancellation = connection.cancellation
        }
        let facts = try DatabaseFacts(reading: connection)
        guard facts.storage == .vector, facts.tables[Schema.vectors] != nil else { return nil }
        let old = ServerIndex(in: facts)
        if let refusal = ServerIndex.refusal(facts, connection) {
            return ServerRebuild(index: old?.name ?? IndexDefinition.neighbors.name, refusal: refusal)
        }
        let parts = try IndexedPart.reading(connection, of: facts.layout, index: old?.name)
        try prepare(connection, rows: parts.map(\.rows).max() ?? facts.tables[Schema.vectors]?.rows ?? 0)
        guard try Migrator(connection).lock() else {
            throw PostgresError(
                .conflict, "another process migrates this schema or builds its index: wait until it is done")
        }
        if let builder = try LeftoverIndexes.builder(connection) {
            throw PostgresError(
                .conflict,
                "process \(builder) builds an index of \(facts.layout.table): wait until it is done")
        }
        _ = try LeftoverIndexes.drop(connection)
        let start = ContinuousClock.now
        do throws(PostgresError) {
            try checkCancelled()
            var rebuild = try work(connection, ServerIndexPlan(facts, old: old, parts: parts))
            rebuild.seconds = (ContinuousClock.now - start) / .seconds(1)
            return rebuild
        } catch {
            cleanUp()
            try checkCancelled()
            throw error
        }
    }

    /// Makes the session one that has time and, where nobody chose less, the memory it needs.
    ///
    /// Of partitions one is built at a time: the largest tells how much that is.
    private func prepare(_ connection: PostgresConnection, rows: Int) throws(PostgresError) {
        let settings = try ServerSettings(reading: connection)
        let graph = ServerSettings.graphBytes(rows: rows, m: request.m ?? 16)
        let kilobytes = min(settings.buildingBytes(for: graph) / 1_024, Int(Int32.max))
        try connection.script(
            """
            set statement_timeout = 0; set client_min_messages = warning;
            set lock_timeout = '\(Schema.concurrentLockTimeoutSeconds)s';
            set maintenance_work_mem = '\(max(1_024, kilobytes))kB'
            """)
    }

    func checkCancelled() throws(PostgresError) {
        if state.read({ $0.isCancelled }) { throw PostgresError(.cancelled, "\(address): it was cancelled") }
    }

    /// Takes away what was begun, on a connection of its own: that of the build may be given up.
    private func cleanUp() {
        state.update { $0.cancellation = nil }
        // What fails here is told by the health check, and done by the next rebuild.
        try? takeAway()
    }

    private func takeAway() throws(PostgresError) {
        let connection = try PostgresConnection.open(address, deadline: .now + Self.limit)
        defer { connection.close() }
        for _ in 0..<Self.looksForBuilder {
            guard try LeftoverIndexes.builder(connection) != nil else { break }
            _ = try connection.run("select pg_sleep(0.1)")
        }
        guard try LeftoverIndexes.builder(connection) == nil else { return }
        try connection.script("set lock_timeout = '\(Schema.concurrentLockTimeoutSeconds)s'")
        _ = try LeftoverIndexes.drop(connection)
    }
}
