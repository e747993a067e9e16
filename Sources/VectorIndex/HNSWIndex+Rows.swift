import Locks

extension HNSWIndex {
    /// The counts of a row's vector; nil when the row is not in the index or the index holds floats.
    public func counts(of row: Row) -> [Int8]? {
        guarded.withReading { graph in
            let slot = graph.postings.slot(of: row.rawValue)
            guard slot != Graph.none, graph.configuration.element == .counts else { return nil }
            var counts = [Int8](repeating: 0, count: graph.arena.stride)
            _ = unsafe counts.withUnsafeMutableBufferPointer { buffer in
                unsafe buffer.baseAddress.map { unsafe graph.arena.unpack(slot, into: $0, graph.kernel) }
            }
            return Array(counts.prefix(graph.configuration.dimension))
        }
    }

    /// Whether the rows of the index are exactly those below a number that have a partition, each in its own;
    /// costs O(rows).
    public func hasRows(below end: Int, partition: (Row) -> Partition?) -> Bool {
        guarded.withReading { graph in
            guard end <= Int(Row.limit) else { return false }
            var count = 0
            for row in 0..<UInt32(end) {
                guard let partition = partition(Row(rawValue: row)) else { continue }
                let slot = graph.postings.slot(of: row)
                guard slot != Graph.none, graph.partitionOfNode[slot] == partition.rawValue else {
                    return false
                }
                count += 1
            }
            return count == graph.rowCount
        }
    }

    /// How many distinct vectors a partition has.
    public func distinctCount(in partition: Partition) -> Int {
        guarded.withReading { $0.partitions[partition.rawValue]?.live ?? 0 }
    }
}

extension HNSWIndex {
    /// How many distinct vectors there are.
    public var distinctCount: Int { guarded.withReading { $0.liveCount } }

    /// Whether a number of further vectors fits, however different they are.
    public func hasRoom(for vectors: Int) -> Bool {
        guarded.withReading { graph in
            graph.slotCount - graph.freeSlots.count + vectors <= Graph.nodeLimit
                && graph.upper.hasRoom(levels: vectors * (SearchScratch.layerLimit - 1))
        }
    }
}

extension HNSWIndex {
    /// Numbers the rows anew: the row at each place of `rows` becomes the row of that place.
    ///
    /// `rows` are all of the index's rows, in ascending order, and no rebuild is running. Costs O(rows).
    public func renumber(_ rows: [Row]) {
        guarded.withWriting { graph in
            precondition(rows.count == graph.rowCount, "every row is numbered anew")
            precondition(graph.touched == nil, "a rebuild counts on the numbers")
            for (number, row) in rows.enumerated() where row.rawValue != UInt32(number) {
                graph.postings.move(row.rawValue, to: UInt32(number))
            }
            graph.rowEnd = rows.count
        }
    }
}
