import Decisions

/// A query compiled to be asked of single rows, for walks: they meet few of them.
///
/// Only of comparisons that cost little for one row, so not of metadata paths or of whole identifiers. Costs a look
/// at each distinct list where it asks for lists, and nothing for each row.
struct RowTest {
    private indirect enum Part {
        case all([Part])
        case any([Part])
        case not(Part)
        case numbers(TextField, Set<UInt32>)
        case marks(TextField, [Bool])
        case fragment(TextField, Fragment)
        case identifier(PackedFragment)
        case flags([Bool])
        case durations(ClosedRange<Int64>)
        case time(ValueTest)
        case never
    }

    /// Columns of more distinct lists than this are not looked at for one search.
    private static let listLimit = 512
    /// How many rows the share that passes is estimated from.
    private static let sampleCount = 512

    private let part: Part

    /// Compiles a query; nil when it asks what costs more for a row than it is worth.
    init?(_ query: Query, in columns: borrowing DecisionColumns) {
        guard let part = RowTest.compiled(query, columns) else { return nil }
        self.part = part
    }

    /// Whether a row passes and is not deleted.
    func admits(_ row: Int, _ columns: borrowing DecisionColumns) -> Bool {
        columns.isHeld(row) && RowTest.holds(part, row, columns)
    }

    /// The share of all rows that passes, by some of them: half as much again or less off where it is a tenth or more.
    func estimatedShare(_ columns: borrowing DecisionColumns) -> Double {
        let count = min(RowTest.sampleCount, columns.count)
        guard count > 0 else { return 0 }
        var passed = 0
        for number in 0..<count {
            // Spread by the golden ratio, so that no period of the rows is met.
            let row = Int(UInt64(number) &* 0x9E37_79B9_7F4A_7C15 % UInt64(columns.count))
            passed += admits(row, columns) ? 1 : 0
        }
        return Double(passed) / Double(count)
    }

    // MARK: Compiling

    private static func compiled(_ query: Query, _ columns: borrowing DecisionColumns) -> Part? {
        switch query {
        case .all(let parts): compiled(parts, columns).map(Part.all)
        case .any(let parts): compiled(parts, columns).map(Part.any)
        case .not(let part): compiled(part, columns).map(Part.not)
        case .comparison(let comparison): compiled(comparison, columns)
        }
    }

    private static func compiled(_ parts: [Query], _ columns: borrowing DecisionColumns) -> [Part]? {
        var compiled: [Part] = []
        for part in parts {
            guard let part = RowTest.compiled(part, columns) else { return nil }
            compiled.append(part)
        }
        return compiled
    }

    private static func compiled(
        _ comparison: Query.Comparison, _ columns: borrowing DecisionColumns
    ) -> Part? {
        let test = ValueTest(comparison)
        let field = DecisionField(comparison.field)
        if let textField = TextField(field) {
            return columns.withTexts(textField) { column in
                textField.isList ? lists(textField, column, test) : texts(textField, column, test)
            }
        }
        switch field {
        case .effect, .cacheHit: return .flags(ColumnFilter.flagAnswers(field, test))
        case .time: return test.timeBound == nil ? nil : .time(test)
        case .durationMicroseconds:
            guard let (operation, bound) = test.numberBound else { return nil }
            return ColumnFilter.nanoseconds(operation, bound).map { .durations($0) } ?? .never
        case .id: return test.fragment.map { .identifier(PackedFragment($0)) }
        default: return nil
        }
    }

    private static func texts(
        _ field: TextField, _ column: borrowing TextColumn, _ test: ValueTest
    ) -> Part {
        if let fragment = test.fragment { return .fragment(field, fragment) }
        var numbers: Set<UInt32> = []
        // Texts have no order.
        for text in test.texts ?? [] {
            if let number = column.values.find(text.text) { numbers.insert(number) }
        }
        return numbers.isEmpty ? .never : .numbers(field, numbers)
    }

    private static func lists(
        _ field: TextField, _ column: borrowing TextColumn, _ test: ValueTest
    ) -> Part? {
        guard column.values.count <= listLimit else { return nil }
        let marks = (0..<UInt32(column.values.count)).map {
            ColumnFilter.matches(list: column.values.bytes($0), test)
        }
        return .marks(field, marks)
    }

    // MARK: Asking

    private static func holds(_ part: Part, _ row: Int, _ columns: borrowing DecisionColumns) -> Bool {
        switch part {
        case .all(let parts):
            for part in parts where !holds(part, row, columns) { return false }
            return true
        case .any(let parts):
            for part in parts where holds(part, row, columns) { return true }
            return false
        case .not(let part): return !holds(part, row, columns)
        case .numbers(let field, let wanted):
            return columns.withTexts(field) { wanted.contains($0.numbers[row]) }
        case .marks(let field, let marks):
            return columns.withTexts(field) { column in
                ColumnFilter.isMarked(column.numbers[row], marks)
            }
        case .fragment(let field, let fragment):
            return columns.withTexts(field) { column in
                let number = column.numbers[row]
                return number != Interner.absent && fragment.occurs(in: column.values.bytes(number).span)
            }
        case .identifier(let packed):
            let form = RowFlags(rawValue: columns.flags[row]).form
            return columns.identifiers.contains(packed, row: row, form: form)
        case .flags(let answers): return answers[Int(columns.flags[row])]
        case .durations(let range): return range.contains(columns.durations[row])
        case .time(let test): return test.matches(time: columns.time(at: row))
        case .never: return false
        }
    }
}
