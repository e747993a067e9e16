/// Why a text is not acceptable JSON, and at which byte.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: String, Sendable, Hashable {
        /// The text ends inside a value.
        case truncated = "the text ends inside a value"
        /// A byte that cannot stand here.
        case unexpectedByte = "unexpected character"
        /// A second value after the first.
        case trailingText = "text after the value"
        /// A number that RFC 8259 does not allow.
        case malformedNumber = "malformed number"
        /// An escape sequence that RFC 8259 does not allow.
        case malformedEscape = "malformed escape sequence"
        /// A control character that had to be escaped.
        case controlCharacter = "unescaped control character in a string"
        /// Bytes that are not UTF-8.
        case invalidUTF8 = "invalid UTF-8"
        /// Nested past the limit.
        case tooDeep = "nested too deeply"
        /// Longer than the limit.
        case tooLong = "longer than the limit"
        /// A value of another type than the one asked for.
        case unexpectedType = "a value of another type"
    }

    /// What is wrong.
    public let problem: Problem
    /// The offset of the offending byte.
    public let offset: Int

    /// Creates an error.
    public init(_ problem: Problem, at offset: Int) {
        self.problem = problem
        self.offset = offset
    }

    /// One sentence: what is wrong and where.
    public var description: String {
        "not valid JSON at byte \(offset): \(problem.rawValue)"
    }
}
