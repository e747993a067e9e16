/// What the query language knows of a field by its name.
enum QueryField {
    /// How values of a field compare.
    enum Kind {
        /// Only equal and contains.
        case text
        /// Also by range, as numbers.
        case number
        /// Also by range, as instants.
        case time
        /// True or false.
        case truth
        /// A metadata path: whatever the value is.
        case any

        /// Whether its values have no order.
        var isUnordered: Bool { self == .text || self == .truth }
    }

    /// The fields of decisions and incidents that are not metadata paths, and how they compare.
    static let kinds: [String: Kind] = [
        "id": .text, "time": .time, "tenant": .text, "principal": .text, "role": .text, "kind": .text,
        "resource": .text, "scope": .text, "action": .text, "effect": .text, "policy": .text,
        "duration_us": .number, "cache_hit": .truth, "ip": .text, "agent": .text,
        "severity": .text, "state": .text, "score": .number,
    ]

    /// How a field compares.
    static func kind(of field: String) -> Kind { kinds[field] ?? .any }
}
