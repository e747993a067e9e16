/// A set of rows, one bit each.
struct RowSet: Sendable, Hashable {
    /// Sixty-four rows per word; bits past `rowCount` are zero.
    private(set) var words: [UInt64]
    /// Rows that may be in the set: 0 up to this.
    let rowCount: Int

    /// The empty set, or all rows.
    init(rowCount: Int, filled: Bool = false) {
        self.rowCount = rowCount
        words = [UInt64](repeating: filled ? .max : 0, count: (rowCount + 63) / 64)
        trim()
    }

    /// The set of a row and all after it.
    init(rowCount: Int, from first: Int) {
        self.init(rowCount: rowCount)
        guard first < rowCount else { return }
        words[first >> 6] = .max << UInt64(first & 63)
        for index in (first >> 6 + 1)..<max(first >> 6 + 1, words.count) { words[index] = .max }
        trim()
    }

    /// Makes a set by asking a closure for each row.
    init(rowCount: Int, where matches: (Int) -> Bool) {
        self.rowCount = rowCount
        words = []
        words.reserveCapacity((rowCount + 63) / 64)
        var row = 0
        while row < rowCount {
            var word: UInt64 = 0
            for bit in 0..<min(64, rowCount - row) where matches(row + bit) { word |= 1 << UInt64(bit) }
            words.append(word)
            row += 64
        }
    }

    /// How many rows are in the set.
    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    func contains(_ row: Int) -> Bool {
        row < rowCount && words[row >> 6] & (1 << UInt64(row & 63)) != 0
    }

    mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    mutating func remove(_ row: Int) { words[row >> 6] &= ~(1 << UInt64(row & 63)) }

    mutating func formUnion(_ other: RowSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    /// Adds the rows whose bits are set, below those there are.
    mutating func formUnion(_ known: [UInt64]) {
        for index in known.indices { words[index] |= known[index] }
    }

    mutating func subtract(_ other: RowSet) {
        for index in words.indices { words[index] &= ~other.words[index] }
    }

    /// Calls a closure with each row, ascending.
    func forEach<Failure: Error>(_ body: (Int) throws(Failure) -> Void) throws(Failure) {
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                try body(index << 6 + word.trailingZeroBitCount)
                word &= word - 1
            }
        }
    }

    /// Runs a closure on the words of a chunk's rows.
    @unsafe mutating func withWords(
        ofChunk chunk: Int, _ body: (UnsafeMutablePointer<UInt64>, Int) -> Void
    ) {
        let first = min(words.count, chunk * Chunk.rows / 64)
        let count = min(words.count - first, Chunk.rows / 64)
        unsafe words.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe body(base + first, count)
        }
    }

    /// Whether any row of a chunk is in the set.
    func hasRows(inChunk chunk: Int) -> Bool {
        let first = min(words.count, chunk * Chunk.rows / 64)
        return words[first..<min(words.count, first + Chunk.rows / 64)].contains { $0 != 0 }
    }

    /// Keeps of sixty-four rows only those whose bits are set.
    mutating func intersectWord(_ index: Int, _ word: UInt64) { words[index] &= word }

    private mutating func trim() {
        if rowCount % 64 != 0, let last = words.indices.last {
            words[last] &= (1 << UInt64(rowCount % 64)) - 1
        }
    }
}
