import Locks

/// How a walk over the whole graph lets writers of the index in: a commit waits for one hop of a search, not for
/// its end.
///
/// Nodes that are added under a walk and links that are changed do it no harm, and rows are looked up at its end.
/// Neither do nodes that go before they were linked, since it cannot have met them.
/// Only linked nodes that have died, another graph, or more nodes than there are marks for make it begin again.
struct WalkPauses {
    /// The lock that the walk reads under; nil where it goes on without a pause.
    var lock: ReadWriteLock<Graph>?
    /// What is walked over, which would else be gone when another takes its place during a pause: the lock's value
    /// is borrowed, so that a local copy is no reference of its own to the compiler.
    var graph: Graph?
    /// How often it may still pause: a stream of inserts must not hold up a search for long.
    var left = 0
    /// Whether what was walked over is gone, so that the walk has ended early and says nothing.
    var isOverrun = false

    /// How often one search or insert pauses.
    static let limit = 8
}

extension Graph {
    /// Lets writers in; false when the walk cannot go on.
    @inline(never)
    func pause(_ lock: ReadWriteLock<Graph>, _ scratch: SearchScratch) -> Bool {
        let before = generation
        lock.letWritersIn()
        scratch.pauses.left -= 1
        if generation != before || !scratch.hasMarks(for: slotCount) { scratch.pauses.isOverrun = true }
        return !scratch.pauses.isOverrun
    }
}

extension HNSWIndex {
    /// Reads the graph for something that walks; walks let writers in, and where that takes away what they walk over,
    /// all is done again without.
    func walking<Result>(_ scratch: SearchScratch, _ body: (Graph) -> Result) -> Result {
        let result = guarded.withReading { graph in
            scratch.pauses = WalkPauses(lock: guarded, graph: copy graph, left: WalkPauses.limit)
            return body(graph)
        }
        let isOverrun = scratch.pauses.isOverrun
        scratch.pauses = WalkPauses()
        return isOverrun ? guarded.withReading { body($0) } : result
    }
}
