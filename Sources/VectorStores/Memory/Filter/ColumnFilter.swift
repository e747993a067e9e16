import Decisions

/// Evaluates queries over columns: a comparison looks at each distinct value once, then at numbers.
struct ColumnFilter {
    /// The rows that match a query and are not deleted.
    static func rows(matching query: Query?, in columns: borrowing DecisionColumns) -> RowSet {
        var set = RowSet(rowCount: columns.count, filled: true)
        if let query { set = rows(query, columns) }
        columns.flags.eachWord { word, flags in
            var live: UInt64 = 0
            for bit in flags.indices where flags[bit] & RowFlags.deletedBit == 0 { live |= 1 << UInt64(bit) }
            set.intersectWord(word, live)
        }
        return set
    }

    private static func rows(_ query: Query, _ columns: borrowing DecisionColumns) -> RowSet {
        switch query {
        case .all(let parts):
            var set = RowSet(rowCount: columns.count, filled: true)
            for part in parts { set.formIntersection(rows(part, columns)) }
            return set
        case .any(let parts):
            var set = RowSet(rowCount: columns.count)
            for part in parts { set.formUnion(rows(part, columns)) }
            return set
        case .not(let part):
            var set = rows(part, columns)
            set.invert()
            return set
        case .comparison(let comparison): return rows(comparison, columns)
        }
    }

    private static func rows(_ comparison: Query.Comparison, _ columns: borrowing DecisionColumns) -> RowSet {
        let test = ValueTest(comparison)
        switch DecisionField(comparison.field) {
        case .tenant: return texts(columns.tenants, test)
        case .principal: return texts(columns.principals, test)
        case .role: return lists(columns.roles, test)
        case .kind: return texts(columns.kinds, test)
        case .resource: return texts(columns.resources, test)
        case .scope: return texts(columns.scopes, test)
        case .action: return lists(columns.actions, test)
        case .policy: return lists(columns.policies, test)
        case .ip: return texts(columns.addresses, test)
        case .agent: return texts(columns.agents, test)
        case .metadata(["outcome"]): return texts(columns.outcomes, test)
        case .metadata(["source", "format"]): return texts(columns.formats, test)
        case .metadata(let path):
            return memoized(columns.extras) { bytes in
                var probe = ColumnFilter.probe
                probe.extras = DecisionColumns.object(from: String(decoding: bytes, as: UTF8.self))
                return probe.values(of: .metadata(path)).contains { test.matches($0) }
            }
        case .effect, .cacheHit: return flags(DecisionField(comparison.field), test, columns)
        case .time: return times(test, columns)
        case .durationMicroseconds:
            return RowSet(rowCount: columns.count) { row in
                let duration = columns.durations[row]
                guard duration != DecisionColumns.absentDuration else { return false }
                let number = Double(duration) / 1000
                return test.matches(number: number, text: ValueTest.text(of: number))
            }
        case .id:
            return RowSet(rowCount: columns.count) { row in
                let flag = RowFlags(rawValue: columns.flags[row])
                return test.matches(text: columns.identifiers.text(at: row, form: flag.form))
                    || flag.isDerived
                        && test.matches(text: columns.identifiers.originalText(at: row, form: flag.form))
            }
        }
    }

    /// A decision whose extras are replaced to ask for a metadata path.
    private static let probe = Decision(
        id: "", time: Timestamp(seconds: 0), principal: Principal(id: ""), resource: Resource(kind: ""),
        actions: [], effect: .allow)

    private static func texts(_ column: borrowing TextColumn, _ test: ValueTest) -> RowSet {
        if let texts = test.texts {
            // Equality: the numbers of the wanted texts, of which most queries have one.
            let wanted = texts.compactMap { column.values.find($0.text) }
            if wanted.isEmpty { return RowSet(rowCount: column.numbers.count) }
            if wanted.count == 1 { return numbers(column.numbers) { $0 == wanted[0] } }
        }
        return memoized(column) { test.matches(text: String(decoding: $0, as: UTF8.self)) }
    }

    private static func lists(_ column: borrowing TextColumn, _ test: ValueTest) -> RowSet {
        memoized(column) { bytes in ListCode.decoded(bytes).contains { test.matches(text: $0) } }
    }

    /// Asks about each distinct value once, then looks the answers up.
    private static func memoized(
        _ column: borrowing TextColumn, _ matches: (ArraySlice<UInt8>) -> Bool
    ) -> RowSet {
        var answers = [Bool](repeating: false, count: column.values.count)
        for number in answers.indices { answers[number] = matches(column.values.bytes(UInt32(number))) }
        return numbers(column.numbers) { number in number != Interner.absent && answers[Int(number)] }
    }

    private static func numbers(_ column: borrowing Column<UInt32>, _ matches: (UInt32) -> Bool) -> RowSet {
        var set = RowSet(rowCount: column.count)
        column.eachWord { word, values in
            var bits: UInt64 = 0
            for bit in values.indices where matches(values[bit]) { bits |= 1 << UInt64(bit) }
            set.setWord(word, bits)
        }
        return set
    }

    private static func flags(
        _ field: DecisionField, _ test: ValueTest, _ columns: borrowing DecisionColumns
    ) -> RowSet {
        var probe = ColumnFilter.probe
        var answers = [Bool](repeating: false, count: 256)
        for raw in UInt8.min...UInt8.max {
            let flag = RowFlags(rawValue: raw)
            probe.effect = flag.effect
            probe.cacheHit = flag.cacheHit
            answers[Int(raw)] = probe.values(of: field).contains { test.matches($0) }
        }
        var set = RowSet(rowCount: columns.count)
        columns.flags.eachWord { word, values in
            var bits: UInt64 = 0
            for bit in values.indices where answers[Int(values[bit])] { bits |= 1 << UInt64(bit) }
            set.setWord(word, bits)
        }
        return set
    }

    private static func times(_ test: ValueTest, _ columns: borrowing DecisionColumns) -> RowSet {
        guard let (operation, bound) = test.timeBound else {
            return RowSet(rowCount: columns.count) { test.matches(time: columns.time(at: $0)) }
        }
        // Whole seconds decide for all rows but those in the bound's own second.
        let includesLater = operation == .greater || operation == .greaterOrEqual
        var set = RowSet(rowCount: columns.count)
        columns.seconds.eachWord { word, values in
            var bits: UInt64 = 0
            for bit in values.indices {
                let second = values[bit]
                let matches =
                    second == bound.seconds
                    ? test.matches(time: columns.time(at: word << 6 + bit))
                    : (second > bound.seconds) == includesLater
                if matches { bits |= 1 << UInt64(bit) }
            }
            set.setWord(word, bits)
        }
        return set
    }
}

extension Column {
    /// Calls a closure with each run of 64 rows and its number.
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
