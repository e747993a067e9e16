/// Which rows a search may return, in the form the walk asks.
@safe struct RowPredicate {
    /// The partition's number, or `Graph.none` for all.
    let partition: UInt32
    let excluded: UInt32
    private let words: UnsafePointer<UInt64>?
    private let wordCount: Int
    private let hasFilter: Bool
    /// Asked of a row where there is no filter; must not use the index.
    private let test: ((UInt32) -> Bool)?
    /// What it takes to go through the filter, in rows.
    private let filterSteps: Int
    /// Words without rows that are passed in the time of one row.
    private static let emptyWordsPerStep = 8

    @unsafe init(
        _ options: SearchOptions, words: UnsafeBufferPointer<UInt64>?, test: ((UInt32) -> Bool)? = nil
    ) {
        self.test = test
        partition = options.partition?.rawValue ?? Graph.none
        excluded = options.excluding?.rawValue ?? Graph.none
        unsafe self.words = words?.baseAddress
        wordCount = unsafe words?.count ?? 0
        filterSteps = (options.filter?.count ?? 0) + wordCount / RowPredicate.emptyWordsPerStep
        hasFilter = options.filter != nil
    }

    @inline(__always)
    func admits(row: UInt32) -> Bool {
        if row == excluded { return false }
        guard hasFilter else { return test.map { $0(row) } ?? true }
        let word = Int(row >> 6)
        guard word < wordCount, let words = unsafe words else { return false }
        return unsafe words[word] & (1 << UInt64(row & 63)) != 0
    }
}

extension RowPredicate {
    /// Whether going through the filter takes fewer steps than going through so many rows.
    @inline(__always)
    func isShorter(than count: UInt32) -> Bool { hasFilter && filterSteps < Int(count) }

    /// The first row of the filter for which a closure holds, or `none`.
    func first(where isWanted: (UInt32) -> Bool) -> UInt32 {
        for index in 0..<wordCount {
            var word = unsafe words?[index] ?? 0
            while word != 0 {
                let row = UInt32(index << 6 + word.trailingZeroBitCount)
                if row != excluded, isWanted(row) { return row }
                word &= word - 1
            }
        }
        return Graph.none
    }
}

extension Graph {
    /// A row of a node that a search may return, or `none`.
    ///
    /// Goes through the node's rows or the filter's, whichever are fewer.
    @inline(__always)
    func firstMatch(_ slot: UInt32, _ predicate: RowPredicate) -> UInt32 {
        guard admits(slot, predicate) else { return Graph.none }
        if predicate.isShorter(than: postings.count(slot)) {
            return predicate.first { postings.slot(of: $0) == slot }
        }
        var row = postings.first(slot)
        while row != Graph.none, !predicate.admits(row: row) { row = postings.next(row) }
        return row
    }

    /// Calls a closure with each row of a node that a search may return.
    ///
    /// Goes through the node's rows or the filter's, whichever are fewer.
    @inline(__always)
    func forEachMatch(_ slot: UInt32, _ predicate: RowPredicate, _ body: (UInt32) -> Void) {
        guard admits(slot, predicate) else { return }
        if predicate.isShorter(than: postings.count(slot)) {
            _ = predicate.first { row in
                if postings.slot(of: row) == slot { body(row) }
                return false
            }
            return
        }
        var row = postings.first(slot)
        while row != Graph.none {
            if predicate.admits(row: row) { body(row) }
            row = postings.next(row)
        }
    }

    @inline(__always)
    private func admits(_ slot: UInt32, _ predicate: RowPredicate) -> Bool {
        predicate.partition == Graph.none || partitionOfNode[slot] == predicate.partition
    }
}
