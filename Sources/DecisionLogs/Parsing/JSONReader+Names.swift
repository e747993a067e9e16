internal import Decisions

extension JSONReader {
    /// Takes text that tells one thing from another, nil when it is empty; a number counts as its text.
    ///
    /// Anything else is passed over.
    mutating func nameOrSkip(_ field: String) throws -> String? {
        switch try peek() {
        case .string: return try exactString(field).present
        case .number: return try number()
        case .bool, .null, .array, .object:
            try skip()
            return nil
        }
    }

    /// Takes the names of an array, or passes over anything else.
    mutating func namesOrSkip(_ field: String) throws -> [String] {
        guard try peek() == .array else {
            try skip()
            return []
        }
        var names: [String] = []
        try beginArray()
        while try nextElement() {
            if let name = try nameOrSkip(field) { names.append(name) }
        }
        return names
    }
}

extension String {
    /// The text, nil when it is empty: logs leave out a field and write it empty alike.
    var present: String? { isEmpty ? nil : self }
}
