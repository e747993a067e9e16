internal import CVectorKernels

extension CodeArena {
    /// Writes the vectors of the first `count` nodes.
    func write(to writer: SnapshotWriter, count: Int) throws(IndexError) {
        let width = layout == .dense ? stride : layout.blockBytes
        try writer.write(.codes, codes, count: count * width)
        try writer.write(.overflow, overflow.codes, count: overflow.count * stride)
        try writer.write(.scales, scales, count: layout == .dense ? count : 0)
        try writer.write(.offsets, offsets, count: hasOffsets ? count : 0)
        try writer.write(.residuals, residuals, count: hasResiduals ? count * stride : 0)
        try writer.write(.residualScales, residualScales, count: hasResiduals ? count : 0)
    }

    /// Reads the vectors of `count` nodes; places and positions are checked, since kernels follow them.
    ///
    /// What only rescores is left in the file.
    func read(_ reader: SnapshotReader, count: Int, quantization: Quantization) throws(IndexError) {
        let width = layout == .dense ? stride : layout.blockBytes
        if quantization.hasOwnCodes {
            try reader.map(.codes, to: codes, count: count * width)
        } else {
            try reader.copy(.codes, to: codes, count: count * width)
        }
        try reader.copyFinite(.scales, to: scales, count: layout == .dense ? count : 0)
        try reader.copyFinite(.offsets, to: offsets, count: hasOffsets ? count : 0)
        let residualCount = hasResiduals ? count * stride : 0
        if quantization != .none {
            try reader.map(.residuals, to: residuals, count: residualCount)
        } else {
            try reader.copy(.residuals, to: residuals, count: residualCount)
        }
        try reader.copyFinite(.residualScales, to: residualScales, count: hasResiduals ? count : 0)
        let places = try reader.length(.overflow) / max(1, stride)
        try reader.copy(.overflow, to: overflow.codes, count: places * stride)
        var isTaken = [Bool](repeating: false, count: places)
        guard case .sparse(let bytes) = layout else { return overflow.adopt(isTaken: isTaken) }
        for slot in 0..<count {
            let isPossible = unsafe isPossible(codes.base + slot * bytes, bytes, taking: &isTaken)
            guard isPossible, scale(UInt32(slot)).isFinite else {
                throw reader.damaged(.codes, "the vector of node \(slot) is impossible")
            }
        }
        overflow.adopt(isTaken: isTaken)
    }

    /// Leaves in a snapshot, just written, what only rescores.
    func leave(
        in file: Int32, _ ranges: [SnapshotSection: Range<Int>], path: String, quantization: Quantization
    ) throws(IndexError) {
        if quantization.hasOwnCodes, let range = ranges[.codes] {
            try codes.mapPages(of: file, at: range, path: path)
        }
        if quantization != .none, let range = ranges[.residuals] {
            try residuals.mapPages(of: file, at: range, path: path)
        }
    }

    /// Whether a block's positions lie in the vector, or its place in the overflow is its own.
    private func isPossible(
        _ block: UnsafePointer<UInt8>, _ bytes: Int, taking isTaken: inout [Bool]
    ) -> Bool {
        if unsafe vk_sparse_is_spilled(block, bytes) != 0 {
            let place = unsafe Int(vk_sparse_spill(block))
            guard place < isTaken.count, !isTaken[place] else { return false }
            isTaken[place] = true
            return true
        }
        // Half of a block is positions; with 256 dimensions or more any byte is one.
        return stride >= 256 || (0..<bytes / 2 - 2).allSatisfy { unsafe Int(block[$0]) < stride }
    }
}
