import Locks

extension HNSWIndex {
    /// How often what is read in steps begins again before it is read in one.
    private static let beginnings = 3

    /// Reads the graph in steps, after each of which whoever waits to write has its turn; answers what came of it and
    /// the version of the graph at its beginning.
    ///
    /// `begin` makes what the steps fill, `step` goes on with it and tells whether something is left. Nodes and links
    /// may be added between two steps, and nodes may go that were not linked. When linked ones died, or another graph
    /// took over, it begins again; a graph that comes to that again and again is read in one go. `pause` is called
    /// between two steps.
    func readInSteps<State>(
        pause: () -> Void = {}, begin: (borrowing Graph) -> State,
        step: (borrowing Graph, inout State) -> Bool
    ) -> (state: State, version: UInt64) {
        for _ in 0..<Self.beginnings {
            var (state, generation, version) = guarded.withReadingVersioned { graph, version in
                (begin(graph), graph.generation, version)
            }
            var isLeft = true
            var isSame = true
            while isLeft, isSame {
                pause()
                guarded.withReading { graph in
                    isSame = graph.generation == generation
                    if isSame { isLeft = step(graph, &state) }
                }
            }
            if isSame { return (state, version) }
        }
        return guarded.withReadingVersioned { graph, version in
            var state = begin(graph)
            while step(graph, &state) {}
            return (state, version)
        }
    }
}
