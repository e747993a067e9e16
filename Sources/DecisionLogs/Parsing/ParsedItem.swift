public import Decisions

/// What one line, or one item of a container, came to.
public enum ParsedItem: Sendable, Hashable {
    /// A decision.
    case decision(Decision)
    /// Nothing to keep, and nothing wrong.
    case skipped(SkipReason)
    /// Not readable; the sentence says why.
    case rejected(String)
}

/// Why a line or item yields no decision although it is in order.
public enum SkipReason: String, Sendable, Hashable {
    /// An empty line.
    case blank = "blank"
    /// A container without items.
    case emptyContainer = "empty container"
    /// A record that tells of something else than a decision.
    case notADecision = "not a decision"
    /// A record whose content the engine left out because it was too large.
    case contentDropped = "content dropped"
    /// A decision that a rule leaves out.
    case dropped = "dropped"
    /// A decision outside the sample that a rule keeps.
    case sampledOut = "sampled out"
}

/// An item with the line it stands on.
public struct LogItem: Sendable, Hashable {
    /// The number of its line, from 1.
    public let line: Int
    /// What it came to.
    public let item: ParsedItem

    /// Creates an item.
    public init(line: Int, item: ParsedItem) {
        self.line = line
        self.item = item
    }
}
