internal import Decisions

/// What a rule answered; its form is left to the policy.
enum OPAResult {
    /// Takes a result and returns the effect that it means; nil for null, which is what an undefined rule gives.
    ///
    /// An object answers by `allow`, by `allowed` (Envoy) or by `response.allowed` (admission). Bindings of an
    /// ad-hoc query, and whatever else does not say yes or no, leave the answer to the caller.
    static func effect(_ reader: inout JSONReader) throws(JSONError) -> Effect? {
        switch try reader.peek() {
        case .bool, .string: return try answer(&reader) ?? .conditional
        case .object: return try answerOfObject(&reader) ?? .conditional
        case .null:
            try reader.skip()
            return nil
        case .number:
            try reader.skip()
            return .conditional
        case .array:
            var effect = Effect.deny
            try reader.beginArray()
            while try reader.nextElement() {
                try reader.skip()
                effect = .conditional
            }
            return effect
        }
    }

    /// Takes a yes or no, as a truth value or as its text, or passes over anything else.
    private static func answer(_ reader: inout JSONReader) throws(JSONError) -> Effect? {
        switch try reader.peek() {
        case .bool: return try reader.bool() ? .allow : .deny
        case .string:
            switch try reader.string() {
            case "true": return .allow
            case "false": return .deny
            default: return nil
            }
        case .null, .number, .array, .object:
            try reader.skip()
            return nil
        }
    }

    private static func answerOfObject(_ reader: inout JSONReader) throws(JSONError) -> Effect? {
        var allow: Effect?
        var allowed: Effect?
        var response: Effect?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "allow": allow = try answer(&reader)
            case "allowed": allowed = try answer(&reader)
            case "response": response = try answerOfResponse(&reader)
            default: try reader.skip()
            }
        }
        return allow ?? allowed ?? response
    }

    private static func answerOfResponse(_ reader: inout JSONReader) throws(JSONError) -> Effect? {
        guard try reader.enterOrSkip() else { return nil }
        var allowed: Effect?
        while let key = try reader.nextKey() {
            if key == "allowed" {
                allowed = try answer(&reader)
            } else {
                try reader.skip()
            }
        }
        return allowed
    }
}
