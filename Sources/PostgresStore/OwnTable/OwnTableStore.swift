package import Decisions
import Locks
package import VectorStores

/// Somebody's own table of vectors, of any dimension, opened to be looked at: `?table=…`.
///
/// Rows are listed, searched by one another and counted; nothing is written, there is no mirror, and nothing beside
/// the table is read. It holds no decisions, so that none are scored.
package final class OwnTableStore: VectorStore, RecordStore {
    package let address: StoreAddress
    let table: OwnTable
    private let servers: ReadableServers
    /// What whoever opens it should be told; `nil` when there is nothing.
    private let notice: String?
    private let clock: @Sendable () -> Timestamp
    private let history: Mutex<HealthHistory>
    /// What pgvector is, and what is to be said of it.
    private let pgvector: String
    private let heldStatistics = HeldAnswer<StoreStatistics>()
    private let heldTenants = HeldAnswer<[TenantStatistics]>()
    private let heldChecks = HeldAnswer<[HealthCheck]>()
    private let heldMeasuredChecks = HeldAnswer<[HealthCheck]>()

    /// Why nothing is written.
    static let readOnlyReason = "a table that Verdict did not make is only looked at"
    private static let connections = 2
    /// How long one question may take.
    static let limit = Duration.seconds(120)

    /// Opens the table that an address names; throws where it is not there or holds no vectors.
    ///
    /// Blocks for some milliseconds.
    init(
        _ server: PostgresServerAddress, _ name: String, at address: StoreAddress,
        clock: @escaping @Sendable () -> Timestamp
    ) throws(PostgresError) {
        self.address = address
        self.clock = clock
        history = Mutex(HealthHistory(start: clock()))
        var limits = PostgresPool.Limits()
        limits.connections = Self.connections
        let pool = PostgresPool(server.forWriting, limits: limits)
        let servers = ReadableServers(server, primary: pool, limits: limits)
        self.servers = servers
        do throws(PostgresError) {
            let found = try servers.reading(deadline: .now + OpenedDatabase.limit) {
                connection throws(PostgresError) in
                (
                    try OwnTable(name, server.columns, connection),
                    try connection.run("select extversion from pg_extension where extname = 'vector'")
                        .rows.first?.text(0),
                    try connection.standbyNotice()
                )
            }
            table = found.0
            pgvector = found.1 ?? "?"
            notice = found.2
        } catch {
            servers.close()
            throw error
        }
    }

    /// Does something on a connection, in the words of a store.
    func ask<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws(PostgresError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(PostgresError) {
            return try await servers.perform(deadline: .now + Self.limit, body)
        } catch {
            throw StoreError(error)
        }
    }

    package var capabilities: StoreCapabilities {
        get async {
            StoreCapabilities(
                readOnlyReason: Self.readOnlyReason, isDurable: true, keepsEverything: true,
                noDecisionsReason: "the rows of \(table.printedName) are no decisions")
        }
    }

    package var openingNotice: String? {
        get async { notice }
    }

    // MARK: Reading

    package func search(_ request: SearchRequest) async throws -> SearchAnswer {
        try request.checkRanges()
        let start = ContinuousClock.now
        let table = table
        let result = try await ask { connection throws(PostgresError) in
            try connection.transaction(.readOnlySnapshot, settings: SearchStatements.planning) {
                connection throws(PostgresError) in
                try OwnTableSearcher(table, connection).search(request, connection)
            }
        }
        var answer = try result.get()
        answer.elapsedMicroseconds = Double((ContinuousClock.now - start) / .nanoseconds(1)) / 1_000
        return answer
    }

    package func entries(id: String, tenant: String?) async throws -> [StoredDecision] {
        let table = table
        return try await ask { connection throws(PostgresError) in
            try OwnTableSearcher(table, connection).rows(id: id, tenant: tenant, connection).map(\.stored)
        }
    }

    /// None, since its vectors are no embeddings of decisions.
    ///
    /// What measures recall samples rows itself.
    package func sample(_ count: Int, seed: UInt64) async throws -> [Embedding] { [] }

    package func statistics() async throws -> StoreStatistics {
        let table = table
        return try await heldStatistics.get { () throws(StoreError) in
            try await ask { connection throws(PostgresError) in
                try OwnTableNumbers(table, connection).statistics
            }
        }
    }

    package func tenants() async throws -> [TenantStatistics] {
        let table = table
        guard let tenant = table.tenant else { return [] }
        return try await heldTenants.get { () throws(StoreError) in
            try await ask { connection throws(PostgresError) in
                try Self.tenants(table, tenant.name, connection)
            }
        }
    }

    private static func tenants(
        _ table: OwnTable, _ tenant: String, _ connection: PostgresConnection
    ) throws(PostgresError) -> [TenantStatistics] {
        let answer = try connection.run(
            """
            select coalesce(\(identifier: tenant)::text, ''), count(*), max(\(sql: table.moment))
            from \(sql: table.name) where \(identifier: table.embedding.name) is not null group by 1 order by 1
            """)
        var rows: [TenantStatistics] = []
        for row in answer.rows {
            let count = try row.int(1)
            let newest = row.isNull(2) ? nil : Timestamp(postgresMicroseconds: try row.timestamp(2))
            rows.append(
                TenantStatistics(
                    tenant: try row.text(0), vectors: count, distinct: count, denies: 0,
                    lastTime: newest))
        }
        return rows
    }

    package func health() async throws -> [HealthCheck] {
        try await checks(measuringRecall: true, heldMeasuredChecks)
    }

    /// Recall is left out: a console that asks every second would have a table that is not its own read all day.
    package func watchedHealth() async throws -> [HealthCheck] {
        try await checks(measuringRecall: false, heldChecks)
    }

    private func checks(
        measuringRecall: Bool, _ held: HeldAnswer<[HealthCheck]>
    ) async throws -> [HealthCheck] {
        let now = clock()
        let (table, pgvector) = (table, pgvector)
        let checks = try await held.get { () throws(StoreError) in
            try await ask { connection throws(PostgresError) in
                try OwnTableHealth(table, connection).checks(
                    pgvector: pgvector, measuringRecall: measuringRecall, at: now)
            }
        }
        return history.withLock { $0.dated(checks, at: now) }
    }

    /// What the table's index finds of sampled rows, by its own distance.
    package func recallCurve(breadths: [Int]) async throws -> [RecallPoint]? {
        let table = table
        let points = try await ask { connection throws(PostgresError) in
            let index = try OwnIndex.all(of: table, connection).first { $0.serves }
            return try index.map { (index) throws(PostgresError) in
                try OwnRecallProbe(table, index, breadths: breadths, connection).points
            }
        }
        guard let points else {
            throw StoreError(
                .unsupported, "\(table.printedName) has no index of neighbours that could be measured")
        }
        return points
    }

    package func activity(_ request: ActivityRequest) async throws -> ActivityHistory {
        let none = Array(repeating: 0, count: request.buckets)
        return ActivityHistory(decisions: none, denies: none)
    }

    package func changes() -> AsyncStream<UInt64> { AsyncStream { $0.finish() } }

    package func close() async { servers.close() }

    package func record(in collection: String, key: String) async throws -> Record? { nil }

    package func records(in collection: String) async throws -> [Record] { [] }

    package func recordChanges(in collection: String) -> AsyncStream<Record> { AsyncStream { $0.finish() } }

    // MARK: What cannot be done

    private func refusal(_ what: String) -> StoreError {
        StoreError(.readOnly, "\(address): \(what), since \(Self.readOnlyReason)")
    }

    package func insert(_ entries: [Entry]) async throws -> InsertReport {
        throw refusal("nothing can be stored")
    }

    package func delete(_ selection: DeleteSelection) async throws -> DeleteReport {
        throw refusal("nothing can be deleted")
    }

    package func write(_ changes: [RecordChange]) async throws { throw refusal("no record can be kept") }

    package func rebuild(
        _ request: RebuildRequest, progress: @Sendable (RebuildProgress) -> Void
    ) async throws -> RebuildReport {
        throw refusal("its index is not rebuilt here: verdict health says how")
    }

    package func export(
        matching query: Query?
    ) async throws -> AsyncThrowingStream<[StoredDecision], any Error> {
        throw StoreError(
            .unsupported, "\(address): rows that are no decisions are not exported: use COPY of the server")
    }
}
