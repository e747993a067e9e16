extension SearchBenchmark {
    /// How the rows that match a filter are chosen.
    public enum Labels: String, Sendable, CaseIterable {
        /// By chance.
        case random
        /// The nearest to one row: they lie together, far from most queries.
        case correlated
    }

    /// Which rows a search among tenants may find.
    public enum Scope: String, Sendable, CaseIterable {
        /// Those of every tenant.
        case all
        /// Those of one tenant.
        case tenant
    }

    /// What a line tells of.
    public enum Measure: Sendable, Hashable {
        /// Inserts, linked at once and appended, with one thread searching beside them.
        case inserts(InsertFigures)
        /// Searches among a share of the rows, in percent.
        case filter(Labels, percent: Double, matching: Int, strategy: SearchStrategy)
        /// Searches with so many tenants.
        case tenants(Int, Scope)
        /// Searches of an index that was just read from a file.
        case opening(OpeningFigures)
        /// Searches around so many identical rows.
        case group(Int, GroupScope)
        /// Searches before any rows were replaced by others, or after half of them were, once or more.
        case round(RoundFigures)
    }

    /// The figures of inserts: of those linked at once, as a store makes them that measures how new each is, and then
    /// of as many that are appended, as it makes them when nobody asks.
    public struct InsertFigures: Sendable, Hashable {
        /// How many vectors were inserted and linked at once.
        public var count: Int
        /// The share of them that the next search for their vector found.
        public var searchable: Double
        /// The median of an insert that is linked at once, in microseconds.
        public var medianMicroseconds: Double
        /// The 99th percentile of an insert that is linked at once, in microseconds.
        public var percentile99Microseconds: Double
        /// Those that were appended.
        public var appended: AppendFigures
    }

    /// The figures of inserts that are acknowledged before they are linked, which another thread does meanwhile.
    public struct AppendFigures: Sendable, Hashable {
        /// How many vectors were appended (`appends`).
        public var count: Int
        /// The share of them that the next search for their vector found, as soon as they were acknowledged (`found`).
        public var found: Double
        /// The median until an append is acknowledged, in microseconds (`append_p50_us`).
        public var medianMicroseconds: Double
        /// The 99th percentile until an append is acknowledged, in microseconds (`append_p99_us`).
        public var percentile99Microseconds: Double
        /// The 99th percentile of the searches beside appending and linking, in microseconds (`append_search_p99_us`).
        public var searchPercentile99Microseconds: Double
        /// How many vectors were linked in a second of the time that the thread behind the appends spent linking
        /// (`linked_per_s`); beside the searches and the appends, which it shares the processors with.
        public var linkedPerSecond: Double
        /// The most vectors that waited to be linked (`tail_most`).
        public var largestTail: Int
    }

    /// Which rows a search around many identical ones may find.
    public enum GroupScope: String, Sendable, CaseIterable {
        /// All, those of the group too.
        case all
        /// Those beside the group.
        case others
    }

    /// The figures of an index that is read from a file.
    public struct OpeningFigures: Sendable, Hashable {
        /// From the call to the first answer, in seconds.
        public var seconds: Double
        /// The size of the file, in megabytes of 10^6 bytes.
        public var fileMegabytes: Double
    }

    /// What an index is like after some rounds of deletes and inserts.
    public struct RoundFigures: Sendable, Hashable {
        /// How often half of the rows were replaced.
        public var round: Int
        /// Rows in the index.
        public var rows: Int
        /// Distinct vectors that have rows.
        public var nodes: Int
        /// Nodes that have lost all their rows.
        public var tombstones: Int
        /// Nodes with rows that no walk can reach.
        public var unreachable: Int
        /// The memory that the index counts, in megabytes of 10^6 bytes.
        public var countedMegabytes: Double
        /// Growth of the process's own memory since before the index was made, in megabytes.
        public var memoryMegabytes: Double
    }

    /// The figures of searches.
    public struct SearchFigures: Sendable, Hashable {
        /// Right answers over those there are, up to 10: the mean of all queries.
        public var recall10 = 0.0
        /// The share of searches that gave as many rows as there are, up to 10.
        public var complete = 1.0
        /// How many rows were found that the search must not find.
        public var strangers = 0
        /// The median of a search, in microseconds.
        public var medianMicroseconds = 0.0
        /// The 99th percentile of a search, in microseconds.
        public var percentile99Microseconds = 0.0
    }

    /// One measurement.
    public struct Line: Sendable, Hashable {
        /// What it tells of.
        public var measure: Measure
        /// Vectors in the base.
        public var vectors: Int
        /// Links per node on the upper layers.
        public var maximumLinks: Int
        /// Candidates an insert expands at least.
        public var constructionBreadth: Int
        /// Candidates a search keeps.
        public var breadth: Int
        /// The searches; with inserts, those beside what is linked at once, and the recall when all were in and linked.
        public var search: SearchFigures
    }
}
