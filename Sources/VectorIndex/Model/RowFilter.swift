/// A set of rows, one bit each: what a search may return.
public struct RowFilter: Sendable, Hashable {
    /// One bit a row, row 0 in the lowest bit of the first word.
    public private(set) var words: [UInt64]
    /// How many rows are in the set.
    public private(set) var count: Int

    /// An empty set with room for rows below `capacity`.
    public init(capacity: Int = 0) {
        words = [UInt64](repeating: 0, count: (max(0, capacity) + 63) / 64)
        count = 0
    }

    /// The set of rows whose bits are set, row 0 in the lowest bit of the first word.
    public init(words: [UInt64]) {
        self.words = words
        count = words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// The set of some rows.
    public init(_ rows: some Sequence<Row>) {
        self.init()
        for row in rows { insert(row) }
    }

    /// Adds a row.
    public mutating func insert(_ row: Row) {
        let word = Int(row.rawValue >> 6)
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: word + 1 - words.count))
        }
        let bit = UInt64(1) << UInt64(row.rawValue & 63)
        if words[word] & bit == 0 {
            words[word] |= bit
            count += 1
        }
    }

    /// What the set takes, in bytes.
    public var byteCount: Int { words.count * MemoryLayout<UInt64>.stride }

    /// Whether a row is in the set.
    public func contains(_ row: Row) -> Bool {
        let word = Int(row.rawValue >> 6)
        return word < words.count && words[word] & (1 << UInt64(row.rawValue & 63)) != 0
    }

    /// Calls `body` with each row, in order.
    func forEach(_ body: (Row) -> Void) {
        for (index, word) in words.enumerated() where word != 0 {
            var rest = word
            while rest != 0 {
                body(Row(rawValue: UInt32(index << 6 + rest.trailingZeroBitCount)))
                rest &= rest - 1
            }
        }
    }
}
