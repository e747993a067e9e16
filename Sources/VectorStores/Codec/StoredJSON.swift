package import Decisions

/// JSON values as a store keeps them: what it takes it can read back.
package enum StoredJSON {
    /// Well above those of a log line: records hold whole decisions, and escapes make texts longer.
    static let limits = JSONLimits(depth: 512, bytes: 256 << 20)

    /// How many bytes a value takes at most; `nil` when it could not be read back.
    static func maximumBytes(of value: JSONValue) -> Int? {
        guard let bytes = bytes(of: value, depth: limits.depth), bytes <= limits.bytes else { return nil }
        return bytes
    }

    /// How many bytes a record takes at most in a write; `nil` when its value could not be read back.
    static func maximumBytes(ofRecord key: String, in collection: String, value: JSONValue?) -> Int? {
        guard let bytes = value.map({ maximumBytes(of: $0) }) ?? 0 else { return nil }
        return bytes + collection.utf8.count + key.utf8.count + 32
    }

    /// The text of a value that has a size.
    package static func text(of value: JSONValue) -> String {
        var writer = JSONWriter()
        writer.value(value)
        return writer.text
    }

    /// The value of a text; `nil` when it is none.
    package static func value(of text: String) -> JSONValue? { try? JSONParser(limits: limits).parse(text) }

    /// The longest escape of a byte: six characters.
    private static let escapedBytes = 6
    /// Quotes, a colon and a comma.
    private static let punctuation = 4

    private static func bytes(of value: JSONValue, depth: Int) -> Int? {
        switch value {
        case .null, .bool: return 5 + punctuation
        case .number(let text):
            let isNumber = try? JSONReader.read(text.utf8Span.span) { reader in try reader.number() }
            return isNumber == nil ? nil : text.utf8.count + punctuation
        case .string(let text): return bytes(of: text)
        case .array(let elements):
            guard depth > 0 else { return nil }
            var sum = punctuation
            for element in elements {
                guard let bytes = bytes(of: element, depth: depth - 1) else { return nil }
                sum += bytes
            }
            return sum
        case .object(let object):
            guard depth > 0 else { return nil }
            var sum = punctuation
            for member in object.members {
                guard let bytes = bytes(of: member.value, depth: depth - 1) else { return nil }
                sum += bytes + self.bytes(of: member.key)
            }
            return sum
        }
    }

    private static func bytes(of text: String) -> Int {
        text.utf8.reduce(punctuation) { $0 + (isWrittenAsItIs($1) ? 1 : escapedBytes) }
    }

    /// Whether no text has the byte escaped: printable ASCII, as nearly all of a record is.
    private static func isWrittenAsItIs(_ byte: UInt8) -> Bool {
        0x20..<0x7F ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
