import Decisions
import VectorIndex

/// The rows that recent queries matched, so that a query asked again looks only at rows that came since.
///
/// A screen asks the same query every second, and a person the same one about many vectors: to look at all columns
/// each time took most of a search under a filter. A query is kept once its rows were needed, the least recently
/// used ones leave; as the query caches of search engines do (Lucene's `LRUQueryCache`).
struct FilterCache {
    /// What a query matched, and of which rows that was said.
    struct Held {
        var filter: RowFilter
        /// Rows there were.
        var rowCount: Int
        /// Whether the rows are still numbered so and hold the same.
        var numbering: RowNumbering
        /// Rows that had been deleted.
        var deletions: UInt64

        init(_ filter: RowFilter, _ state: borrowing StoreState) {
            self.filter = filter
            rowCount = state.columns.count
            numbering = state.numbering
            deletions = state.deletions
        }
    }

    /// Bytes of rows that are kept, one bit each: 64 queries over a million rows.
    static let byteLimit = 8 << 20
    /// Queries that are kept, however few rows there are.
    static let queryLimit = 256
    /// Queries whose asking is remembered while their rows are not kept.
    static let memory = 64
    /// How often a query is asked before its rows are looked for without need.
    static let often = 3

    private var held: [QueryKey: (held: Held, use: UInt64)] = [:]
    private var bytes = 0
    private var uses: UInt64 = 0
    /// The hashes of the queries asked last, in a ring.
    private var asked: [Int] = []
    private var next = 0

    /// What is kept of a query, and whether it was asked often of late.
    mutating func ask(_ key: QueryKey) -> (held: Held?, isOften: Bool) {
        uses += 1
        if let found = held[key] {
            held[key]?.use = uses
            return (found.held, true)
        }
        let hash = key.hashValue
        if asked.count < Self.memory { asked.append(hash) } else { asked[next] = hash }
        next = (next + 1) % Self.memory
        return (nil, asked.count { $0 == hash } >= Self.often)
    }

    /// Keeps what a query matched, instead of what was kept of it, unless that alone is too much.
    mutating func keep(_ new: Held, for key: QueryKey) {
        drop(key)
        let size = new.filter.byteCount
        guard size <= Self.byteLimit else { return }
        while bytes + size > Self.byteLimit || held.count >= Self.queryLimit,
            let oldest = held.min(by: { $0.value.use < $1.value.use })
        {
            drop(oldest.key)
        }
        bytes += size
        uses += 1
        held[key] = (new, uses)
    }

    private mutating func drop(_ key: QueryKey) {
        if let gone = held.removeValue(forKey: key) { bytes -= gone.held.filter.byteCount }
    }
}

/// Stands for what rows hold and how they are numbered: another one as soon as either changes, but for rows that are
/// added or deleted.
final class RowNumbering: Sendable {}

/// A query by its bytes: texts that are equal only as characters ask for different things.
struct QueryKey: Hashable {
    private let bytes: [UInt8]

    init(_ query: Query) {
        var bytes: [UInt8] = []
        Self.append(query, to: &bytes)
        self.bytes = bytes
    }

    private static func append(_ query: Query, to bytes: inout [UInt8]) {
        switch query {
        case .all(let parts): append(parts, "a", to: &bytes)
        case .any(let parts): append(parts, "o", to: &bytes)
        case .not(let part): append([part], "n", to: &bytes)
        case .comparison(let comparison):
            bytes.append(UInt8(ascii: "c"))
            append(comparison.field, to: &bytes)
            append(comparison.operation.rawValue, to: &bytes)
            append(comparison.operands.count, to: &bytes)
            for operand in comparison.operands { append(operand, to: &bytes) }
        }
    }

    private static func append(_ parts: [Query], _ kind: Unicode.Scalar, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: kind))
        append(parts.count, to: &bytes)
        for part in parts { append(part, to: &bytes) }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        append(text.utf8.count, to: &bytes)
        bytes.append(contentsOf: text.utf8)
    }

    /// A count, which tells where what it counts ends.
    private static func append(_ count: Int, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: count >> shift))
        }
    }
}
