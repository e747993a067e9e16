/// A text compared by its UTF-8 bytes, as every table of names compares it.
///
/// Swift calls texts equal that look alike, whatever their bytes: é in one scalar and in two. A log
/// may use both, and a name that only looks like another must never get the other's rows.
public struct ByteKey: Sendable {
    /// The text.
    public let text: String

    /// Wraps a text.
    public init(_ text: String) {
        self.text = text
    }
}

extension ByteKey: Hashable {
    /// Whether both have the same bytes.
    public static func == (lhs: ByteKey, rhs: ByteKey) -> Bool {
        let left = lhs.text.utf8Span.span
        let right = rhs.text.utf8Span.span
        guard left.count == right.count else { return false }
        for place in left.indices where left[place] != right[place] { return false }
        return true
    }

    /// Feeds the bytes to the hasher, eight at a time.
    public func hash(into hasher: inout Hasher) {
        let bytes = text.utf8Span.span
        var word: UInt64 = 0
        for place in bytes.indices {
            word = word << 8 | UInt64(bytes[place])
            if place & 7 == 7 {
                hasher.combine(word)
                word = 0
            }
        }
        hasher.combine(word)
        hasher.combine(bytes.count)
    }
}

extension ByteKey: Comparable {
    /// Whether the left's bytes come first.
    public static func < (lhs: ByteKey, rhs: ByteKey) -> Bool {
        lhs.text.utf8.lexicographicallyPrecedes(rhs.text.utf8)
    }
}

extension ByteKey: ExpressibleByStringLiteral {
    /// Wraps a literal.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}
