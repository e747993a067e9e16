public import Decisions

/// How it is with the server that keeps a store, as it was last asked; reading it asks nobody.
public struct ServerReport: Sendable, Hashable {
    /// The server's version: `18.1`.
    public var version: String
    /// Why it does not answer, and when it is asked again; `nil` while it answers.
    public var outage: Outage?
    /// Seconds since the mirror last held everything that was committed there.
    public var mirrorAgeSeconds: Double
    /// Rows that were acknowledged and wait to be moved into the table, counted up to a bound.
    public var inboxRows = 0
    /// About how many seconds that takes; `nil` where it is not known.
    public var inboxSeconds: Int?
    /// Entries that wait on this machine for a server that is away.
    public var queuedEntries = 0
    /// What the server knows of its tables; `nil` until it was asked.
    public var relations: Relations?
    /// What should be known before the server's index of neighbours is built anew, a sentence each.
    public var rebuildNotes: [String]

    /// A server that does not answer.
    public struct Outage: Sendable, Hashable {
        /// Seconds until it is asked again; `nil` while it is being asked.
        public var retrySeconds: Double?
        /// What was wrong, in a sentence.
        public var reason: String

        /// Creates an outage.
        public init(retrySeconds: Double?, reason: String) {
            self.retrySeconds = retrySeconds
            self.reason = reason
        }
    }

    /// What the server knows of its tables and their indexes.
    public struct Relations: Sendable, Hashable {
        /// Seconds since the server was asked.
        public var ageSeconds: Double
        /// The tables, the user's first.
        public var tables: [Table]
        /// The indexes of the user's table and of the inbox, the largest first.
        public var indexes: [Index]
        /// What hurts or endangers, a sentence each with what to do.
        public var advice: [String]

        /// Creates what is known of tables.
        public init(ageSeconds: Double, tables: [Table], indexes: [Index], advice: [String] = []) {
            self.ageSeconds = ageSeconds
            self.tables = tables
            self.indexes = indexes
            self.advice = advice
        }

        /// The index of nearest neighbours; `nil` where there is none.
        public var neighbors: Index? { indexes.first { $0.method == "hnsw" } }
    }

    /// A table, as the server counts it.
    public struct Table: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Rows that are there, as last counted.
        public var liveRows: Int
        /// Rows that were deleted or changed and still take up room.
        public var deadRows: Int
        /// Bytes without indexes.
        public var bytes: Int
        /// Bytes of its indexes.
        public var indexBytes: Int
        /// The share of its pages that were found in memory, 0 to 1; `nil` when none was read.
        public var cacheHits: Double?
        /// When dead rows were last removed, by whom ever; `nil` when never.
        public var lastVacuum: Timestamp?
        /// When its statistics were last gathered; `nil` when never.
        public var lastAnalyze: Timestamp?
        /// Whether the server vacuums it by itself.
        public var isVacuumed: Bool
        /// How many times larger it is than one written anew, as an estimate; `nil` where none is made.
        public var bloat: Double?

        /// Creates a table.
        public init(
            name: String, liveRows: Int, deadRows: Int, bytes: Int, indexBytes: Int,
            cacheHits: Double? = nil, lastVacuum: Timestamp? = nil, lastAnalyze: Timestamp? = nil,
            isVacuumed: Bool = true, bloat: Double? = nil
        ) {
            self.name = name
            self.liveRows = liveRows
            self.deadRows = deadRows
            self.bytes = bytes
            self.indexBytes = indexBytes
            self.cacheHits = cacheHits
            self.lastVacuum = lastVacuum
            self.lastAnalyze = lastAnalyze
            self.isVacuumed = isVacuumed
            self.bloat = bloat
        }
    }

    /// An index, as the server counts it.
    public struct Index: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// The table it is of.
        public var table: String
        /// The access method: `hnsw`, `gin`, `btree`.
        public var method: String
        /// Its bytes.
        public var bytes: Int
        /// How often it was searched since the server began to count.
        public var scans: Int
        /// The share of its pages that were found in memory, 0 to 1; `nil` when none was read.
        public var cacheHits: Double?
        /// Whether it is whole: one whose building failed is not.
        public var isValid: Bool
        /// Links per node (the paper's M); `nil` where it has none.
        public var m: Int?
        /// Breadth of construction (the paper's efConstruction); `nil` where it has none.
        public var efConstruction: Int?
        /// How many times larger it is than one built anew, as an estimate; `nil` where none is made.
        public var bloat: Double?

        /// Creates an index.
        public init(
            name: String, table: String, method: String, bytes: Int, scans: Int, cacheHits: Double? = nil,
            isValid: Bool = true, m: Int? = nil, efConstruction: Int? = nil, bloat: Double? = nil
        ) {
            self.name = name
            self.table = table
            self.method = method
            self.bytes = bytes
            self.scans = scans
            self.cacheHits = cacheHits
            self.isValid = isValid
            self.m = m
            self.efConstruction = efConstruction
            self.bloat = bloat
        }
    }

    /// Creates a report.
    public init(
        version: String, outage: Outage? = nil, mirrorAgeSeconds: Double = 0, relations: Relations? = nil,
        rebuildNotes: [String] = []
    ) {
        self.version = version
        self.outage = outage
        self.mirrorAgeSeconds = mirrorAgeSeconds
        self.relations = relations
        self.rebuildNotes = rebuildNotes
    }
}
