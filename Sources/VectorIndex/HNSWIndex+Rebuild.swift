import Locks

/// What a rebuild is doing.
public enum RebuildPhase: String, Sendable, Hashable, CaseIterable {
    /// Vectors are copied aside; deleted ones are left behind.
    case copying
    /// The copy is linked.
    case linking
    /// Its smaller codes are trained and made.
    case quantizing
    /// The copy is searched for a sample of its own vectors.
    case verifying
    /// What was inserted and removed meanwhile is carried over and verified, and the copy takes over.
    case swapping
}

/// How far a rebuild is.
public struct RebuildProgress: Sendable, Hashable {
    /// The phase.
    public var phase: RebuildPhase
    /// How much of the phase is done: 0...1.
    public var fraction: Double
}

/// What a rebuild did.
public struct RebuildReport: Sendable, Hashable {
    /// The distinct vectors it linked.
    public var nodes: Int
    /// The tombstones it left behind.
    public var tombstonesDropped: Int
    /// The share of a sample of vectors that the new graph finds again.
    public var selfRecall: Double
    /// The rows inserted or removed while it ran.
    public var rowsCarriedOver: Int
}

extension HNSWIndex {
    private static let copyBlock = 4_096

    /// Builds the graph anew aside, verifies it and lets it take over; searches and inserts go on meanwhile.
    ///
    /// Inserts and removals are slowed at its end where they are quicker than it can carry them over. What was carried
    /// over is verified too, but for the last few rows.
    /// Nil keeps the present configuration; a given one must agree in dimension, element and metric.
    /// Cancelled or failed, it leaves the old graph serving. The same rows in the same order and the same
    /// seed give the same graph on any number of threads.
    @discardableResult
    public func rebuild(
        _ wanted: IndexConfiguration? = nil, threads: Int = 1, progress: (RebuildProgress) -> Void = { _ in },
        isCancelled: () -> Bool = { false }
    ) throws(IndexError) -> RebuildReport {
        try rebuild(wanted, threads: threads, progress: progress, isCancelled: isCancelled) { _ in }
    }

    /// The same; `inspecting` is called with the copy whenever something was carried over to it.
    func rebuild(
        _ wanted: IndexConfiguration? = nil, threads: Int = 1, progress: (RebuildProgress) -> Void = { _ in },
        isCancelled: () -> Bool = { false }, inspecting inspect: (Graph) -> Void
    ) throws(IndexError) -> RebuildReport {
        let (configuration, tombstones) = try beginRebuild(wanted)
        do throws(IndexError) {
            let copy = try Graph(configuration, layout: guarded.withReading { $0.arena.layout })
            try copyNodes(to: copy, progress: progress, isCancelled: isCancelled)
            let builder = GraphBuilder(copy, threads: threads)
            let isBuilt = builder.build(
                progress: { progress(RebuildProgress(phase: .linking, fraction: $0)) },
                isCancelled: isCancelled)
            guard isBuilt else { throw IndexError.cancelled }
            let isQuantized = try copy.quantize(
                threads: threads,
                progress: { progress(RebuildProgress(phase: .quantizing, fraction: $0)) },
                isCancelled: isCancelled)
            guard isQuantized else { throw IndexError.cancelled }
            progress(RebuildProgress(phase: .verifying, fraction: 0))
            let scratch = scratches.take()
            defer { scratches.giveBack(scratch) }
            let selfRecall = try copy.verify(scratch: scratch)
            progress(RebuildProgress(phase: .verifying, fraction: 1))
            if isCancelled() { throw IndexError.cancelled }
            let nodes = copy.liveCount
            progress(RebuildProgress(phase: .swapping, fraction: 0))
            let carried = try swap(in: copy, scratch: scratch, isCancelled: isCancelled, inspecting: inspect)
            progress(RebuildProgress(phase: .swapping, fraction: 1))
            return RebuildReport(
                nodes: nodes, tombstonesDropped: tombstones, selfRecall: selfRecall,
                rowsCarriedOver: carried)
        } catch {
            guarded.withWriting { $0.touched = nil }
            throw error
        }
    }

    private func beginRebuild(_ wanted: IndexConfiguration?) throws(IndexError) -> (IndexConfiguration, Int) {
        try guarded.withWriting { (graph) throws(IndexError) in
            let configuration = wanted ?? graph.configuration
            guard configuration.dimension == graph.configuration.dimension else {
                throw .dimension(expected: graph.configuration.dimension, found: configuration.dimension)
            }
            guard configuration.element == graph.configuration.element else {
                throw .element(expected: graph.configuration.element)
            }
            guard configuration.metric == graph.configuration.metric else {
                throw .metric(expected: graph.configuration.metric)
            }
            guard graph.touched == nil else { throw .rebuilding }
            graph.touched = []
            return (configuration, graph.tombstoneCount)
        }
    }

    private func copyNodes(
        to copy: Graph, progress: (RebuildProgress) -> Void, isCancelled: () -> Bool
    ) throws(IndexError) {
        // What becomes a node after this was touched, and is carried over.
        let slots = guarded.withReading { $0.slotsByPartition() }.flatMap { $0.sorted() }
        var rest = slots[...]
        while !rest.isEmpty {
            if isCancelled() { throw .cancelled }
            try guarded.withReading { (graph) throws(IndexError) in
                try graph.copyNodes(rest.prefix(HNSWIndex.copyBlock), to: copy)
            }
            rest = rest.dropFirst(HNSWIndex.copyBlock)
            let done = Double(slots.count - rest.count)
            progress(RebuildProgress(phase: .copying, fraction: done / Double(slots.count)))
        }
    }
}
