/// Cuts a query into names, signs and values, as the parser asks for them.
struct QueryLexer {
    /// The bytes of the query.
    let bytes: [UInt8]
    /// Where the next piece starts.
    private(set) var offset = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Moves past white space.
    mutating func skipSpace() {
        while offset < bytes.count, QueryLexer.isSpace(bytes[offset]) { offset += 1 }
    }

    /// The byte at the offset; `nil` at the end.
    var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// Takes one byte if it is the one given.
    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        offset += 1
        return true
    }

    /// Takes a field name or keyword: everything up to white space, a bracket, a quote or a sign.
    mutating func takeName() -> String {
        let start = offset
        while let byte = current, !QueryLexer.endsName(byte) { offset += 1 }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// Takes a comparison sign.
    mutating func takeOperation() -> Query.Operation? {
        switch current {
        case UInt8(ascii: ":"): offset += 1; return .equals
        case UInt8(ascii: "~"): offset += 1; return .contains
        case UInt8(ascii: "<"):
            offset += 1
            return take(UInt8(ascii: "=")) ? .lessOrEqual : .less
        case UInt8(ascii: ">"):
            offset += 1
            return take(UInt8(ascii: "=")) ? .greaterOrEqual : .greater
        default: return nil
        }
    }

    /// Takes a bare value: everything up to white space or a closing bracket, in a list also a comma.
    mutating func takeBareValue(inList: Bool) -> String {
        let start = offset
        while let byte = current, !QueryLexer.isSpace(byte), !QueryLexer.endsValue(byte, inList: inList) {
            offset += 1
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// What a quoted string was.
    enum Quoted {
        case text(String)
        /// A backslash before something else than a quote or a backslash, at the offset.
        case unknownEscape
        /// It does not end.
        case unclosed
    }

    /// Takes the rest of a quoted string, its opening quote already taken.
    mutating func takeQuoted() -> Quoted {
        var content: [UInt8] = []
        while let byte = current {
            offset += 1
            if byte == UInt8(ascii: "\"") { return .text(String(decoding: content, as: UTF8.self)) }
            if byte == UInt8(ascii: "\\"), let next = current {
                guard next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\") else { return .unknownEscape }
                offset += 1
                content.append(next)
            } else {
                content.append(byte)
            }
        }
        return .unclosed
    }

    /// Goes back to an earlier offset.
    mutating func rewind(to earlier: Int) { offset = earlier }

    static func endsValue(_ byte: UInt8, inList: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\""): true
        case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"): inList
        default: false
        }
    }

    private static func endsName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: "~"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "="),
            UInt8(ascii: "!"),
            UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","),
            UInt8(ascii: "\""):
            true
        default: isSpace(byte)
        }
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
    }
}
