internal import Decisions

extension JSONReader {
    /// Takes a string, or passes over anything else.
    mutating func textOrSkip() throws(JSONError) -> String? {
        if try peek() == .string { return try string() }
        try skip()
        return nil
    }

    /// Takes a string that tells one thing from another, or passes over anything else.
    mutating func identityOrSkip(_ field: String) throws -> String? {
        if try peek() == .string { return try exactString(field) }
        try skip()
        return nil
    }

    /// Takes the first `limit` strings of an array, or passes over anything else.
    mutating func textsOrSkip(limit: Int) throws(JSONError) -> [String] {
        guard try peek() == .array else {
            try skip()
            return []
        }
        var texts: [String] = []
        try beginArray()
        while try nextElement() {
            if texts.count < limit, let text = try textOrSkip() {
                texts.append(text)
            } else if texts.count >= limit {
                try skip()
            }
        }
        return texts
    }

    /// Enters an object, or passes over anything else and returns false.
    mutating func enterOrSkip() throws(JSONError) -> Bool {
        guard try peek() == .object else {
            try skip()
            return false
        }
        try beginObject()
        return true
    }

    /// Takes a time, nil for null; anything that is not a time is an error.
    mutating func timeOrThrow(_ field: String) throws -> Timestamp? {
        let time: Timestamp?
        switch try peek() {
        case .null:
            try skip()
            return nil
        case .string: time = Timestamp(try string())
        case .number: time = Timestamp(epoch: try number())
        case .bool, .array, .object: time = nil
        }
        guard let time else { throw DecisionError.invalid(field: field, expected: "an RFC 3339 time") }
        return time
    }
}
