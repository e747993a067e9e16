/// The numbered screens of the console, in the order of their keys.
public enum ConsoleView: String, Sendable, Hashable, CaseIterable {
    /// How everything is, at a glance.
    case overview
    /// Any number over time.
    case metrics
    /// The inbox of incidents and their evidence.
    case anomalies
    /// One row per tenant.
    case tenants
    /// Decisions by query or likeness.
    case search
    /// The vectors on a plane; comes with a later version.
    case map
    /// The nearest-neighbour index and its rebuild.
    case index
    /// The checks and the sources.
    case health
    /// The program's own log.
    case log

    /// The key that shows it, 1 to 9.
    var number: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }

    /// Its name on the tab.
    var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}
