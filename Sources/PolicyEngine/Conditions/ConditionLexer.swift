/// The smallest parts of a condition.
enum ConditionToken: Equatable {
    case name(String)
    case text(String)
    case number(Double)
    case symbol(String)

    /// How an error calls it.
    var shown: String {
        switch self {
        case .name(let name): "`\(name)`"
        case .text(let text): "\"\(text)\""
        case .number(let number): "\(number)"
        case .symbol(let symbol): "`\(symbol)`"
        }
    }
}

/// Cuts a condition into tokens.
struct ConditionLexer {
    private let bytes: [UInt8]
    private let line: Int
    private var place = 0

    init(_ source: String, line: Int) {
        bytes = Array(source.utf8)
        self.line = line
    }

    /// The next token with its column from 1; `nil` at the end.
    mutating func next() throws(PolicyError) -> (token: ConditionToken, column: Int)? {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
        guard place < bytes.count else { return nil }
        let column = place + 1
        let byte = bytes[place]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return (.text(try text(until: byte, column: column)), column)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            return (.number(try number(column: column)), column)
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","):
            place += 1
            return (.symbol(String(UnicodeScalar(byte))), column)
        case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"):
            place += 1
            if place < bytes.count, bytes[place] == UInt8(ascii: "=") {
                place += 1
                return (.symbol(String(UnicodeScalar(byte)) + "="), column)
            }
            return (.symbol(String(UnicodeScalar(byte))), column)
        case _ where Self.isNameByte(byte):
            return (.name(take { Self.isNameByte($0) || $0 == UInt8(ascii: ".") }), column)
        default:
            throw PolicyError(
                line: line,
                problem: "the condition has an unexpected character at column \(column); remove it")
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private mutating func take(while belongs: (UInt8) -> Bool) -> String {
        let start = place
        while place < bytes.count, belongs(bytes[place]) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func text(until quote: UInt8, column: Int) throws(PolicyError) -> String {
        place += 1
        let text = take { $0 != quote }
        guard place < bytes.count else {
            throw PolicyError(
                line: line,
                problem: "the text that starts at column \(column) of the condition never ends; close it")
        }
        place += 1
        return text
    }

    private mutating func number(column: Int) throws(PolicyError) -> Double {
        let digits = take { "0123456789.-".utf8.contains($0) }
        guard let number = Double(digits) else {
            throw PolicyError(
                line: line, problem: "`\(digits)` at column \(column) of the condition is no number")
        }
        return number
    }
}
