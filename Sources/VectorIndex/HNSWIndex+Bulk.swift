import Locks

extension HNSWIndex {
    /// Makes an index of float vectors all at once: row `i` is vector `i`; faster than inserting them one by
    /// one.
    ///
    /// The graph is the same on any number of threads.
    public convenience init(
        _ configuration: IndexConfiguration, partition: Partition = Partition(rawValue: 0),
        vectors: VectorFile,
        threads: Int = 1
    ) throws(IndexError) {
        let layout = CodeLayout(configuration, suiting: vectors)
        self.init(graph: try Graph(configuration, layout: layout))
        try fill(vectors, partition: partition.rawValue, threads: threads) {
            (index, vector) throws(IndexError) in
            try vectors.withVector(index) { (floats) throws(IndexError) in try vector.load(floats: floats) }
        }
    }

    /// Makes an index of counts all at once from a file whose vectors are counts times a scale.
    public convenience init(
        countsOf vectors: VectorFile, _ configuration: IndexConfiguration, threads: Int = 1
    ) throws(IndexError) {
        try self.init(configuration)
        var counts = [Int8](repeating: 0, count: configuration.dimension)
        try fill(vectors, partition: 0, threads: threads) { (index, vector) throws(IndexError) in
            let scale = vectors.withVector(index) { recoverCounts($0, into: &counts) }
            guard let scale else {
                throw .vectorFile(path: vectors.path, problem: "vector \(index) is no multiple of counts")
            }
            try vector.load(counts: counts.span, scale: scale)
        }
    }

    private func fill(
        _ vectors: VectorFile, partition: UInt32, threads: Int,
        load: (Int, inout PreparedVector) throws(IndexError) -> Void
    ) throws(IndexError) {
        let scratch = scratches.take()
        defer { scratches.giveBack(scratch) }
        try guarded.withWriting { (graph) throws(IndexError) in
            for index in 0..<vectors.count {
                try load(index, &scratch.vector)
                let hash = graph.hash(scratch.vector, partition: partition)
                let slot: UInt32
                if let existing = graph.find(scratch, partition: partition, hash: hash) {
                    slot = existing
                } else {
                    slot = try graph.addNode(
                        scratch, partition: partition, hash: hash, level: graph.level(hash: hash))
                }
                graph.attach(UInt32(index), to: slot)
            }
            _ = GraphBuilder(graph, threads: threads).build(progress: { _ in }, isCancelled: { false })
            _ = try graph.quantize(threads: threads)
        }
    }
}

/// Finds whole numbers of at most 127 that a float vector is a multiple of; nil if there are none.
func recoverCounts(_ vector: Span<Float>, into counts: inout [Int8]) -> Float? {
    var smallest = Float.infinity
    var largest: Float = 0
    for index in vector.indices where vector[index] != 0 {
        smallest = min(smallest, abs(vector[index]))
        largest = max(largest, abs(vector[index]))
    }
    guard largest > 0, largest.isFinite else { return nil }
    // The smallest value stands for some count; try them in turn.
    for count in 1...127 {
        let scale = smallest / Float(count)
        if largest / scale > 127.01 { return nil }
        let isWhole = vector.indices.allSatisfy { index in
            let value = vector[index] / scale
            return abs(value - value.rounded()) < 2e-3
        }
        if isWhole {
            for index in vector.indices { counts[index] = Int8((vector[index] / scale).rounded()) }
            return scale
        }
    }
    return nil
}
