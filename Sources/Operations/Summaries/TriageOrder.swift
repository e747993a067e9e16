public import AnomalyDetection

/// What a person wants done to incidents.
public struct TriageOrder: Sendable, Hashable {
    /// What.
    public var deed: Deed
    /// The incidents, by name.
    public var incidents: [String]

    /// An act, or the end of one.
    public enum Deed: Sendable, Hashable {
        /// Something new.
        case act(TriageAct)
        /// The newest act of the same person is taken back.
        case undo
    }

    /// Creates an order.
    public init(_ deed: Deed, incidents: [String]) {
        self.deed = deed
        self.incidents = incidents
    }
}
