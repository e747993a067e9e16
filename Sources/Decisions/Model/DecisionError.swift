/// Why a text is not a decision.
public enum DecisionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is not acceptable JSON.
    case json(JSONError)
    /// The text is JSON, but not an object.
    case notAnObject
    /// A required field is absent or empty.
    case missing(field: String)
    /// A field holds something that it cannot hold.
    case invalid(field: String, expected: String)

    /// One sentence: what is wrong and where.
    public var description: String {
        switch self {
        case .json(let error): error.description
        case .notAnObject: "not a JSON object"
        case .missing(let field): "\(field) is missing"
        case .invalid(let field, let expected): "\(field) must be \(expected)"
        }
    }
}
