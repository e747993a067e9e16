import Locks

import struct Synchronization.Atomic

extension HNSWIndex {
    /// Adds a row whose vector is `counts * scale`, as inserting does, but leaves the links of a new vector to
    /// ``linkTail(atMost:)`` and measures no novelty: that costs some microseconds instead of a hundred.
    ///
    /// Every search finds the row at once. While 8,192 vectors wait to be linked, and where none is linked yet, it is
    /// linked at once.
    public func append(
        counts: Span<Int8>, scale: Float, row: Row, partition: Partition
    ) throws(IndexError) {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        try load(counts, scale, into: scratch)
        try append(scratch, row: row, partition: partition)
    }

    /// Adds a row with a float vector and leaves its links to ``linkTail(atMost:)``.
    public func append(floats: Span<Float>, row: Row, partition: Partition) throws(IndexError) {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        try load(floats, into: scratch)
        try append(scratch, row: row, partition: partition)
    }

    private func append(_ scratch: SearchScratch, row: Row, partition: Partition) throws(IndexError) {
        try check(row, partition)
        // Whoever comes when the tail is full passes the brake as an insert.
        let plan = guarded.withReading { graph in
            graph.takesTail ? graph.planNode(scratch, partition: partition.rawValue) : nil
        }
        if let plan {
            brake.pass()
            let isAppended = try guarded.withWriting { (graph) throws(IndexError) -> Bool in
                guard graph.takesTail, linkedAtOnce.load(ordering: .relaxed) == 0 else { return false }
                try graph.append(plan, row: row.rawValue, scratch: scratch)
                return true
            }
            if isAppended { return }
        }
        _ = try insert(scratch, row: row, partition: partition, measuringNovelty: false)
    }

    /// Links what was appended, oldest first and at most so many; answers how many are left.
    ///
    /// Searches, inserts, removals and a rebuild may go on beside; another thread that links, or that writes a
    /// snapshot, takes turns with it.
    @discardableResult
    public func linkTail(atMost limit: Int = .max) -> Int {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        var linked = 0
        while linked < limit {
            let left = linkingTurn.withLock { _ in linkOldest(scratch) }
            if left == 0 { return 0 }
            linked += 1
        }
        return tailCount
    }

    /// Links the oldest node of the tail, for who has the turn to link; answers how many are left.
    func linkOldest(_ scratch: SearchScratch) -> Int {
        guard let plan = walking(scratch, { $0.planTail(scratch) }) else { return 0 }
        return guarded.withWriting { graph in
            graph.linkTail(plan, scratch: scratch)
            return graph.tail.count
        }
    }

    /// Calls a closure while nothing is left unlinked: what waits is linked before, and what is appended meanwhile as
    /// it comes.
    ///
    /// That comes to an end however much others append, which is then slower, and nobody is held up by it otherwise.
    public func withoutTail<Result>(_ body: () -> Result) -> Result {
        linkedAtOnce.add(1, ordering: .relaxed)
        defer { linkedAtOnce.subtract(1, ordering: .relaxed) }
        linkTail()
        return body()
    }

    /// How many vectors were appended and are not linked yet.
    public var tailCount: Int { guarded.withReading { $0.tail.count } }
}
