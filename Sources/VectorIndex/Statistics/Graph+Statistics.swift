extension Graph {
    /// What the graph knows without a walk.
    func statistics() -> IndexStatistics {
        var statistics = IndexStatistics(configuration: configuration, kernel: kernel.level)
        statistics.quantization = presentQuantization
        statistics.codeBytes = quantized?.bytesPerNode ?? arena.bytesPerWalkedNode
        statistics.exactBytes = arena.bytesPerNode
        statistics.rows = rowCount
        statistics.nodes = liveCount
        statistics.tombstones = tombstoneCount
        statistics.tail = tail.count
        statistics.partitions = partitions.values.count { $0.rows > 0 }
        statistics.parts = parts
        statistics.training = quantized?.codebook.map { codebook in
            .init(
                vectors: codebook.trainedOn, centroids: codebook.centroids, centroidLimit: codebook.entries)
        }
        return statistics
    }

    private var parts: [IndexStatistics.Part] {
        let lists = partitions.values.reduce(0) { $0 + $1.slots.capacity * 4 }
        let smaller = quantized.map {
            IndexStatistics.Part(name: "codes", bytes: $0.memory(nodes: slotCount))
        }
        return [
            .init(
                name: "vectors", bytes: arena.bytes(nodes: slotCount) - arena.mappedBytes,
                mappedBytes: arena.mappedBytes),
            .init(
                name: "links", bytes: slotCount * (ground.bytesPerNode + 5) + upper.bytes(nodes: slotCount)),
            .init(
                name: "postings",
                bytes: slotCount * PostingTable.bytesPerNode + rowEnd * PostingTable.bytesPerRow),
            .init(name: "directory", bytes: directory.bytes),
            .init(name: "partitions", bytes: slotCount * 4 + lists),
        ] + (smaller.map { [$0] } ?? [])
    }

    /// The nodes with rows that cannot be reached from the entry over the ground layer, in order; those of the tail are
    /// found without.
    func unreachable() -> [UInt32] {
        guard entry != Graph.none else { return [] }
        var reached = SlotSet(below: slotCount)
        var queue: [UInt32] = []
        queue.reserveCapacity(slotCount)
        spread(from: entry, &queue, over: &reached) { _, _ in }
        return (0..<UInt32(slotCount)).filter { !reached.contains($0) && isLive($0) && !isInTail($0) }
    }
}
