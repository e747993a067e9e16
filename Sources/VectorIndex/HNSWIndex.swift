import Locks

import struct Synchronization.Atomic

/// A nearest-neighbour index over vectors that repeat: hierarchical navigable small-world graph, exact
/// search, and the choice between them.
///
/// Rows with the same vector and partition share one node, so that a thousand polls are one step of a walk,
/// not a crowd that fills it. Safe to use from any number of threads: searches and the searching half of
/// inserts run side by side under a read lock, linking takes the write lock for some microseconds, tens of
/// them where full lists are chosen anew, which a walk over the whole graph lets it have between two hops. Of
/// the other locks, that of the idle working memory is never held while the first is asked for, and that of
/// the last measurement and the turn to link are never asked for while the first is held.
public final class HNSWIndex: Sendable {
    /// What cannot change: the shape of the vectors.
    private let shape: IndexConfiguration
    let guarded: ReadWriteLock<Graph>
    let scratches: ScratchPool
    let measured = Mutex<MeasuredShape?>(nil)
    /// Holds changes up where a rebuild would not catch up with them; waited for before anything else is held.
    let brake = WriterBrake()
    /// How many want nothing to be left unlinked: while there are some, everything is linked as it comes.
    let linkedAtOnce = Atomic<Int>(0)
    /// Held by whoever links the tail, and while a file is written: who asked for the write lock meanwhile would let
    /// all searches wait for the whole file.
    let linkingTurn = Mutex<Void>(())

    /// Makes an empty index.
    public convenience init(_ configuration: IndexConfiguration = IndexConfiguration()) throws(IndexError) {
        self.init(graph: try Graph(configuration))
    }

    init(graph: sending Graph) {
        shape = graph.configuration
        scratches = ScratchPool(graph.configuration, layout: graph.arena.layout)
        guarded = ReadWriteLock(graph)
    }

    /// The configuration in force: that of the last rebuild.
    public var configuration: IndexConfiguration { guarded.withReading { $0.configuration } }

    /// How many rows the index holds.
    public var count: Int { guarded.withReading { $0.rowCount } }

    /// Whether a row is in the index.
    public func contains(_ row: Row) -> Bool {
        guarded.withReading { $0.postings.slot(of: row.rawValue) != Graph.none }
    }

    /// Adds a row whose vector is `counts * scale` and tells how new the vector was; for cosine the scale is
    /// one over the length of the counts, whatever is given.
    @discardableResult
    public func insert(
        counts: Span<Int8>, scale: Float, row: Row, partition: Partition
    ) throws(IndexError) -> Novelty {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        try load(counts, scale, into: scratch)
        try check(row, partition)
        return try insert(scratch, row: row, partition: partition)
    }

    /// Adds a row with a float vector and tells how new it was.
    @discardableResult
    public func insert(floats: Span<Float>, row: Row, partition: Partition) throws(IndexError) -> Novelty {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        try load(floats, into: scratch)
        try check(row, partition)
        return try insert(scratch, row: row, partition: partition)
    }

    func check(_ row: Row, _ partition: Partition) throws(IndexError) {
        guard row.rawValue < Row.limit else {
            throw .numberBeyondLimit(name: "row", value: row.rawValue, limit: Row.limit)
        }
        guard partition.rawValue < Partition.limit else {
            throw .numberBeyondLimit(name: "partition", value: partition.rawValue, limit: Partition.limit)
        }
    }

    /// Inserts what the scratch has loaded, linked at once.
    func insert(
        _ scratch: SearchScratch, row: Row, partition: Partition, measuringNovelty: Bool = true
    ) throws(IndexError) -> Novelty {
        brake.pass()
        let plan = walking(scratch) { graph in
            graph.plan(scratch, partition: partition.rawValue, measuringNovelty: measuringNovelty)
        }
        try guarded.withWriting { (graph) throws(IndexError) in
            try graph.commit(plan, row: row.rawValue, scratch: scratch)
        }
        return plan.novelty
    }

    /// How many vectors a walk compares, about.
    public func comparisons(_ options: SearchOptions) -> Int {
        guarded.withReading { $0.breadth(options) * Graph.scannedPerCandidate }
    }

    /// Fewer nodes than this that have lost all their rows stay where they are.
    public static var sweepMinimum: Int { Graph.sweepMinimum }

    /// Takes a row out; false if it was not there.
    ///
    /// A node that loses its last row stays as a tombstone that only carries walks, until a sweep: when a
    /// fifth of the nodes are dead, each insert and removal cuts a few of them out, and their place is used
    /// again.
    @discardableResult
    public func remove(_ row: Row) -> Bool {
        brake.pass()
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        return guarded.withWriting { graph in
            defer { graph.continueSweep(scratch: scratch) }
            return graph.remove(row.rawValue)
        }
    }

    /// The rows nearest to `counts * scale`; `precedes` says which of two rows of one score comes first.
    ///
    /// `precedes` is asked once or a few times for each row as near as the last, whole groups of them, and
    /// must not use the index.
    public func search(
        counts: Span<Int8>, scale: Float, options: SearchOptions = SearchOptions(),
        precedes: (Row, Row) -> Bool = { $0 < $1 }
    ) throws(IndexError) -> SearchOutcome {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        try load(counts, scale, into: scratch)
        return search(scratch, options, precedes)
    }

    /// Whether a walk for rows that pass a test, of which `expected` are, is taken for cheaper than comparing them.
    public func walksWell(_ options: SearchOptions, expecting expected: Int) -> Bool {
        var options = options
        options.expected = expected
        return guarded.withReading { $0.walksWell(options) }
    }

    /// The nearest rows that `admits` lets through, found by a walk that asks about what it meets only; without
    /// hits where it finds too few, or many are as near as the last: then all that pass are to be compared.
    ///
    /// Of some `expected` rows that pass; the options name no filter. `admits` must not use the index.
    public func walk(
        counts: Span<Int8>, scale: Float, options: SearchOptions, expecting expected: Int,
        admitting admits: (Row) -> Bool, precedes: (Row, Row) -> Bool
    ) throws(IndexError) -> SearchOutcome {
        precondition(options.filter == nil, "rows are chosen by a filter or by a test")
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        try load(counts, scale, into: scratch)
        var options = options
        options.expected = expected
        return withoutActuallyEscaping(admits) { admits in
            guarded.withReading {
                $0.search(
                    scratch, options: options, admitting: { admits(Row(rawValue: $0)) }, precedes: precedes)
            }
        }
    }

    /// The rows nearest to a float vector; `precedes` as for counts.
    public func search(
        floats: Span<Float>, options: SearchOptions = SearchOptions(),
        precedes: (Row, Row) -> Bool = { $0 < $1 }
    ) throws(IndexError) -> SearchOutcome {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        try load(floats, into: scratch)
        return search(scratch, options, precedes)
    }

    private func search(
        _ scratch: SearchScratch, _ options: SearchOptions, _ precedes: (Row, Row) -> Bool
    ) -> SearchOutcome {
        walking(scratch) { $0.search(scratch, options: options, precedes: precedes) }
    }

    /// The distinct vectors nearest to `counts * scale` in a partition, nearest first, until they stand for
    /// `rows` rows together.
    public func nearestNodes(
        counts: Span<Int8>, scale: Float, partition: Partition?, rows: Int
    ) throws(IndexError) -> [NearestNode] {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        try load(counts, scale, into: scratch)
        return guarded.withReading { $0.nearestNodes(scratch, partition: partition, rows: rows) }
    }

    func load(_ counts: Span<Int8>, _ scale: Float, into scratch: SearchScratch) throws(IndexError) {
        guard shape.element == .counts else { throw .element(expected: shape.element) }
        try scratch.vector.load(counts: counts, scale: scale)
    }

    func load(_ floats: Span<Float>, into scratch: SearchScratch) throws(IndexError) {
        guard shape.element == .floats else { throw .element(expected: shape.element) }
        try scratch.vector.load(floats: floats)
    }
}
