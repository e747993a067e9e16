/// What is fed the pieces of a token: a hash when embedding, a text when explaining.
protocol TokenBuilder {
    init(_ kind: TokenKind)
    mutating func add(_ byte: UInt8)
    /// Adds what stands between the parts of a combined token.
    mutating func separate()
}

extension TokenBuilder {
    @inline(__always)
    mutating func add(_ text: String) {
        let bytes = text.utf8Span.span
        for index in bytes.indices { add(bytes[index]) }
    }

    /// Adds text with A to Z in lower case.
    @inline(__always)
    mutating func add(lowercasing text: String) {
        let bytes = text.utf8Span.span
        for index in bytes.indices { add(ASCII.lowercased(bytes[index])) }
    }
}

/// The value of a token as people read it; the parts of a combined token stand apart by `|`.
struct TokenText: TokenBuilder {
    private(set) var bytes: [UInt8] = []

    init(_ kind: TokenKind) {}

    mutating func add(_ byte: UInt8) { bytes.append(byte) }

    mutating func separate() { bytes.append(UInt8(ascii: "|")) }
}

/// Arithmetic on ASCII letters.
enum ASCII {
    /// The byte with A to Z in lower case.
    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
