extension HNSWIndex {
    /// The counts of a row's vector; nil when the row is not in the index or the index holds floats.
    public func counts(of row: Row) -> [Int8]? {
        guarded.reading { graph in
            let slot = graph.postings.slot(of: row.rawValue)
            guard slot != PostingTable.none, graph.configuration.element == .counts else { return nil }
            var counts = [Int8](repeating: 0, count: graph.arena.stride)
            _ = unsafe counts.withUnsafeMutableBufferPointer { buffer in
                unsafe buffer.baseAddress.map { unsafe graph.arena.unpack(slot, into: $0, graph.kernel) }
            }
            return Array(counts.prefix(graph.configuration.dimension))
        }
    }

    /// How many distinct vectors a partition has.
    public func distinctCount(in partition: Partition) -> Int {
        guarded.reading { $0.partitions[partition.rawValue]?.live ?? 0 }
    }
}

extension HNSWIndex {
    /// How many distinct vectors there are.
    public var distinctCount: Int { guarded.reading { $0.liveCount } }
}
