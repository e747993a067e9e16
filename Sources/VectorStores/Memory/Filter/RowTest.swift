import Decisions

/// A query compiled to be asked of single rows, for walks: they meet few of them.
///
/// Only of comparisons that cost little for one row, so not of metadata paths or of whole identifiers. Costs a look
/// at each distinct list where it asks for lists, and nothing for each row.
///
/// A graph of decisions: each step asks one thing and names the step after either answer. Steps hold nothing that is
/// counted, so that a row is asked about without a retain: that took a third of a filtered walk.
struct RowTest {
    private enum Question {
        case number(TextField, UInt32)
        /// The place in ``answers`` of the answer for number 0.
        case marked(TextField, Int)
        /// The place in ``fragments``.
        case fragment(TextField, Int)
        /// The place in ``identifiers``.
        case identifier(Int)
        /// The place in ``answers`` of the answer for no flags.
        case flags(Int)
        case durations(ClosedRange<Int64>)
        case time(Query.Operation, Timestamp)
    }

    private struct Step {
        var question: Question
        /// The next step, or ``accepted`` or ``rejected``.
        var whenTrue: Int
        var whenFalse: Int
    }

    private static let accepted = -1
    private static let rejected = -2
    /// Columns of more distinct lists than this are not looked at for one search.
    private static let listLimit = 512
    /// How many rows the share that passes is estimated from.
    private static let sampleCount = 512

    private var steps: [Step] = []
    private var first = accepted
    private var answers: [Bool] = []
    private var fragments: [Fragment] = []
    private var identifiers: [PackedFragment] = []

    /// Compiles a query; nil when it asks what costs more for a row than it is worth.
    init?(_ query: Query, in columns: borrowing DecisionColumns) {
        guard let first = add(query, RowTest.accepted, RowTest.rejected, columns) else { return nil }
        self.first = first
    }

    /// Whether a row passes and is not deleted.
    func admits(_ row: Int, _ columns: borrowing DecisionColumns) -> Bool {
        guard columns.isHeld(row) else { return false }
        let steps = steps.span
        var next = first
        while next >= 0 {
            next = holds(steps[next].question, row, columns) ? steps[next].whenTrue : steps[next].whenFalse
        }
        return next == RowTest.accepted
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

    // MARK: Asking

    @inline(__always)
    private func holds(_ question: Question, _ row: Int, _ columns: borrowing DecisionColumns) -> Bool {
        switch question {
        case .number(let field, let wanted):
            return columns.withTexts(field) { $0.numbers[row] == wanted }
        case .marked(let field, let start):
            return columns.withTexts(field) { column in
                let number = column.numbers[row]
                return number != Interner.absent && answers.span[start + Int(number)]
            }
        case .fragment(let field, let place):
            return columns.withTexts(field) { column in
                let number = column.numbers[row]
                return number != Interner.absent
                    && column.values.withBytes(number) { fragments.span[place].occurs(in: $0) }
            }
        case .identifier(let place):
            let form = RowFlags(rawValue: columns.flags[row]).form
            return columns.identifiers.contains(identifiers.span[place], row: row, form: form)
        case .flags(let start): return answers.span[start + Int(columns.flags[row])]
        case .durations(let range): return range.contains(columns.durations[row])
        case .time(let operation, let bound): return operation.holds(columns.time(at: row), bound)
        }
    }
}

// MARK: - Compiling

extension RowTest {
    /// Adds the steps of a query; answers the first of them, or where it leads when it asks nothing.
    private mutating func add(
        _ query: Query, _ whenTrue: Int, _ whenFalse: Int, _ columns: borrowing DecisionColumns
    ) -> Int? {
        var next: Int?
        switch query {
        case .all(let parts):
            next = whenTrue
            for part in ColumnFilter.cheapestFirst(parts).reversed() {
                guard let then = next else { return nil }
                next = add(part, then, whenFalse, columns)
            }
        case .any(let parts):
            next = whenFalse
            for part in ColumnFilter.cheapestFirst(parts).reversed() {
                guard let otherwise = next else { return nil }
                next = add(part, whenTrue, otherwise, columns)
            }
        case .not(let part): next = add(part, whenFalse, whenTrue, columns)
        case .comparison(let comparison): next = add(comparison, whenTrue, whenFalse, columns)
        }
        return next
    }

    private mutating func add(_ question: Question, _ whenTrue: Int, _ whenFalse: Int) -> Int {
        steps.append(Step(question: question, whenTrue: whenTrue, whenFalse: whenFalse))
        return steps.count - 1
    }

    /// Adds answers by number; tells where they begin.
    private mutating func add(answers new: [Bool]) -> Int {
        answers += new
        return answers.count - new.count
    }

    private mutating func add(
        _ comparison: Query.Comparison, _ whenTrue: Int, _ whenFalse: Int,
        _ columns: borrowing DecisionColumns
    ) -> Int? {
        let test = ValueTest(comparison)
        let field = DecisionField(comparison.field)
        if let textField = TextField(field) {
            return columns.withTexts(textField) { column in
                textField.isList
                    ? add(textField, listsOf: column, test, whenTrue, whenFalse)
                    : add(textField, textsOf: column, test, whenTrue, whenFalse)
            }
        }
        switch field {
        case .effect, .cacheHit:
            let start = add(answers: ColumnFilter.flagAnswers(field, test))
            return add(.flags(start), whenTrue, whenFalse)
        case .time:
            return test.timeBound.map { add(.time($0.operation, $0.time), whenTrue, whenFalse) }
        case .durationMicroseconds:
            guard let (operation, bound) = test.numberBound else { return nil }
            guard let range = ColumnFilter.nanoseconds(operation, bound) else { return whenFalse }
            return add(.durations(range), whenTrue, whenFalse)
        case .id:
            guard let fragment = test.fragment else { return nil }
            identifiers.append(PackedFragment(fragment))
            return add(.identifier(identifiers.count - 1), whenTrue, whenFalse)
        default: return nil
        }
    }

    private mutating func add(
        _ field: TextField, textsOf column: borrowing TextColumn, _ test: ValueTest, _ whenTrue: Int,
        _ whenFalse: Int
    ) -> Int {
        if let fragment = test.fragment {
            fragments.append(fragment)
            return add(.fragment(field, fragments.count - 1), whenTrue, whenFalse)
        }
        // Texts have no order.
        var next = whenFalse
        for text in test.texts ?? [] {
            guard let number = column.values.find(text.text) else { continue }
            next = add(.number(field, number), whenTrue, next)
        }
        return next
    }

    private mutating func add(
        _ field: TextField, listsOf column: borrowing TextColumn, _ test: ValueTest, _ whenTrue: Int,
        _ whenFalse: Int
    ) -> Int? {
        guard column.values.count <= RowTest.listLimit else { return nil }
        let marks = (0..<UInt32(column.values.count)).map {
            ColumnFilter.matches(list: column.values.bytes($0), test)
        }
        return add(.marked(field, add(answers: marks)), whenTrue, whenFalse)
    }
}
