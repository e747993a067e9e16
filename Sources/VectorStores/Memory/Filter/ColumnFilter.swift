import Decisions

/// Evaluates queries over columns: a comparison looks at each distinct value once, then at numbers, and only
/// at rows that those before it left.
enum ColumnFilter {
    /// The rows that match a query and are not deleted.
    static func rows(matching query: Query?, in columns: borrowing DecisionColumns) -> RowSet {
        var set = RowSet(rowCount: columns.count, filled: true)
        if let query { narrow(&set, to: query, columns) }
        keep(columns.flags, in: &set) { flags, _ in flags & RowFlags.deletedBit == 0 }
        return set
    }

    /// The same, where it is known which of the rows before one match, but for those deleted meanwhile.
    static func rows(
        matching query: Query, in columns: borrowing DecisionColumns, after count: Int, of known: [UInt64]
    ) -> RowSet {
        var set = RowSet(rowCount: columns.count, from: count)
        if count < columns.count { narrow(&set, to: query, columns) }
        set.formUnion(known)
        keep(columns.flags, in: &set) { flags, _ in flags & RowFlags.deletedBit == 0 }
        return set
    }

    private static func narrow(
        _ set: inout RowSet, to query: Query, _ columns: borrowing DecisionColumns
    ) {
        switch query {
        case .all(let parts):
            for part in cheapestFirst(parts) where !set.isEmpty { narrow(&set, to: part, columns) }
        case .any(let parts):
            var found = RowSet(rowCount: set.rowCount)
            for part in cheapestFirst(parts) where !set.isEmpty {
                var matching = set
                narrow(&matching, to: part, columns)
                found.formUnion(matching)
                set.subtract(matching)
            }
            set = found
        case .not(let part):
            var matching = set
            narrow(&matching, to: part, columns)
            set.subtract(matching)
        case .comparison(let comparison): narrow(&set, to: comparison, columns)
        }
    }

    private static func narrow(
        _ set: inout RowSet, to comparison: Query.Comparison, _ columns: borrowing DecisionColumns
    ) {
        let test = ValueTest(comparison)
        let field = DecisionField(comparison.field)
        if let texts = TextField(field) {
            columns.withTexts(texts) { column in
                if texts.isList {
                    keep(listsOf: column, in: &set, test)
                } else {
                    keep(column, in: &set, test)
                }
            }
            return
        }
        switch field {
        case .effect, .cacheHit: keep(flagsOf: field, in: &set, test, columns)
        case .time: keep(timesIn: columns, in: &set, test)
        case .durationMicroseconds: keep(durationsIn: columns, in: &set, test)
        case .id: keep(identifiersIn: columns, in: &set, test)
        case .metadata(let path): keep(extrasAt: path, in: &set, test, columns)
        default: preconditionFailure("a field of texts is looked at above")
        }
    }

    // MARK: Order

    /// What a comparison costs for each row, in steps.
    private enum Cost: Int {
        /// Numbers are compared.
        case numbers
        /// Each distinct text is looked at.
        case texts
        /// Each row's identifier is looked at.
        case identifiers
        /// A text is made, or read, for each value.
        case values
    }

    /// What is cheap goes first: it leaves fewer rows to what is not.
    static func cheapestFirst(_ parts: [Query]) -> [Query] {
        parts.count == 1 ? parts : parts.sorted { cost($0).rawValue < cost($1).rawValue }
    }

    private static func cost(_ query: Query) -> Cost {
        switch query {
        case .all(let parts), .any(let parts):
            return parts.map(cost).max { $0.rawValue < $1.rawValue } ?? .numbers
        case .not(let part): return cost(part)
        case .comparison(let comparison):
            let isContained = comparison.operation == .contains
            let field = DecisionField(comparison.field)
            if TextField(field) != nil { return isContained ? .texts : .numbers }
            switch field {
            case .metadata: return .values
            case .id: return .identifiers
            case .time, .durationMicroseconds: return isContained ? .values : .numbers
            default: return isContained ? .texts : .numbers
            }
        }
    }

    // MARK: Rows

    /// Keeps the rows of a set whose value, or number, a closure accepts; others are not asked about.
    ///
    /// Always inlined, since a closure that looks at other columns would else be called for every row.
    @inline(__always)
    static func keep<Element>(
        _ column: borrowing Column<Element>, in set: inout RowSet, where matches: (Element, Int) -> Bool
    ) {
        column.eachWord { word, values in
            var rest = set.words[word]
            var bits: UInt64 = 0
            if rest == .max {
                for bit in 0..<64 {
                    bits |= (matches(values[bit], word << 6 + bit) ? 1 : 0) << UInt64(bit)
                }
            } else {
                while rest != 0 {
                    let bit = rest.trailingZeroBitCount
                    bits |= (matches(values[bit], word << 6 + bit) ? 1 : 0) << UInt64(bit)
                    rest &= rest - 1
                }
            }
            set.intersectWord(word, bits)
        }
    }
}

extension Column {
    /// Calls a closure with each run of 64 rows and its number.
    @inline(__always)
    func eachWord(_ body: (Int, Span<Element>) -> Void) {
        for chunk in 0..<chunkCount {
            withChunk(chunk) { values in
                var row = 0
                while row < values.count {
                    body(
                        (chunk << Chunk.shift + row) >> 6,
                        values.extracting(row..<min(row + 64, values.count)))
                    row += 64
                }
            }
        }
    }
}
