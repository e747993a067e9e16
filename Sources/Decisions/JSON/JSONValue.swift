/// A JSON value that loses nothing: numbers keep their text, objects keep their order.
public enum JSONValue: Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number as it was written, valid by RFC 8259.
    case number(String)
    /// A string, unescaped.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)
}

/// A JSON object in the order it was written; a repeated key keeps its last value.
public struct JSONObject: Sendable, Hashable {
    /// The members in order.
    public private(set) var members: [Member]

    /// One key and its value.
    public struct Member: Sendable, Hashable {
        /// The key, unescaped.
        public let key: String
        /// The value.
        public var value: JSONValue

        /// Creates a member.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// Creates an empty object.
    public init() {
        members = []
    }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    /// The value under a key. Setting `nil` removes it. O(members).
    public subscript(key: String) -> JSONValue? {
        get { members.first { $0.key == key }?.value }
        set {
            let place = members.firstIndex { $0.key == key }
            switch (place, newValue) {
            case (.some(let place), .some(let value)): members[place].value = value
            case (.some(let place), .none): members.remove(at: place)
            case (.none, .some(let value)): members.append(Member(key: key, value: value))
            case (.none, .none): break
            }
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Creates an object from a literal, in the order written.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }
}
