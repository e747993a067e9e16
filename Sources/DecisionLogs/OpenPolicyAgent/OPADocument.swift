internal import Decisions

/// A free-form part of an event, looked into by pointers.
///
/// What names something must be text as it was logged, or a number, which names as its text does. Text that held
/// a lone surrogate is refused as a name, since two different names could become the same by it.
struct OPADocument {
    /// The key of the event under which it stands.
    let name: String
    /// What it holds.
    private(set) var root: JSONValue = .null
    /// Its texts in which U+FFFD stands for a lone surrogate.
    private var damaged: Set<String> = []

    /// Creates one that holds nothing.
    init(named name: String) {
        self.name = name
    }

    /// Takes the value that is next.
    init(named name: String, from reader: inout JSONReader) throws(JSONError) {
        self.name = name
        root = try read(&reader)
    }

    /// The value that a pointer leads to.
    func value(at pointer: JSONPointer) -> JSONValue? { root.value(at: pointer) }

    /// The name that a pointer leads to, nil when there is none or it is empty.
    func text(at pointer: JSONPointer) throws(DecisionError) -> String? {
        try text(of: root.value(at: pointer), at: pointer)
    }

    /// The names in the array that a pointer leads to, or the one name that stands there.
    func texts(at pointer: JSONPointer) throws(DecisionError) -> [String] {
        guard case .array(let elements)? = root.value(at: pointer) else {
            return try text(at: pointer).map { [$0] } ?? []
        }
        var texts: [String] = []
        for element in elements {
            if let text = try text(of: element, at: pointer) { texts.append(text) }
        }
        return texts
    }

    /// The path of a request that a pointer leads to: whole, or in parts, as OPA's own examples split it.
    func path(at pointer: JSONPointer) throws(DecisionError) -> String? {
        guard case .array(let parts)? = root.value(at: pointer) else { return try text(at: pointer) }
        var path = ""
        for part in parts { path += "/" + (try text(of: part, at: pointer) ?? "") }
        return path.present
    }

    private func text(of value: JSONValue?, at pointer: JSONPointer) throws(DecisionError) -> String? {
        switch value {
        case .number(let text): return text
        case .string(let text):
            guard !damaged.contains(text) else {
                let field = ([name] + pointer.steps).joined(separator: ".")
                throw .invalid(field: field, expected: "text without lone surrogates")
            }
            return text.present
        case .null, .bool, .array, .object, nil: return nil
        }
    }

    private mutating func read(_ reader: inout JSONReader) throws(JSONError) -> JSONValue {
        switch try reader.peek() {
        case .string:
            var isExact = true
            let text = try reader.string(isExact: &isExact)
            if !isExact { damaged.insert(text) }
            return .string(text)
        case .number: return .number(try reader.number())
        case .bool: return .bool(try reader.bool())
        case .null:
            try reader.skip()
            return .null
        case .array:
            var elements: [JSONValue] = []
            try reader.beginArray()
            while try reader.nextElement() { elements.append(try read(&reader)) }
            return .array(elements)
        case .object: return .object(try readObject(&reader))
        }
    }

    /// Takes an object, of which a repeated key keeps its last value.
    private mutating func readObject(_ reader: inout JSONReader) throws(JSONError) -> JSONObject {
        var members: [JSONObject.Member] = []
        var places: [String: Int] = [:]
        try reader.beginObject()
        while let key = try reader.nextKey() {
            let member = JSONObject.Member(key: key, value: try read(&reader))
            if let place = places[key] {
                members[place] = member
            } else {
                places[key] = members.count
                members.append(member)
            }
        }
        var object = JSONObject()
        for member in members { object.append(member.key, member.value) }
        return object
    }
}
