/// Recall and speed at one breadth.
public struct RecallPoint: Sendable, Hashable {
    /// Breadth of the walk (the paper's ef).
    public var breadth: Int
    /// Recall at 10, tie-aware.
    public var recall: Double
    /// Median search time in microseconds.
    public var p50Microseconds: Double

    /// Creates a point.
    public init(breadth: Int, recall: Double, p50Microseconds: Double) {
        self.breadth = breadth
        self.recall = recall
        self.p50Microseconds = p50Microseconds
    }
}
