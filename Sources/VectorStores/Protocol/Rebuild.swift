/// How to build an index anew; `nil` keeps what is there.
public struct RebuildRequest: Sendable, Hashable {
    /// Links per node (the paper's M), 4 to 64.
    public var m: Int?
    /// Breadth of construction (the paper's efConstruction), 8 to 1,000.
    public var efConstruction: Int?
    /// `none`, `sq8`, `sq4`, `pq4`, `pq8` or `pq16`.
    public var quantization: String?

    /// Creates a request.
    public init(m: Int? = nil, efConstruction: Int? = nil, quantization: String? = nil) {
        self.m = m
        self.efConstruction = efConstruction
        self.quantization = quantization
    }
}

/// How far a rebuild is.
public struct RebuildProgress: Sendable, Hashable {
    /// What is being done.
    public var phase: Phase
    /// How much of the phase is done, 0 to 1.
    public var fraction: Double
    /// Vectors done and in all, in this phase.
    public var done: Int
    /// Vectors in all, in this phase.
    public var total: Int

    /// The steps of a rebuild, in order.
    public enum Phase: String, Sendable, Hashable, CaseIterable {
        /// Measuring the old index.
        case measuring
        /// Building the new one aside.
        case building
        /// Measuring the new one and looking for unreachable nodes.
        case verifying
        /// Taking over what was inserted meanwhile, and swapping.
        case swapping
    }

    /// Creates a progress.
    public init(phase: Phase, fraction: Double, done: Int, total: Int) {
        self.phase = phase
        self.fraction = fraction
        self.done = done
        self.total = total
    }
}

/// An index before and after a rebuild.
public struct RebuildReport: Sendable, Hashable {
    /// The index as it was.
    public var before: IndexQuality
    /// The index as it is.
    public var after: IndexQuality
    /// What was built; `nil` when the store does not tell.
    public var built: BuiltGraph?

    /// The graph that a rebuild made.
    public struct BuiltGraph: Sendable, Hashable {
        /// The different vectors it linked.
        public var nodes: Int
        /// The deleted nodes it left behind.
        public var tombstonesDropped: Int
        /// Entries inserted or removed while it was built.
        public var rowsCarriedOver: Int
        /// The share of a sample of its own vectors that it found before it took over.
        public var selfRecall: Double

        /// Creates a description.
        public init(nodes: Int, tombstonesDropped: Int, rowsCarriedOver: Int, selfRecall: Double) {
            self.nodes = nodes
            self.tombstonesDropped = tombstonesDropped
            self.rowsCarriedOver = rowsCarriedOver
            self.selfRecall = selfRecall
        }
    }

    /// Creates a report.
    public init(before: IndexQuality, after: IndexQuality, built: BuiltGraph? = nil) {
        self.before = before
        self.after = after
        self.built = built
    }
}

/// How well and how fast an index answers.
public struct IndexQuality: Sendable, Hashable {
    /// Recall at 10, tie-aware, of up to 1,000 seeded stored vectors.
    public var recall: Double
    /// Median search time, in microseconds.
    public var p50Microseconds: Double
    /// Bytes of codes, links and postings.
    public var memoryBytes: Int

    /// Creates a quality.
    public init(recall: Double, p50Microseconds: Double, memoryBytes: Int) {
        self.recall = recall
        self.p50Microseconds = p50Microseconds
        self.memoryBytes = memoryBytes
    }
}
