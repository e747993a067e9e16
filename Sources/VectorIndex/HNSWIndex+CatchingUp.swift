import Locks

extension HNSWIndex {
    /// So few changes are carried over under the write lock.
    private static let leftForTheSwap = 16

    /// Carries over what happened meanwhile, most of it beside the searches, verifies that and lets the copy take over.
    ///
    /// Each round carries over what happened in the one before. Where it is more than half as much, whoever inserts and
    /// removes is made to wait for twice as many rows as until then: so there are only so many rounds, however many
    /// insert and however quick they are. `inspecting` is called with the copy after each round. Answers how many rows
    /// were carried over.
    func swap(
        in copy: Graph, scratch: SearchScratch, isCancelled: () -> Bool, inspecting inspect: (Graph) -> Void
    ) throws(IndexError) -> Int {
        var carried = 0
        var found = SelfSearchSums()
        var former = Int.max
        var pressure = 1
        var isVerified = false
        defer { brake.press(0) }
        while true {
            if isCancelled() { throw .cancelled }
            let rows = guarded.withWriting { graph in
                let rows = graph.touched ?? []
                graph.touched = []
                return rows
            }
            if rows.count > Self.leftForTheSwap, rows.count > former / 2 {
                pressure *= 2
                brake.press(pressure)
            }
            former = rows.count
            for row in rows {
                try guarded.withReading { (graph) throws(IndexError) in
                    try graph.bringUpToDate(row, in: copy, scratch: scratch)
                }
                brake.countCarried()
            }
            carried += rows.count
            inspect(copy)
            try copy.verify(rows, scratch: scratch, into: &found)
            guard rows.count <= Self.leftForTheSwap else { continue }
            if isVerified || carried == 0 { break }
            // That takes a while on a large graph, and nothing is carried over until then: nobody waits for it, and
            // there may be more behind it.
            brake.press(0)
            try copy.verifyReachability()
            isVerified = true
            former = .max
        }
        return carried + (try takeOver(copy, scratch: scratch))
    }

    /// Carries over the last few changes and puts a copy in the graph's place; answers how many they were.
    private func takeOver(_ copy: Graph, scratch: SearchScratch) throws(IndexError) -> Int {
        // The old graph is handed out, so that its memory is given back when searches go on already.
        let (replaced, count) = try guarded.withWriting { (graph) throws(IndexError) -> (Graph, Int) in
            let rows = graph.touched ?? []
            for row in rows { try graph.bringUpToDate(row, in: copy, scratch: scratch) }
            let old = graph
            // Walks that have let this in must not go on over the old one.
            old.beginGeneration()
            graph = copy
            return (old, rows.count)
        }
        withExtendedLifetime(replaced) {}
        return count
    }
}
