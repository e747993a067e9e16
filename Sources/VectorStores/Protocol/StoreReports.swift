public import Decisions

/// What an opening of a store may do.
public struct StoreCapabilities: Sendable, Hashable {
    /// `nil` when writing is possible, else why not: `held by pid 812 (verdict ingest)`.
    public var readOnlyReason: String?
    /// Whether anything is kept when the process ends.
    public var isDurable: Bool
    /// Whether nothing is ever removed by age or number, so that nothing need be pinned.
    public var keepsEverything: Bool
    /// `nil` where what is held are decisions, else why not: `the rows of public.docs are no decisions`.
    ///
    /// Of such rows none is scored, denied or an incident: what tells of that says this, and no zero.
    public var noDecisionsReason: String?
    /// Whether what is held are decisions.
    public var holdsDecisions: Bool { noDecisionsReason == nil }

    /// Creates capabilities.
    public init(
        readOnlyReason: String? = nil, isDurable: Bool, keepsEverything: Bool = false,
        noDecisionsReason: String? = nil
    ) {
        self.readOnlyReason = readOnlyReason
        self.isDurable = isDurable
        self.keepsEverything = keepsEverything
        self.noDecisionsReason = noDecisionsReason
    }
}

/// What to delete.
public enum DeleteSelection: Sendable {
    /// Entries by identifier, in one tenant or in whichever has it.
    case ids([String], tenant: String?)
    /// Every entry that matches.
    case query(Query)
}

/// What a deletion did.
public struct DeleteReport: Sendable, Hashable {
    /// Entries the selection named.
    public var matched: Int
    /// Entries deleted.
    public var deleted: Int
    /// Wall time, in seconds.
    public var seconds: Double

    /// Creates a report.
    public init(matched: Int, deleted: Int, seconds: Double) {
        self.matched = matched
        self.deleted = deleted
        self.seconds = seconds
    }
}

/// The store in numbers.
public struct StoreStatistics: Sendable, Hashable {
    /// Entries held.
    public var vectors: Int
    /// Different vectors among them.
    public var distinct: Int
    /// Dimensions of each vector.
    public var dimension: Int
    /// Name and version of the embedding recipe: `decision-384/1`.
    public var recipe: String
    /// The index.
    public var index: IndexReport
    /// Bytes the store holds in memory for vectors, graph, identifiers and metadata.
    public var memoryBytes: Int
    /// The parts `memoryBytes` is made of, by name.
    public var memoryParts: [String: Int]
    /// Bytes that are read from the store's files as they are touched, and are no memory of the process.
    public var mappedBytes = 0
    /// When an entry was last inserted, by the wall clock; `nil` when never.
    public var lastInsert: Timestamp?
    /// The newest decision's time; `nil` when empty.
    public var newestDecision: Timestamp?
    /// The oldest decision's time; `nil` when empty.
    public var oldestDecision: Timestamp?
    /// How many tenants there are.
    public var tenants: Int
    /// Entries held beside another of the same identifier and different content.
    public var conflicts: Int
    /// Bytes on disk; 0 for an ephemeral store.
    public var diskBytes: Int
    /// How it is with the server that keeps the store; `nil` where none does.
    public var server: ServerReport?

    /// Different vectors for each entry: 1 when nothing repeats.
    public var distinctShare: Double { vectors == 0 ? 1 : Double(distinct) / Double(vectors) }

    /// Creates statistics.
    public init(
        vectors: Int = 0, distinct: Int = 0, dimension: Int = Embedding.dimension, recipe: String = "",
        index: IndexReport = IndexReport(), memoryBytes: Int = 0, memoryParts: [String: Int] = [:],
        lastInsert: Timestamp? = nil, newestDecision: Timestamp? = nil, oldestDecision: Timestamp? = nil,
        tenants: Int = 0, conflicts: Int = 0, diskBytes: Int = 0
    ) {
        self.vectors = vectors
        self.distinct = distinct
        self.dimension = dimension
        self.recipe = recipe
        self.index = index
        self.memoryBytes = memoryBytes
        self.memoryParts = memoryParts
        self.lastInsert = lastInsert
        self.newestDecision = newestDecision
        self.oldestDecision = oldestDecision
        self.tenants = tenants
        self.conflicts = conflicts
        self.diskBytes = diskBytes
    }
}

/// One tenant in numbers.
public struct TenantStatistics: Sendable, Hashable {
    /// The tenant; `""` for decisions without one.
    public var tenant: String
    /// Entries held.
    public var vectors: Int
    /// Different vectors among them.
    public var distinct: Int
    /// Entries whose effect is deny.
    public var denies: Int
    /// Newest decision's time.
    public var lastTime: Timestamp?

    /// Creates a row.
    public init(tenant: String, vectors: Int, distinct: Int, denies: Int, lastTime: Timestamp?) {
        self.tenant = tenant
        self.vectors = vectors
        self.distinct = distinct
        self.denies = denies
        self.lastTime = lastTime
    }
}

/// One thing that was looked at, and how it is.
///
/// Name and detail are for operators: they name tenants and sources. Whoever asks without a token gets a
/// ``HealthProbe``.
public struct HealthCheck: Sendable, Hashable {
    /// What was looked at: `journal`, `recall`, `source audit.log`.
    public var name: String
    /// How it is.
    public var status: Status
    /// Since when it has been so.
    public var since: Timestamp
    /// What was seen, and what to do when it is not ok.
    public var detail: String

    /// How a check came out, from best to worst.
    public enum Status: String, Sendable, Hashable, CaseIterable, Comparable {
        /// As it should be.
        case ok
        /// Working, but worse than it should.
        case degraded
        /// Not working.
        case failed

        /// Whether the left is better than the right.
        public static func < (lhs: Status, rhs: Status) -> Bool {
            (allCases.firstIndex(of: lhs) ?? 0) < (allCases.firstIndex(of: rhs) ?? 0)
        }
    }

    /// Creates a check.
    public init(name: String, status: Status, since: Timestamp, detail: String) {
        self.name = name
        self.status = status
        self.since = since
        self.detail = detail
    }
}

/// Which counts of the past to make.
public struct ActivityRequest: Sendable, Hashable {
    /// Only this tenant; `nil` for all.
    public var tenant: String?
    /// Start of the first bucket.
    public var from: Timestamp
    /// Seconds per bucket, at least 1.
    public var bucketSeconds: Int64
    /// How many buckets, at most 2,000.
    public var buckets: Int

    /// Creates a request.
    public init(tenant: String? = nil, from: Timestamp, bucketSeconds: Int64, buckets: Int) {
        self.tenant = tenant
        self.from = from
        self.bucketSeconds = bucketSeconds
        self.buckets = buckets
    }
}

/// Counts per bucket of event time; each array has one element per bucket.
public struct ActivityHistory: Sendable, Hashable {
    /// Decisions.
    public var decisions: [Int]
    /// Decisions answered deny.
    public var denies: [Int]

    /// Creates a history.
    public init(decisions: [Int], denies: [Int]) {
        self.decisions = decisions
        self.denies = denies
    }
}
