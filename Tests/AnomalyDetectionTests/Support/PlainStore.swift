import Decisions
import Locks
import VectorStores

/// A store that compares with every row: the plainest thing that keeps the protocol's word, and fails
/// on request.
final class PlainStore: DecisionStore {
    struct State {
        var rows: [StoredDecision] = []
        var records: [String: Record] = [:]
        var watchers: [AsyncStream<Record>.Continuation] = []
        var pinned: Set<EntryIdentity> = []
        var readOnlyReason: String?
        var searchError: StoreError?
        /// Searches that still succeed, when not all do.
        var searchesLeft: Int?
        /// Whether others write too, and how many rows were told of; `nil` where nobody watches.
        var isShared = false
        var given: Int?
        var writeError: StoreError?
        /// Writes that still succeed, when not all do.
        var writesLeft: Int?
        /// The writes so far, where they are kept.
        var writes: [[RecordChange]]?
        var afterRead: (@Sendable (inout State) -> Void)?
        var beforeWrite: (@Sendable (inout State) -> Void)?

        mutating func put(_ change: RecordChange) {
            let name = change.collection + "/" + change.key
            let record = Record(
                collection: change.collection, key: change.key, value: change.value,
                revision: (records[name]?.revision ?? 0) + 1)
            records[name] = change.value == nil ? nil : record
            for watcher in watchers { watcher.yield(record) }
        }
    }

    let state = Mutex(State())
    let address = StoreAddress.ephemeral

    var capabilities: StoreCapabilities {
        get async {
            StoreCapabilities(readOnlyReason: state.withLock { $0.readOnlyReason }, isDurable: false)
        }
    }

    func insert(_ entries: [Entry]) async throws -> InsertReport {
        state.withLock { state in
            InsertReport(
                outcomes: entries.map { entry in
                    let decision = entry.decision
                    let isKnown = state.rows.contains {
                        $0.decision.id == decision.id && $0.decision.tenant == decision.tenant
                    }
                    if isKnown { return InsertOutcome(disposition: .duplicate, storedID: decision.id) }
                    let near = Self.nearest(
                        entry.embedding, in: state.rows.filter { $0.decision.tenant == decision.tenant })
                    let novelty = Novelty(
                        meanSimilarity: near.prefix(10).reduce(0) { $0 + ($1.similarity ?? 0) } / 10,
                        nearestSimilarity: near.first?.similarity ?? 0,
                        nearestID: near.first?.stored.storedID, identicalRows: 0)
                    state.rows.append(
                        StoredDecision(
                            decision: decision, embedding: entry.embedding, storedID: decision.id))
                    return InsertOutcome(
                        disposition: .accepted, storedID: decision.id, novelty: novelty)
                })
        }
    }

    static func nearest(_ embedding: Embedding, in rows: [StoredDecision]) -> [SearchResult] {
        rows.map { row in
            var sum = 0
            for dimension in 0..<Embedding.dimension where embedding.counts[dimension] != 0 {
                sum += Int(row.embedding.counts[dimension]) * Int(embedding.counts[dimension])
            }
            return SearchResult(
                stored: row, similarity: Float(sum) * row.embedding.scale * embedding.scale)
        }
        .sorted { ($1.similarity ?? 0, $0.stored.storedID) < ($0.similarity ?? 0, $1.stored.storedID) }
    }

    static func matches(_ query: Query?, _ decision: Decision) -> Bool {
        QueryMatcher(query).matches(decision)
    }

    func search(_ request: SearchRequest) async throws -> SearchAnswer {
        try state.withLock { state in
            if let error = state.searchError { throw error }
            if let left = state.searchesLeft {
                guard left > 0 else { throw StoreError(.inputOutput, "the server is away") }
                state.searchesLeft = left - 1
            }
            let rows = state.rows.filter { Self.matches(request.query, $0.decision) }
            if request.target == nil {
                let newest = rows.sorted {
                    ($1.decision.time, $0.storedID) < ($0.decision.time, $1.storedID)
                }
                return SearchAnswer(
                    strategy: .list, exact: true, scanned: rows.count, elapsedMicroseconds: 1,
                    results: newest.prefix(request.limit).map { SearchResult(stored: $0, similarity: nil) })
            }
            guard case .embedding(let embedding)? = request.target else {
                throw StoreError(.unsupported, "this plain store searches by vector or lists")
            }
            return SearchAnswer(
                strategy: .exact, exact: true, scanned: rows.count, elapsedMicroseconds: 1,
                results: Array(Self.nearest(embedding, in: rows).prefix(request.limit)))
        }
    }

    func entries(id: String, tenant: String?) async throws -> [StoredDecision] {
        state.withLock { state in
            state.rows.filter {
                $0.storedID == id && (tenant == nil || tenant == $0.decision.tenant)
            }
        }
    }

    func tenants() async throws -> [TenantStatistics] {
        state.withLock { state in
            Dictionary(grouping: state.rows, by: \.decision.tenant).sorted { $0.key < $1.key }.map {
                TenantStatistics(
                    tenant: $0.key, vectors: $0.value.count, distinct: 0, denies: 0, lastTime: nil)
            }
        }
    }

    func export(matching query: Query?) async throws -> AsyncThrowingStream<[StoredDecision], any Error> {
        let rows = state.withLock { $0.rows.filter { Self.matches(query, $0.decision) } }
        return AsyncThrowingStream { continuation in
            for start in stride(from: 0, to: rows.count, by: 7) {
                continuation.yield(Array(rows[start..<min(rows.count, start + 7)]))
            }
            continuation.finish()
        }
    }

    func record(in collection: String, key: String) async throws -> Record? {
        state.withLock { $0.records[collection + "/" + key] }
    }

    func records(in collection: String) async throws -> [Record] {
        state.withLock { state in
            let records = state.records.values.filter { $0.collection == collection }
            if let intrude = state.afterRead {
                state.afterRead = nil
                intrude(&state)
            }
            return records.sorted { $0.key < $1.key }
        }
    }

    func write(_ changes: [RecordChange]) async throws {
        try state.withLock { state in
            if let error = state.writeError { throw error }
            if let left = state.writesLeft {
                guard left > 0 else { throw StoreError(.inputOutput, "the disk is full") }
                state.writesLeft = left - 1
            }
            if let intrude = state.beforeWrite {
                state.beforeWrite = nil
                intrude(&state)
            }
            for change in changes {
                let stored = state.records[change.collection + "/" + change.key]?.revision ?? 0
                if let expected = change.expected, expected != stored {
                    throw StoreError(.revisionConflict, "\(change.key) was changed by someone else")
                }
            }
            for change in changes { state.put(change) }
            state.writes?.append(changes)
        }
    }

    func recordChanges(in collection: String) -> AsyncStream<Record> {
        let (stream, continuation) = AsyncStream.makeStream(of: Record.self)
        state.withLock { $0.watchers.append(continuation) }
        return stream
    }

    private static let unsupported = StoreError(.unsupported, "this plain store does not do that")

    func delete(_ selection: DeleteSelection) async throws -> DeleteReport { throw Self.unsupported }
    func statistics() async throws -> StoreStatistics { StoreStatistics() }
    func health() async throws -> [HealthCheck] { [] }
    func rebuild(
        _ request: RebuildRequest, progress: @Sendable (RebuildProgress) -> Void
    ) async throws -> RebuildReport { throw Self.unsupported }
    func activity(_ request: ActivityRequest) async throws -> ActivityHistory { throw Self.unsupported }
    func watchArrivals(since positions: [JSONValue]) async throws -> MissedEntries? {
        state.withLock { state in
            guard state.isShared else { return nil }
            state.given = state.rows.count
            return MissedEntries(
                entries: positions.map { position in
                    position.number.flatMap { Int(exactly: $0) }.map { Array(state.rows.dropFirst($0)) }
                })
        }
    }
    func arrivals() async throws -> [StoredDecision] {
        state.withLock { state in
            guard let given = state.given else { return [] }
            state.given = state.rows.count
            return Array(state.rows.dropFirst(given))
        }
    }
    var arrivalPosition: JSONValue? {
        get async { state.withLock { state in state.given.map { .number(String($0)) } } }
    }
    func pin(_ entries: Set<EntryIdentity>) async { state.withLock { $0.pinned = entries } }
    func changes() -> AsyncStream<UInt64> { AsyncStream { $0.finish() } }
    func close() async {}
}
