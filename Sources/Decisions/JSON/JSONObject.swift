/// A JSON object in the order it was written; a repeated key keeps its last value.
///
/// Objects are equal when they hold the same members, in whatever order.
public struct JSONObject: Sendable {
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

    /// Creates an object from members as read, of which a repeated key keeps the last value.
    init(keepingLast members: [Member]) {
        // Quadratic only while small: a hostile object with 100,000 keys must not cost minutes.
        self.init()
        if members.count <= 16 {
            self.members.reserveCapacity(members.count)
            for member in members { self[member.key] = member.value }
            return
        }
        var places = [String: Int](minimumCapacity: members.count)
        var kept: [Member] = []
        kept.reserveCapacity(members.count)
        for member in members {
            if let place = places[member.key] {
                kept[place].value = member.value
            } else {
                places[member.key] = kept.count
                kept.append(member)
            }
        }
        self.members = kept
    }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    /// The value under a key.
    ///
    /// Setting `nil` removes it. O(members).
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

    /// Adds a member whose key is known to be new, in constant time.
    package mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
    }

    /// The object with its keys, and those of every object inside, in ascending order.
    public var sorted: JSONObject {
        var result = JSONObject()
        result.members = members.map { Member(key: $0.key, value: $0.value.sorted) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return result
    }
}

extension JSONValue {
    /// The value with the keys of every object in it in ascending order.
    public var sorted: JSONValue {
        switch self {
        case .object(let object): .object(object.sorted)
        case .array(let elements): .array(elements.map(\.sorted))
        case .null, .bool, .number, .string: self
        }
    }
}

extension JSONObject: Hashable {
    /// Whether both hold the same members, in whatever order.
    public static func == (lhs: JSONObject, rhs: JSONObject) -> Bool {
        guard lhs.members.count == rhs.members.count else { return false }
        if lhs.members == rhs.members { return true }
        let byKey = { (left: Member, right: Member) in left.key < right.key }
        return lhs.members.sorted(by: byKey) == rhs.members.sorted(by: byKey)
    }

    /// Feeds the members to the hasher so that their order does not matter.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members { sum &+= member.hashValue }
        hasher.combine(members.count)
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Creates an object from a literal, in the order written.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(keepingLast: elements.map { Member(key: $0.0, value: $0.1) })
    }
}
