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
        /// Inserts, with one thread searching beside them.
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

    /// The figures of inserts.
    public struct InsertFigures: Sendable, Hashable {
        /// How many vectors were inserted.
        public var count: Int
        /// The share of them that the next search for their vector found.
        public var searchable: Double
        /// The median of an insert, in microseconds.
        public var medianMicroseconds: Double
        /// The 99th percentile of an insert, in microseconds.
        public var percentile99Microseconds: Double
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
        /// Candidates an insert keeps.
        public var constructionBreadth: Int
        /// Candidates a search keeps.
        public var breadth: Int
        /// The searches; with inserts, those beside them, and the recall when all were in.
        public var search: SearchFigures
    }
}
