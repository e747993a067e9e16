/// Parses whole JSON texts into trees.
///
/// Strict RFC 8259: the error says the offending byte, numbers keep their text, invalid UTF-8 is an error,
/// a repeated key keeps its last value.
public struct JSONParser: Sendable {
    /// What is refused for size.
    public var limits: JSONLimits

    /// Creates a parser.
    public init(limits: JSONLimits = JSONLimits()) {
        self.limits = limits
    }

    /// The value that `bytes` spell; throws a `JSONError`.
    public func parse(_ bytes: Span<UInt8>) throws -> JSONValue {
        try JSONReader.read(bytes, limits: limits) { reader in try reader.value() }
    }

    /// The value that `text` spells; throws a `JSONError`.
    public func parse(_ text: String) throws -> JSONValue {
        try parse(Array(text.utf8).span)
    }
}

extension JSONReader {
    /// Takes one value as a tree.
    package mutating func value() throws(JSONError) -> JSONValue {
        switch try peek() {
        case .string: return .string(try string())
        case .number: return .number(try number())
        case .bool: return .bool(try bool())
        case .null:
            _ = try null()
            return .null
        case .array:
            var elements: [JSONValue] = []
            try beginArray()
            while try nextElement() { elements.append(try value()) }
            return .array(elements)
        case .object:
            var members: [JSONObject.Member] = []
            try beginObject()
            while let key = try nextKey() { members.append(JSONObject.Member(key: key, value: try value())) }
            return .object(JSONObject(keepingLast: members))
        }
    }
}
