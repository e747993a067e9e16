/// Why an incident could not be changed.
public struct IncidentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure, for programs.
    public var code: Code
    /// One sentence for the operator.
    public var description: String

    /// The kinds of failure.
    public enum Code: Sendable, Hashable {
        /// No incident has that name.
        case unknown
        /// The change makes no sense in the incident's state.
        case invalidTransition
        /// A saved incident or detector state cannot be read.
        case damaged
        /// This process may not write to the store.
        case readOnly
    }

    /// Creates an error.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
