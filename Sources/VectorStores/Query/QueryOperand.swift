package import Decisions

/// What a comparison compares with, read from the text of a query.
package enum QueryOperand {
    /// Why an operand does not fit its field.
    struct Problem: Error {
        /// What was expected, for ``QueryError``.
        let expected: String
    }

    /// A value that can be ordered.
    package enum Ordered {
        case number(Double)
        case time(Timestamp)
    }

    /// Checks an operand against its field and makes relative times absolute.
    static func normalized(
        _ text: String, field: String, operation: Query.Operation, now: Timestamp
    ) -> Result<String, Problem> {
        if operation == .contains { return .success(text) }
        switch QueryField.kind(of: field) {
        case .text: return .success(text)
        case .truth:
            guard text == "true" || text == "false" else {
                return .failure(Problem(expected: "expected `true` or `false`"))
            }
            return .success(text)
        case .number:
            guard number(text) != nil else {
                return .failure(Problem(expected: "expected a number, as in `\(field)>=500`"))
            }
            return .success(text)
        case .time:
            guard let time = time(text, now: now) else {
                return .failure(
                    Problem(expected: "expected a time, such as `2026-01-05T09:00:00Z` or `-2h`"))
            }
            return .success(time)
        case .any:
            if !operation.isRange || number(text) != nil { return .success(text) }
            guard let time = time(text, now: now) else {
                return .failure(Problem(expected: "expected a number or a time, such as `500` or `-2h`"))
            }
            return .success(time)
        }
    }

    /// An operand of a range, as parsed queries hold it.
    package static func ordered(_ text: String) -> Ordered? {
        if let number = number(text) { return .number(number) }
        return Timestamp(text).map(Ordered.time)
    }

    /// A finite decimal number; neither `nan`, `inf` nor hexadecimal.
    package static func number(_ text: String) -> Double? {
        let isDecimal = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
        guard isDecimal, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The instants that can be written: the years 1 to 9999.
    private static let writableSeconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// An absolute time as it was written, or a relative one (`-2h`) made absolute.
    private static func time(_ text: String, now: Timestamp) -> String? {
        if text.hasPrefix("-") || text.hasPrefix("+"), let relative = RelativeTime(text) {
            let (moved, overflow) = now.seconds.addingReportingOverflow(relative.seconds)
            let seconds = overflow ? writableSeconds.lowerBound : moved
            let clamped = min(max(seconds, writableSeconds.lowerBound), writableSeconds.upperBound)
            let instant = Timestamp(
                seconds: clamped, nanoseconds: now.nanoseconds, fractionDigits: now.fractionDigits)
            return instant.description
        }
        return Timestamp(text) == nil ? nil : text
    }
}

extension Query.Operation {
    /// Whether values are ordered by it.
    var isRange: Bool {
        switch self {
        case .equals, .contains: false
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        }
    }
}
