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
    /// What of the phase is being done, in a few words; empty where the phase says it.
    public var detail = ""

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
        /// The server that keeps the store builds its own index, where there is one.
        case server
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
    /// What became of the server's own index; `nil` where there is none, or it was left alone.
    public var server: ServerRebuild?

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

/// What became of a server's own index of neighbours.
public struct ServerRebuild: Sendable, Hashable {
    /// What it is called.
    public var index: String
    /// Why it was not built anew; `nil` when it was.
    public var refusal: String?
    /// Links per node (the paper's M) that it has now.
    public var m: Int
    /// Breadth of construction (the paper's efConstruction) that it has now.
    public var efConstruction: Int
    /// Its bytes before.
    public var bytesBefore: Int
    /// Its bytes now.
    public var bytesAfter: Int
    /// Seconds that it took.
    public var seconds: Double
    /// What of it is left to do, in words; empty where nothing is.
    public var note = ""

    /// Creates what became of an index.
    public init(
        index: String, refusal: String? = nil, m: Int = 16, efConstruction: Int = 64, bytesBefore: Int = 0,
        bytesAfter: Int = 0, seconds: Double = 0
    ) {
        self.index = index
        self.refusal = refusal
        self.m = m
        self.efConstruction = efConstruction
        self.bytesBefore = bytesBefore
        self.bytesAfter = bytesAfter
        self.seconds = seconds
    }
}

extension ServerRebuild {
    /// What became of it, in a sentence.
    public var sentence: String {
        let name = "the server's index \(PrintedText.escaped(index, limit: 80))"
        if let refusal { return "\(name) was not built anew: \(refusal)" }
        let tenths = Int((min(seconds, 1e9) * 10).rounded())
        let before = bytesBefore == 0 ? "" : ", before \(PrintedNumber.bytes(bytesBefore))"
        return "\(name) was built anew in \(tenths / 10).\(tenths % 10) s with m = \(m), ef_construction = "
            + "\(efConstruction): \(PrintedNumber.bytes(bytesAfter))\(before)"
            + (note.isEmpty ? "" : "; \(note)")
    }
}

extension RebuildRequest {
    /// Whether more is asked for than other codes, which a server's own index has none of.
    package var isOfGraph: Bool { quantization == nil || m != nil || efConstruction != nil }
}
