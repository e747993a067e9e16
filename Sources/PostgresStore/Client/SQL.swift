/// A statement whose values stand beside its text.
///
/// Written as a literal: each interpolated value becomes a parameter, `$1`, `$2` and so on. What is known only at
/// run time cannot become text of a statement, so nothing that a log or a person says is ever read as SQL.
///
///     let sql: SQL = "select id from decision_vectors where metadata->>'tenant' = \(tenant)"
package struct SQL: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The texts around the values: one more than there are values.
    private var texts: [String]
    /// The values in the order in which they stand.
    package private(set) var values: [PostgresValue]

    /// The most parameters of a statement: their number has 16 bits on the wire.
    package static let maximumValues = 65_535

    /// A statement without values.
    package init(stringLiteral value: StaticString) {
        texts = ["\(value)"]
        values = []
    }

    /// A statement from its texts and values.
    package init(stringInterpolation: StringInterpolation) {
        texts = stringInterpolation.texts
        values = stringInterpolation.values
    }

    /// The text as the server reads it, with `$1`, `$2` and so on.
    package var text: String {
        var result = texts[0]
        for (text, number) in zip(texts.dropFirst(), numbers) {
            result += "$\(number)"
            result += text
        }
        return result
    }

    /// The values as they are sent, in the order of their numbers in the text.
    package var parameters: [PostgresValue] {
        var numbered = 0
        return zip(values, numbers).compactMap { value, number in
            guard number > numbered else { return nil }
            numbered = number
            return value
        }
    }

    /// The number of each value's parameter.
    ///
    /// A vector that stands in several places is sent once: it is kilobytes, which the server reads each time anew.
    private var numbers: [Int] {
        var numbers: [Int] = []
        var last = 0
        for (place, value) in values.enumerated() {
            if case .float4Array = value, let earlier = values[..<place].firstIndex(of: value) {
                numbers.append(numbers[earlier])
            } else {
                last += 1
                numbers.append(last)
            }
        }
        return numbers
    }

    /// One statement after another, for statements that grow by conditions.
    package static func + (left: SQL, right: SQL) -> SQL {
        var both = left
        both += right
        return both
    }

    /// Adds to the end.
    package static func += (left: inout SQL, right: SQL) {
        left.texts[left.texts.count - 1] += right.texts[0]
        left.texts.append(contentsOf: right.texts.dropFirst())
        left.values.append(contentsOf: right.values)
    }

    /// Several statements with something between each two.
    package static func joined(_ parts: [SQL], by separator: SQL) -> SQL {
        guard let first = parts.first else { return "" }
        return parts.dropFirst().reduce(into: first) { whole, part in
            whole += separator
            whole += part
        }
    }

    /// Whether it only reads, as far as its first word tells.
    var isReading: Bool {
        let word = texts[0].drop { $0.isWhitespace }.prefix { $0.isLetter }.lowercased()
        return ["select", "show", "values", "table", "explain", "fetch"].contains(word)
    }
}

extension SQL {
    /// Collects the texts and values of a literal.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var texts: [String] = [""]
        fileprivate var values: [PostgresValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            values.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: StaticString) { append("\(literal)") }

        private mutating func append(_ text: String) { texts[texts.count - 1] += text }

        /// A value.
        package mutating func appendInterpolation(_ value: PostgresValue) {
            values.append(value)
            texts.append("")
        }

        package mutating func appendInterpolation(_ value: String) { appendInterpolation(.text(value)) }

        package mutating func appendInterpolation(_ value: String?) {
            appendInterpolation(value.map { .text($0) } ?? .null)
        }

        package mutating func appendInterpolation(_ value: Bool) { appendInterpolation(.bool(value)) }

        package mutating func appendInterpolation(_ value: Int) { appendInterpolation(.int8(Int64(value))) }

        package mutating func appendInterpolation(_ value: Int64) { appendInterpolation(.int8(value)) }

        package mutating func appendInterpolation(_ value: Int64?) {
            appendInterpolation(value.map { .int8($0) } ?? .null)
        }

        package mutating func appendInterpolation(_ value: Double) { appendInterpolation(.float8(value)) }

        package mutating func appendInterpolation(_ value: [String]) {
            appendInterpolation(.textArray(value))
        }

        package mutating func appendInterpolation(_ value: [Int64]) {
            appendInterpolation(.int8Array(value))
        }

        package mutating func appendInterpolation(_ value: [Float]) {
            appendInterpolation(.float4Array(value))
        }

        /// A name of a table, column, role or channel, quoted so that it is one name whatever it holds.
        package mutating func appendInterpolation(identifier name: String) {
            append(SQL.quoted(identifier: name))
        }

        /// A whole number where the server takes no value, such as the length of a type.
        package mutating func appendInterpolation(number: Int) { append("\(number)") }

        /// Text that is a constant of the program.
        package mutating func appendInterpolation(raw text: StaticString) { append("\(text)") }

        /// Another statement or part of one, with its values.
        package mutating func appendInterpolation(sql: SQL) {
            append(sql.texts[0])
            texts.append(contentsOf: sql.texts.dropFirst())
            values.append(contentsOf: sql.values)
        }
    }

    /// A name in double quotes, those in it doubled; a zero character, which ends C text, is replaced.
    package static func quoted(identifier name: String) -> String {
        let scalars = name.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\"\""
            case "\0": "\u{FFFD}"
            default: String(scalar)
            }
        }
        return "\"\(scalars.joined())\""
    }
}
