internal import Decisions

/// The place of a value in a JSON document, after RFC 6901: `/user/roles/0`.
struct JSONPointer: Sendable, Hashable {
    /// The keys and places in arrays that lead to the value, unescaped.
    let steps: [String]

    /// Creates a pointer from its steps.
    init(steps: [String]) {
        self.steps = steps
    }

    /// Reads a pointer; nil when the text is not empty and does not begin with a slash, or when a `~` in it stands
    /// for nothing (section 3).
    init?(parsing text: String) {
        guard text.isEmpty || text.utf8.first == UInt8(ascii: "/"), Self.escapesWell(text) else { return nil }
        steps = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
            .map { String(Substring($0)).replacing("~1", with: "/").replacing("~0", with: "~") }
    }

    /// Whether every `~` begins `~0` or `~1`.
    private static func escapesWell(_ text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "~"), omittingEmptySubsequences: false).dropFirst()
            .allSatisfy { $0.first == UInt8(ascii: "0") || $0.first == UInt8(ascii: "1") }
    }
}

extension JSONPointer: ExpressibleByStringLiteral {
    /// Takes a pointer that is known to be one.
    init(stringLiteral text: String) {
        guard let pointer = JSONPointer(parsing: text) else {
            preconditionFailure("no JSON pointer: \(text)")
        }
        self = pointer
    }
}

extension JSONValue {
    /// The value that a pointer leads to, nil when there is none.
    func value(at pointer: JSONPointer) -> JSONValue? {
        var value = self
        for step in pointer.steps {
            switch value {
            case .object(let object):
                guard let member = object[step] else { return nil }
                value = member
            case .array(let elements):
                // Neither a sign nor a leading zero makes a place.
                guard let place = Int(step), String(place) == step, elements.indices.contains(place) else {
                    return nil
                }
                value = elements[place]
            case .null, .bool, .number, .string: return nil
            }
        }
        return value
    }
}
