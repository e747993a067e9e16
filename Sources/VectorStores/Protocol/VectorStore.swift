public import Decisions

/// A home for decisions and their embeddings: searched, counted, rebuilt, exported.
///
/// Implementations are safe to share between tasks. Every implementation passes one conformance
/// suite; what differs between them is said by ``StoreCapabilities`` and by each answer's strategy.
public protocol VectorStore: Sendable {
    /// Where the store is; printable, never with a password.
    var address: StoreAddress { get }

    /// What this opening of the store may do, and why not where it may not.
    var capabilities: StoreCapabilities { get async }

    /// Inserts entries in order and says what became of each.
    ///
    /// An entry that returns is acknowledged. Each novelty is measured against what the tenant held
    /// before that entry, entries earlier in the same batch included. Retention removes nothing of an
    /// insert before ``pin(_:)`` or the next insert, so that it can be scored first.
    func insert(_ entries: [Entry]) async throws -> InsertReport

    /// Inserts entries as ``insert(_:)`` does; without measuring how new they are it may be acknowledged sooner.
    ///
    /// What is acknowledged is found by every search at once either way.
    func insert(_ entries: [Entry], measuringNovelty: Bool) async throws -> InsertReport

    /// Finds the entries nearest to a vector, or the newest that match a query.
    func search(_ request: SearchRequest) async throws -> SearchAnswer

    /// Answers a search by comparing everything, a bounded part at a time: for what is asked beside people.
    func exactSearch(_ request: SearchRequest) async throws -> SearchAnswer

    /// Embeddings of stored entries, chosen evenly by a seed; all when there are fewer.
    func sample(_ count: Int, seed: UInt64) async throws -> [Embedding]

    /// The entry with an identifier; several when tenants share it and none was named.
    func entries(id: String, tenant: String?) async throws -> [StoredDecision]

    /// Deletes what a selection names.
    func delete(_ selection: DeleteSelection) async throws -> DeleteReport

    /// Sizes, index parameters and memory.
    func statistics() async throws -> StoreStatistics

    /// One row per tenant, by name.
    func tenants() async throws -> [TenantStatistics]

    /// The store's own checks.
    func health() async throws -> [HealthCheck]

    /// The store's own checks for who asks again and again: without those that cost a server much.
    func watchedHealth() async throws -> [HealthCheck]

    /// Recall and median time at each breadth, as the store measures them; `nil` where searches measure them.
    func recallCurve(breadths: [Int]) async throws -> [RecallPoint]?

    /// Builds the index anew aside, verifies it and swaps it in; cancelling leaves the old one.
    func rebuild(
        _ request: RebuildRequest, progress: @Sendable (RebuildProgress) -> Void
    ) async throws -> RebuildReport

    /// Streams every entry that matches, oldest row first, in batches.
    func export(matching query: Query?) async throws -> AsyncThrowingStream<[StoredDecision], any Error>

    /// Counts rows, denies and durations per time bucket of event time, for charts.
    func activity(_ request: ActivityRequest) async throws -> ActivityHistory

    /// Begins to collect what others store, for whoever scores it, and tells what they stored since some positions.
    ///
    /// Inserts of this process up to now count as stored by others. `nil` where nobody else can store anything.
    func watchArrivals(since positions: [JSONValue]) async throws -> MissedEntries?

    /// What others have stored since watching began or this was last asked, in the order in which it came.
    func arrivals() async throws -> [StoredDecision]

    /// Up to where everything was given by ``arrivals()`` or inserted and confirmed here; `nil` while nobody watches.
    var arrivalPosition: JSONValue? { get async }

    /// Says that the entries of an insert are scored; false where ``watchArrivals(since:)`` has given them already.
    func confirm(_ receipt: UInt64) async -> Bool

    /// Ends collecting.
    func ignoreArrivals() async

    /// Names the entries that retention must keep whatever their age: the members of incidents.
    ///
    /// Each call replaces what was named before; nothing of it is stored.
    func pin(_ entries: Set<EntryIdentity>) async

    /// Follows the store: yields a number that grows whenever its content changes.
    func changes() -> AsyncStream<UInt64>

    /// Lets what was acknowledged come to where it stays, for some time; answers how many entries are on their way
    /// still.
    ///
    /// For who writes and then ends: nothing is lost without, but somebody else must do it. The closure is told how
    /// many there are, and says whether to go on.
    func settle(_ goesOn: @escaping @Sendable (_ waiting: Int) -> Bool) async -> Int

    /// Ends whatever waits for a server that keeps the store, now and from now on; answers at once.
    ///
    /// For who leaves and must not wait: what is not written then was not acknowledged.
    func stopWaiting()

    /// Writes what is buffered and releases locks and files; the store answers nothing afterwards.
    func close() async

    /// Closes the store; throws when something that was written or done may not be kept.
    func finish() async throws

    /// What the opener should be told: what a crash left behind; `nil` when there is nothing.
    var openingNotice: String? { get async }
}

extension VectorStore {
    /// A store that gains nothing by not measuring measures.
    public func insert(_ entries: [Entry], measuringNovelty: Bool) async throws -> InsertReport {
        try await insert(entries)
    }

    /// A store that keeps entries where they are written has none on their way.
    public func settle(_ goesOn: @escaping @Sendable (_ waiting: Int) -> Bool) async -> Int { 0 }

    /// A store without a server waits for none.
    public func stopWaiting() {}

    /// A store whose checks cost little has the same for everybody.
    public func watchedHealth() async throws -> [HealthCheck] { try await health() }

    /// A store that takes any vector and any breadth is measured by searches.
    public func recallCurve(breadths: [Int]) async throws -> [RecallPoint]? { nil }

    /// A store that keeps nothing back closes without failure.
    public func finish() async throws { await close() }

    /// A store that cannot stop on its way compares everything at once.
    public func exactSearch(_ request: SearchRequest) async throws -> SearchAnswer {
        var request = request
        request.exact = true
        return try await search(request)
    }

    /// A store that cannot choose evenly gives its newest entries.
    public func sample(_ count: Int, seed: UInt64) async throws -> [Embedding] {
        try await search(SearchRequest(limit: min(count, SearchRequest.maximumLimit))).results
            .map(\.stored.embedding)
    }

    /// A store without files has nothing to tell.
    public var openingNotice: String? { get async { nil } }

    /// A store without retention has nothing to keep.
    public func pin(_ entries: Set<EntryIdentity>) async {}
}

/// Small named JSON values kept beside the vectors: incidents, triage, detector state, jobs.
public protocol RecordStore: Sendable {
    /// The value under a key, with its revision; `nil` when there is none.
    func record(in collection: String, key: String) async throws -> Record?

    /// Every record of a collection, by key.
    func records(in collection: String) async throws -> [Record]

    /// The records of a collection from a key on, by key, at most so many: for who reads many, a part at a time.
    func records(in collection: String, from key: String, limit: Int) async throws -> [Record]

    /// Writes records together: all or none.
    ///
    /// - Throws: ``StoreError`` with code `revisionConflict` when a record's `expected` revision is
    ///   not the stored one.
    func write(_ changes: [RecordChange]) async throws

    /// Follows a collection: yields each record as it changes, its value `nil` when deleted.
    func recordChanges(in collection: String) -> AsyncStream<Record>
}

extension RecordStore {
    /// A store that holds all its records gives a part of them.
    public func records(in collection: String, from key: String, limit: Int) async throws -> [Record] {
        let first = ByteKey(key)
        return Array(try await records(in: collection).filter { !(ByteKey($0.key) < first) }.prefix(limit))
    }
}

/// One small named JSON value.
public struct Record: Sendable, Hashable {
    /// The collection it belongs to.
    public var collection: String
    /// Its key within the collection.
    public var key: String
    /// The value; `nil` in a change feed when the record was deleted.
    public var value: JSONValue?
    /// Grows by one with each write of this key; 1 at first.
    public var revision: UInt64

    /// Creates a record.
    public init(collection: String, key: String, value: JSONValue?, revision: UInt64) {
        self.collection = collection
        self.key = key
        self.value = value
        self.revision = revision
    }
}

/// A write or, with a `nil` value, a deletion of one record.
public struct RecordChange: Sendable, Hashable {
    /// The collection.
    public var collection: String
    /// The key within the collection.
    public var key: String
    /// The new value; `nil` deletes.
    public var value: JSONValue?
    /// The revision the writer saw: 0 for none, `nil` to write whatever is there.
    public var expected: UInt64?

    /// Creates a change.
    public init(collection: String, key: String, value: JSONValue?, expected: UInt64? = nil) {
        self.collection = collection
        self.key = key
        self.value = value
        self.expected = expected
    }
}

extension RecordChange {
    /// How many bytes the change takes at most in a write; `nil` when its value could not be read back.
    ///
    /// Costs a look at each text of the value.
    package var maximumBytes: Int? {
        StoredJSON.maximumBytes(ofRecord: key, in: collection, value: value)
    }
}

/// A store that keeps both vectors and records, as every store here does.
public typealias DecisionStore = VectorStore & RecordStore
