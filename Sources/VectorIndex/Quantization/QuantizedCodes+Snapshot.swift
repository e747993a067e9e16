extension QuantizedCodes {
    /// Writes the codes of the first `count` nodes and what they mean.
    func write(to writer: SnapshotWriter, count: Int) throws(IndexError) {
        try writer.write(.quantizedCodes, codes, count: count * bytes)
        try writer.write(.quantizedScales, scales, count: quantization == .sq4 ? count : 0)
        try writer.write(.centroidCounts, (codebook?.books ?? []).map { UInt32($0.count) })
        try writer.write(.centroids, (codebook?.books ?? []).flatMap(\.values))
    }

    /// Reads the codes of `count` nodes; counts are checked, since kernels follow them.
    ///
    /// Every number that a code may name has an entry in a query's table, so that codes need no look.
    convenience init(
        _ quantization: Quantization, stride: Int, trainedOn: Int, reading reader: SnapshotReader, count: Int
    ) throws(IndexError) {
        var codebook: ProductCodebook?
        if let shape = quantization.parts {
            let counts = try reader.array(.centroidCounts, of: UInt32.self)
            let values = try reader.array(.centroids, of: Float.self)
            let floats = shape.width * shape.entries
            guard counts.allSatisfy({ $0 <= shape.entries }), values.count == counts.count * floats,
                values.allSatisfy(\.isFinite)
            else { throw reader.damaged(.centroids) }
            let books = counts.enumerated().map { number, count in
                CentroidBook(
                    CentroidTrainer.Centroids(
                        values: Array(values[number * floats..<(number + 1) * floats]), count: Int(count)),
                    width: shape.width, limit: shape.entries)
            }
            codebook = ProductCodebook(quantization, stride: stride, books: books, trainedOn: trainedOn)
            guard codebook != nil else { throw reader.damaged(.centroidCounts) }
        }
        try self.init(quantization, stride: stride, codebook: codebook, capacity: Graph.nodeLimit)
        try reader.copy(.quantizedCodes, to: codes, count: count * bytes)
        try reader.copyFinite(.quantizedScales, to: scales, count: quantization == .sq4 ? count : 0)
    }
}
