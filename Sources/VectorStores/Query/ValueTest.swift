import Decisions

/// One comparison compiled: its operands parsed once, ready to look at values.
struct ValueTest: Sendable {
    /// How to look at a value.
    private enum Rule {
        case oneOf(Set<ByteKey>, numbers: [Double], times: [Timestamp])
        case contains(Fragment)
        case range(Query.Operation, QueryOperand.Ordered)
        case never
    }

    private let rule: Rule

    init(_ comparison: Query.Comparison) {
        switch comparison.operation {
        case .equals:
            rule = .oneOf(
                Set(comparison.operands.map { ByteKey($0) }),
                numbers: comparison.operands.compactMap(QueryOperand.number),
                times: comparison.operands.compactMap { Timestamp($0) })
        case .contains:
            rule = comparison.operands.first.map { .contains(Fragment($0)) } ?? .never
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            let ordered = comparison.operands.first.flatMap(QueryOperand.ordered)
            rule = ordered.map { .range(comparison.operation, $0) } ?? .never
        }
    }

    /// The texts of an equality, for interned columns; `nil` for other comparisons.
    var texts: Set<ByteKey>? {
        if case .oneOf(let texts, _, _) = rule { return texts }
        return nil
    }

    /// What is looked for in texts; `nil` for other comparisons than that.
    var fragment: Fragment? {
        if case .contains(let fragment) = rule { return fragment }
        return nil
    }

    /// Whether a text matches; texts have no order.
    func matches(text: String) -> Bool {
        switch rule {
        case .oneOf(let texts, _, _): texts.contains(ByteKey(text))
        case .contains(let fragment): fragment.occurs(in: text)
        case .range, .never: false
        }
    }

    /// Whether a number matches; `text` is how it is written.
    func matches(number: Double, text: @autoclosure () -> String) -> Bool {
        switch rule {
        // A text that says the number is one of the numbers.
        case .oneOf(_, let numbers, _): numbers.contains(number)
        case .contains: matches(text: text())
        case .range(let operation, .number(let bound)): operation.holds(number, bound)
        case .range, .never: false
        }
    }

    /// Whether an instant matches.
    func matches(time: Timestamp) -> Bool {
        switch rule {
        case .oneOf(_, _, let times): times.contains(time)
        case .contains: matches(text: time.description)
        case .range(let operation, .time(let bound)): operation.holds(time, bound)
        case .range, .never: false
        }
    }

    /// The bound of a range over time, for the time column.
    var timeBound: (operation: Query.Operation, time: Timestamp)? {
        if case .range(let operation, .time(let time)) = rule { return (operation, time) }
        return nil
    }

    /// The bound of a range over numbers, for columns of numbers.
    var numberBound: (operation: Query.Operation, number: Double)? {
        if case .range(let operation, .number(let number)) = rule { return (operation, number) }
        return nil
    }

    /// The instants of an equality, for the time column; `nil` for other comparisons.
    var times: [Timestamp]? {
        if case .oneOf(_, _, let times) = rule { return times }
        return nil
    }
}

extension Query.Operation {
    /// Whether two values stand in this order.
    func holds<Value: Comparable>(_ value: Value, _ bound: Value) -> Bool {
        switch self {
        case .equals, .contains: false
        case .less: value < bound
        case .lessOrEqual: value <= bound
        case .greater: value > bound
        case .greaterOrEqual: value >= bound
        }
    }
}
