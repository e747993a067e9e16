/// What of the flagged decision a receiver is told only when its configuration allows it.
public enum AlertAttribute: String, Sendable, Hashable, CaseIterable {
    /// The roles and groups of the principal.
    case roles
    /// The resources that were touched, by name.
    case resources
    /// The addresses that it came from.
    case addresses
    /// The client program.
    case agent
    /// The policies that decided.
    case policies
    /// What the log says besides.
    case attrs
}
