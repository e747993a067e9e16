public import Decisions

/// What others stored since some positions, for whoever scores a store that others write too.
public struct MissedEntries: Sendable {
    /// For each position the entries stored since, in the order in which they were; `nil` where nobody knows them any
    /// more.
    public var entries: [[StoredDecision]?]

    /// Creates a list.
    public init(entries: [[StoredDecision]?]) {
        self.entries = entries
    }
}

extension VectorStore {
    /// Nobody else stores anything.
    public func watchArrivals(since positions: [JSONValue]) async throws -> MissedEntries? { nil }

    /// Nothing arrives.
    public func arrivals() async throws -> [StoredDecision] { [] }

    /// There is nothing to go on from.
    public var arrivalPosition: JSONValue? { get async { nil } }

    /// Every insert is its caller's to score.
    public func confirm(_ receipt: UInt64) async -> Bool { true }

    /// There is nothing to leave.
    public func ignoreArrivals() async {}
}
