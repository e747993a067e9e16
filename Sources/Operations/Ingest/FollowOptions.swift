public import Decisions

/// How logs are followed.
public struct FollowOptions: Sendable {
    /// What remembers how far files were read; `nil` to begin at their first lines each time and remember nothing.
    public var keeper: PositionKeeper?
    /// Whether files are read from their first lines although it is known how far they were read.
    public var isFromStart = false
    /// How long decisions are held back to be sorted by their times, in seconds; 0 not to wait.
    public var reorderSeconds: Int64 = 0
    /// The clock by which a decision is told to be ahead of its time; `nil` to believe every time.
    public var clock: (@Sendable () -> Timestamp)?

    /// How long decisions are held back where nobody says otherwise, in seconds.
    public static let usualReorderSeconds = ReorderWindow.Limits.standard.seconds
    /// The longest that decisions can be held back, in seconds.
    public static let longestReorderSeconds: Int64 = 600

    /// Remembers nothing and holds nothing back.
    public init() {}

    /// How much is held back.
    var limits: ReorderWindow.Limits {
        ReorderWindow.Limits(
            seconds: max(0, min(reorderSeconds, Self.longestReorderSeconds)),
            count: ReorderWindow.Limits.standard.count)
    }
}
