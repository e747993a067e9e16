/// Which rows a search may return, in the form the walk asks.
@safe struct RowPredicate {
    /// The partition's number, or `Graph.none` for all.
    let partition: UInt32
    let excluded: UInt32
    private let words: UnsafePointer<UInt64>?
    private let wordCount: Int

    @unsafe init(_ options: SearchOptions, words: UnsafeBufferPointer<UInt64>?) {
        partition = options.partition?.rawValue ?? Graph.none
        excluded = options.excluding?.rawValue ?? Graph.none
        unsafe self.words = words?.baseAddress
        wordCount = unsafe words?.count ?? 0
        hasFilter = options.filter != nil
    }

    let hasFilter: Bool

    @inline(__always)
    func admits(row: UInt32) -> Bool {
        if row == excluded { return false }
        guard hasFilter else { return true }
        let word = Int(row >> 6)
        guard word < wordCount, let words = unsafe words else { return false }
        return unsafe words[word] & (1 << UInt64(row & 63)) != 0
    }
}

extension Graph {
    /// The first row of a node that a search may return, or `none`.
    @inline(__always)
    func firstMatch(_ slot: UInt32, _ predicate: RowPredicate) -> UInt32 {
        if predicate.partition != Graph.none, partitionOfNode[slot] != predicate.partition {
            return Graph.none
        }
        var row = postings.first(slot)
        while row != PostingTable.none {
            if predicate.admits(row: row) { return row }
            row = postings.next(row)
        }
        return Graph.none
    }
}
