/// Why a query could not be read: the query, a caret under the place, and what was expected there.
public struct QueryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The query as it was given.
    public let query: String
    /// Where reading stopped, in bytes of UTF-8 from the start of the query.
    public let offset: Int
    /// What was expected there, as a sentence without full stop.
    public let expected: String

    /// Creates an error.
    public init(query: String, offset: Int, expected: String) {
        self.query = query
        self.offset = offset
        self.expected = expected
    }

    /// How many characters of a long query are shown on each side of the caret.
    static let shownOnEachSide = 60

    /// The query, a line with a caret, and what was expected; control characters are shown as `·`.
    public var description: String {
        let bytes = Array(query.utf8)
        let place = min(max(offset, 0), bytes.count)
        let before = Array(String(decoding: bytes[..<place], as: UTF8.self).map(QueryError.visible))
        let after = Array(String(decoding: bytes[place...], as: UTF8.self).map(QueryError.visible))
        let left = before.suffix(QueryError.shownOnEachSide)
        let right = after.prefix(QueryError.shownOnEachSide)
        let leading = left.count < before.count ? "…" : ""
        let trailing = right.count < after.count ? "…" : ""
        let indent = String(repeating: " ", count: left.count + leading.count)
        return leading + String(left) + String(right) + trailing + "\n" + indent + "^ " + expected
    }

    /// A character safe to print on any terminal, one column per character.
    private static func visible(_ character: Character) -> Character {
        let unsafe = character.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
            default: false
            }
        }
        return unsafe ? "·" : character
    }
}
