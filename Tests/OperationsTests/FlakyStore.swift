import Decisions
import Locks
import VectorStores

/// A store that refuses on request what another one would do.
final class FlakyStore: DecisionStore {
    struct Refusal {
        /// Why inserts fail; `nil` when they do not.
        var inserts: StoreError?
        /// What happens while an insert is on its way.
        var duringInsert: (@Sendable () -> Void)?
        /// Why entries cannot be looked up.
        var entries: StoreError?
        /// Why writes of records fail.
        var records: StoreError?
        /// Why statistics cannot be had.
        var statistics: StoreError?
        /// How wide walks are, as statistics tell it; `nil` for the store's own.
        var breadth: Int?
        /// Where the next statistics wait, once they are read.
        var gate: Gate?
        /// Where the next search waits.
        var searchGate: Gate?
        /// Why rebuilds fail.
        var rebuilds: StoreError?
        /// Where the next rebuild waits, half built.
        var rebuildGate: Gate?
        /// Why nothing may be written, when nothing may.
        var readOnlyReason: String?
        /// Why it holds no decisions, when it holds none.
        var noDecisionsReason: String?
        /// What it measures of its own recall; `nil` where searches measure it.
        var curve: [RecallPoint]?
        /// How its graph misses; `nil` when it does not.
        var walk: Walk?
        /// How it is with the server that keeps it; `nil` where none does.
        var server: ServerReport?
        /// Whether each insert so far was asked how new its entries are.
        var measured: [Bool] = []
        /// How often it was told that nobody waits any more.
        var hurries = 0
    }

    /// A graph that misses: walks narrower than that find so many of ten results, the nearest, and as many fewer
    /// of more.
    struct Walk {
        var keeps: Int
        var isWellFrom = Int.max
    }

    let refusal = Mutex(Refusal())
    /// The writes of records so far.
    let written = Mutex<[[RecordChange]]>([])
    /// How many exact searches were asked for that let others in on their way.
    let sliced = Mutex(0)
    private let store: MemoryStore

    init(_ store: MemoryStore) { self.store = store }

    var address: StoreAddress { store.address }
    var capabilities: StoreCapabilities {
        get async {
            var capabilities = await store.capabilities
            if let reason = refusal.withLock({ $0.readOnlyReason }) { capabilities.readOnlyReason = reason }
            capabilities.noDecisionsReason = refusal.withLock { $0.noDecisionsReason }
            return capabilities
        }
    }

    func insert(_ entries: [Entry]) async throws -> InsertReport {
        try await insert(entries, measuringNovelty: true)
    }

    func insert(_ entries: [Entry], measuringNovelty: Bool) async throws -> InsertReport {
        refusal.withLock { $0.measured.append(measuringNovelty) }
        if let error = refusal.withLock({ $0.inserts }) { throw error }
        refusal.withLock({ $0.duringInsert })?()
        return try await store.insert(entries, measuringNovelty: measuringNovelty)
    }

    func write(_ changes: [RecordChange]) async throws {
        if let error = refusal.withLock({ $0.records }) { throw error }
        written.withLock { $0.append(changes) }
        try await store.write(changes)
    }

    func stopWaiting() { refusal.withLock { $0.hurries += 1 } }

    func statistics() async throws -> StoreStatistics {
        if let error = refusal.withLock({ $0.statistics }) { throw error }
        var statistics = try await store.statistics()
        let gate = refusal.withLock { refusal in
            defer { refusal.gate = nil }
            statistics.server = refusal.server
            if let breadth = refusal.breadth { statistics.index.ef = breadth }
            return refusal.gate
        }
        await gate?.pass()
        return statistics
    }

    func search(_ request: SearchRequest) async throws -> SearchAnswer {
        let gate = refusal.withLock { refusal in
            defer { refusal.searchGate = nil }
            return refusal.searchGate
        }
        await gate?.pass()
        var answer = try await store.search(request)
        guard request.target != nil, !request.exact, let walk = refusal.withLock({ $0.walk }) else {
            return answer
        }
        answer.strategy = .graph
        answer.exact = false
        if request.breadth ?? 0 < walk.isWellFrom {
            answer.results = answer.results.dropLast(max(0, 10 - walk.keeps))
        }
        return answer
    }
    func exactSearch(_ request: SearchRequest) async throws -> SearchAnswer {
        sliced.withLock { $0 += 1 }
        return try await store.exactSearch(request)
    }
    func entries(id: String, tenant: String?) async throws -> [StoredDecision] {
        if let error = refusal.withLock({ $0.entries }) { throw error }
        return try await store.entries(id: id, tenant: tenant)
    }
    func delete(_ selection: DeleteSelection) async throws -> DeleteReport {
        try await store.delete(selection)
    }
    func tenants() async throws -> [TenantStatistics] { try await store.tenants() }
    func health() async throws -> [HealthCheck] { try await store.health() }
    func recallCurve(breadths: [Int]) async throws -> [RecallPoint]? { refusal.withLock { $0.curve } }
    func rebuild(
        _ request: RebuildRequest, progress: @Sendable (RebuildProgress) -> Void
    ) async throws -> RebuildReport {
        let gate = refusal.withLock { refusal in
            defer { refusal.rebuildGate = nil }
            return refusal.rebuildGate
        }
        if let gate {
            for done in 1...1_000 {
                progress(
                    RebuildProgress(
                        phase: .building, fraction: Double(done) / 2_000, done: done, total: 2_000))
            }
            await gate.pass()
        }
        if let error = refusal.withLock({ $0.rebuilds }) { throw error }
        return try await store.rebuild(request, progress: progress)
    }
    func sample(_ count: Int, seed: UInt64) async throws -> [Embedding] {
        try await store.sample(count, seed: seed)
    }
    func export(matching query: Query?) async throws -> AsyncThrowingStream<[StoredDecision], any Error> {
        try await store.export(matching: query)
    }
    func activity(_ request: ActivityRequest) async throws -> ActivityHistory {
        try await store.activity(request)
    }
    func pin(_ entries: Set<EntryIdentity>) async { await store.pin(entries) }
    func changes() -> AsyncStream<UInt64> { store.changes() }
    func close() async { await store.close() }
    func record(in collection: String, key: String) async throws -> Record? {
        try await store.record(in: collection, key: key)
    }
    func records(in collection: String) async throws -> [Record] { try await store.records(in: collection) }
    func recordChanges(in collection: String) -> AsyncStream<Record> { store.recordChanges(in: collection) }
}

/// A place where one task waits until another opens it.
final class Gate: Sendable {
    private let reached = AsyncStream<Void>.makeStream()
    private let opened = AsyncStream<Void>.makeStream()

    /// Says that it was reached and waits.
    func pass() async {
        reached.continuation.finish()
        for await _ in opened.stream {}
    }

    func waitUntilReached() async {
        for await _ in reached.stream {}
    }

    func open() { opened.continuation.finish() }
}
