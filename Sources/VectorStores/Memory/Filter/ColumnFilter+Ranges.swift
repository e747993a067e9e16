internal import CVectorKernels

extension ColumnFilter {
    /// Keeps the rows whose value is in a range.
    ///
    /// Where the bounds of each chunk's values are known, only chunks that a bound of the range falls into are
    /// looked at.
    static func keep(
        _ column: borrowing Column<Int64>, in set: inout RowSet, _ range: ClosedRange<Int64>,
        _ bounds: [ClosedRange<Int64>] = []
    ) {
        for chunk in 0..<column.chunkCount {
            let bound = chunk < bounds.count ? bounds[chunk] : nil
            if let bound, range.contains(bound.lowerBound), range.contains(bound.upperBound) { continue }
            if !set.hasRows(inChunk: chunk) { continue }
            let isOutside = bound.map { !range.overlaps($0) } ?? false
            unsafe set.withWords(ofChunk: chunk) { words, count in
                if isOutside {
                    unsafe words.update(repeating: 0, count: count)
                } else {
                    unsafe vk_keep_in_range(
                        column.values(ofChunk: chunk), count, range.lowerBound, range.upperBound, words)
                }
            }
        }
    }
}
