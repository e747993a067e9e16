public import Decisions

/// What detection knows at one moment.
public struct DetectionSnapshot: Sendable, Hashable {
    /// Grows with each change.
    public var generation: UInt64 = 0
    /// Whether this process scores, or shows what another one scored.
    public var role = DetectionRole.idle
    /// The other process that scores, where an idle one asked.
    public var holder: LeaseHolder?
    /// Every incident, newest activity first.
    public var incidents: [Incident] = []
    /// The live hunts with what they found, the oldest first.
    public var hunts: [HuntStatus] = []
    /// Flagged decisions by tenant; what followed them unflagged in their incidents is not counted.
    public var anomalies: [ByteKey: Int] = [:]
    /// Rules and lessons, those in effect first, the newest first.
    public var taught: [TaughtItem] = []
    /// Decisions had so far by the tenants that still learn.
    public var learning: [String: Int] = [:]
    /// Decisions from before that still wait to be scored.
    public var unscored = 0
    /// Acts of people that the store did not take yet; they are tried again.
    public var unsavedActs = 0
    /// Decisions a tenant must have before its scores are judged.
    public var warmUpDecisions = 0
    /// What went wrong and was worked around, newest last.
    public var problems: [String] = []

    /// The most problems kept.
    public static let maximumProblems = 20

    /// Creates an empty snapshot.
    public init() {}
}

/// What a process does for a store's detection.
public enum DetectionRole: String, Sendable, Hashable, CaseIterable {
    /// Not started or closed.
    case idle
    /// Holds the lease: scores and writes incidents.
    case detecting
    /// Another process holds the lease: shows its incidents.
    case following
}
