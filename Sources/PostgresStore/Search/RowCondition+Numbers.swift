import Decisions
import VectorStores

/// A range of numbers that surely holds those that compare equal to a bound.
struct NumberSlack {
    var low: Double
    var high: Double

    /// Decisions hold nanoseconds and fractions that are rounded; a server holds numbers as they were written.
    init(_ number: Double, absolute: Double = 0) {
        let width = max(absolute, number.magnitude * 1e-9)
        low = max(number - width, -.greatestFiniteMagnitude)
        high = min(number + width, .greatestFiniteMagnitude)
    }
}

extension RowCondition {
    static func duration(_ comparison: Query.Comparison) -> RowCondition {
        let isThere: RowPredicate = .when("jsonb_typeof(metadata->'duration_us') = 'number'")
        // Guarded, since what is no number cannot be made one.
        let value: SQL =
            """
            (case jsonb_typeof(metadata->'duration_us') when 'number'
                then (metadata->>'duration_us')::numeric end)
            """
        switch comparison.operation {
        case .contains: return RowCondition(possible: isThere, certain: .never)
        case .equals:
            let ranges = comparison.operands.compactMap(QueryOperand.number).map {
                (number: Double) -> RowPredicate in
                let slack = NumberSlack(number, absolute: 0.001)
                return .when(
                    """
                    \(sql: value) between (\(slack.low)::float8)::numeric and (\(slack.high)::float8)::numeric
                    """)
            }
            return RowCondition(possible: .any(ranges), certain: .never)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard case .number(let bound)? = QueryOperand.ordered(comparison.operands[0]) else {
                return .never
            }
            let slack = NumberSlack(bound, absolute: 0.001)
            let near: SQL
            let far: SQL
            switch comparison.operation {
            case .less, .lessOrEqual:
                near = "\(sql: value) <= (\(slack.high)::float8)::numeric"
                far = "\(sql: value) < (\(slack.low)::float8)::numeric"
            default:
                near = "\(sql: value) >= (\(slack.low)::float8)::numeric"
                far = "\(sql: value) > (\(slack.high)::float8)::numeric"
            }
            return RowCondition(possible: .when(near), certain: native(.when(far)).certain)
        }
    }

    // MARK: Paths

    /// A path into what a native line does not know, through lists of any depth and keys that hold dots.
    ///
    /// A server is asked for less: whether a value that may be meant stands anywhere below a key that the path ends in.
    static func metadata(_ comparison: Query.Comparison, _ path: [String]) -> RowCondition {
        // Metadata that is no object stands whole under this name.
        if path == ["metadata"] { return RowCondition(possible: .always, certain: .never) }
        guard !path.contains(where: { $0.utf8.contains(0) }) else { return .never }
        var names = JSONObject()
        guard let test = PathTest(comparison, names: &names).text else { return .never }
        let variables = JSONValue.object(names).json
        let conditions = (1...min(path.count, 8)).map { count -> RowPredicate in
            let key = JSONValue.string(path.suffix(count).joined(separator: ".")).json
            let text = "$.**.\(key).** ? (\(test))"
            return .when(
                "jsonb_path_exists(metadata, \(text)::jsonpath, \(PostgresValue.jsonb(variables)), true)")
        }
        return RowCondition(possible: .any(conditions), certain: .never)
    }
}

/// What a path of JSON asks of a value; operands are variables of it, never text.
private struct PathTest {
    /// The condition; `nil` where no value can be meant.
    var text: String?

    init(_ comparison: Query.Comparison, names: inout JSONObject) {
        switch comparison.operation {
        case .contains:
            text = #"@.type() == "string" || @.type() == "number" || @.type() == "boolean""#
        case .equals:
            var parts: [String] = []
            for (index, operand) in comparison.operands.enumerated() {
                names["t\(index)"] = .string(operand)
                parts.append("@ == $t\(index)")
                if operand == "true" || operand == "false" { parts.append("@ == \(operand)") }
                guard let number = QueryOperand.number(operand) else { continue }
                let slack = NumberSlack(number)
                names["l\(index)"] = .number("\(slack.low)")
                names["h\(index)"] = .number("\(slack.high)")
                parts.append("(@ >= $l\(index) && @ <= $h\(index))")
            }
            text = parts.joined(separator: " || ")
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard case .number(let bound)? = QueryOperand.ordered(comparison.operands[0]) else { return }
            let slack = NumberSlack(bound)
            let isLower = comparison.operation == .less || comparison.operation == .lessOrEqual
            names["b"] = .number("\(isLower ? slack.high : slack.low)")
            text = isLower ? "@ <= $b" : "@ >= $b"
        }
    }
}
