internal import Decisions

/// What a rule answered; its form is left to the policy.
enum OPAResult {
    /// The effect that a result means; nil for null, which is what an undefined rule gives.
    ///
    /// An object answers by `allow`, by `allowed` (Envoy) or by `response.allowed` (admission). Bindings of an
    /// ad-hoc query, and whatever else does not say yes or no, leave the answer to the caller.
    static func effect(of result: JSONValue) -> Effect? {
        switch result {
        case .null: nil
        case .bool, .string: answer(result) ?? .conditional
        case .number: .conditional
        case .array(let elements): elements.isEmpty ? .deny : .conditional
        case .object(let object):
            answer(object["allow"]) ?? answer(object["allowed"])
                ?? answer(object["response"]?.object?["allowed"]) ?? .conditional
        }
    }

    /// A yes or no, as a truth value or as its text.
    private static func answer(_ value: JSONValue?) -> Effect? {
        switch value {
        case .bool(let isAllowed): isAllowed ? .allow : .deny
        case .string("true"): .allow
        case .string("false"): .deny
        case .null, .string, .number, .array, .object, nil: nil
        }
    }
}

extension OPAContent {
    /// What the event answers where somebody said that its answers are; nil where nothing stands there.
    ///
    /// A reason to deny counts before what else is said.
    var mappedEffect: Effect? {
        for mapping in mappings {
            if let effect = effect(by: mapping) { return effect }
        }
        return nil
    }

    private func effect(by mapping: OPAMapping) -> Effect? {
        var effect: Effect?
        for place in mapping.deny {
            let value = document(place.part).value(at: place.pointer)
            guard let denies = value.flatMap(Self.denies) else { continue }
            if denies { return .deny }
            effect = .allow
        }
        for place in mapping.allow {
            guard let value = document(place.part).value(at: place.pointer), value != .null else { continue }
            return Self.answer(value)
        }
        return effect
    }

    /// Whether what stands for reasons to deny holds any; nil for null, which is no answer.
    ///
    /// Policies collect them as a set or an object, count them, or say only whether there are some.
    private static func denies(_ value: JSONValue) -> Bool? {
        switch value {
        case .null: nil
        case .bool(let bool): bool
        case .number: value.number != 0
        case .string(let text): !text.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object(let object): !object.isEmpty
        }
    }

    /// The words that policies say yes and no with.
    private static func answer(_ value: JSONValue) -> Effect {
        switch value {
        case .bool(let isAllowed): return isAllowed ? .allow : .deny
        case .string(let text):
            switch text.lowercased() {
            case "true", "allow", "allowed", "permit", "permitted", "grant", "granted", "yes": return .allow
            case "false", "deny", "denied", "forbid", "forbidden", "refuse", "refused", "no": return .deny
            default: return .conditional
            }
        case .null, .number, .array, .object: return .conditional
        }
    }
}
