/// A parsed filter: `tenant:acme effect:deny not policy:baseline`.
///
/// A missing field matches nothing, so `not f:x` includes it.
public indirect enum Query: Sendable, Hashable {
    /// Every part matches.
    case all([Query])
    /// At least one part matches.
    case any([Query])
    /// The part does not match.
    case not(Query)
    /// A field compared with a value.
    case comparison(Comparison)

    /// One comparison; arrays match when any element does.
    public struct Comparison: Sendable, Hashable {
        /// The field's name as written: a field of decisions, or a dotted metadata path.
        public var field: String
        /// How to compare.
        public var operation: Operation
        /// What to compare with; several for `f:[a,b]`.
        public var operands: [String]

        /// Creates a comparison.
        public init(field: String, operation: Operation, operands: [String]) {
            self.field = field
            self.operation = operation
            self.operands = operands
        }
    }

    /// The ways to compare.
    public enum Operation: String, Sendable, Hashable, CaseIterable {
        /// Equal, case-sensitive; one of several.
        case equals = ":"
        /// Contains, case-insensitive.
        case contains = "~"
        /// Less than; numbers and times.
        case less = "<"
        /// At most.
        case lessOrEqual = "<="
        /// Greater than.
        case greater = ">"
        /// At least.
        case greaterOrEqual = ">="
    }
}
