import Decisions

extension ColumnFilter {
    /// When fewer rows are left than this share of the distinct texts, only theirs are looked at.
    private static let textsPerRow = 8

    static func keep(_ column: borrowing TextColumn, in set: inout RowSet, _ test: ValueTest) {
        if let texts = test.texts {
            // Equality: the numbers of the wanted texts, of which most queries have one.
            let wanted = texts.compactMap { column.values.find($0.text) }
            switch wanted.count {
            case 0: set = RowSet(rowCount: set.rowCount)
            case 1: column.numbers.keep(in: &set) { number, _ in number == wanted[0] }
            default:
                var marks = [Bool](repeating: false, count: column.values.count)
                for number in wanted { marks[Int(number)] = true }
                column.numbers.keep(in: &set) { number, _ in isMarked(number, marks) }
            }
        } else if let fragment = test.fragment {
            if set.count * textsPerRow < column.values.count {
                keepMemoized(column, in: &set) { fragment.occurs(in: $0.span) }
            } else {
                let marks = column.values.marks(of: fragment)
                column.numbers.keep(in: &set) { number, _ in isMarked(number, marks) }
            }
        } else {
            // Texts have no order.
            set = RowSet(rowCount: set.rowCount)
        }
    }

    static func keep(listsOf column: borrowing TextColumn, in set: inout RowSet, _ test: ValueTest) {
        keepMemoized(column, in: &set) { matches(list: $0, test) }
    }

    /// Whether a text of a list, given as its code, matches.
    static func matches(list: ArraySlice<UInt8>, _ test: ValueTest) -> Bool {
        if let fragment = test.fragment { return ListCode.contains(fragment, in: list) }
        return ListCode.decoded(list).contains { test.matches(text: $0) }
    }

    static func keep(
        extrasAt path: [String], in set: inout RowSet, _ test: ValueTest, _ columns: borrowing DecisionColumns
    ) {
        keepMemoized(columns.extras, in: &set) { bytes in
            var probe = ColumnFilter.probe
            probe.extras = DecisionColumns.object(from: String(decoding: bytes, as: UTF8.self))
            return probe.values(of: .metadata(path)).contains { test.matches($0) }
        }
    }

    static func keep(
        flagsOf field: DecisionField, in set: inout RowSet, _ test: ValueTest,
        _ columns: borrowing DecisionColumns
    ) {
        let answers = flagAnswers(field, test)
        keep(columns.flags, in: &set) { flags, _ in answers[Int(flags)] }
    }

    /// What a test says of each value that flags may have.
    static func flagAnswers(_ field: DecisionField, _ test: ValueTest) -> [Bool] {
        var probe = ColumnFilter.probe
        var answers = [Bool](repeating: false, count: 256)
        for raw in UInt8.min...UInt8.max {
            let flag = RowFlags(rawValue: raw)
            probe.effect = flag.effect
            probe.cacheHit = flag.cacheHit
            answers[Int(raw)] = probe.values(of: field).contains { test.matches($0) }
        }
        return answers
    }

    /// A decision whose parts are replaced to ask for a field.
    private static let probe = Decision(
        id: "", time: Timestamp(seconds: 0), principal: Principal(id: ""), resource: Resource(kind: ""),
        actions: [], effect: .allow)

    static func isMarked(_ number: UInt32, _ marks: [Bool]) -> Bool {
        number != Interner.absent && marks[Int(number)]
    }

    /// Asks about each distinct value of the rows left once; where they are fewer than those rows, about all.
    private static func keepMemoized(
        _ column: borrowing TextColumn, in set: inout RowSet, where matches: (ArraySlice<UInt8>) -> Bool
    ) {
        if column.values.count <= set.count {
            let marks = (0..<UInt32(column.values.count)).map { matches(column.values.bytes($0)) }
            column.numbers.keep(in: &set) { number, _ in isMarked(number, marks) }
            return
        }
        enum Answer: UInt8 { case unknown, no, yes }
        var answers = [Answer](repeating: .unknown, count: column.values.count)
        column.numbers.keep(in: &set) { number, _ in
            if number == Interner.absent { return false }
            if answers[Int(number)] == .unknown {
                answers[Int(number)] = matches(column.values.bytes(number)) ? .yes : .no
            }
            return answers[Int(number)] == .yes
        }
    }
}
