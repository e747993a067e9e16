/// The tree that policies are read from: what a YAML document says, with the line of every node.
///
/// The engine reads no text itself, so that it depends on no parser: whoever has one makes this
/// tree.
public indirect enum PolicyTree: Sendable, Equatable {
    /// A scalar as text, `""` for an empty one.
    case scalar(String, line: Int)
    /// A sequence.
    case sequence([PolicyTree], line: Int)
    /// A mapping in the order written.
    case mapping([Member], line: Int)

    /// One key and its value.
    public struct Member: Sendable, Equatable {
        /// The key as text.
        public var key: String
        /// The line the key stands on, from 1.
        public var line: Int
        /// The value.
        public var value: PolicyTree

        /// Creates a member.
        public init(key: String, line: Int, value: PolicyTree) {
            self.key = key
            self.line = line
            self.value = value
        }
    }

    /// The line the node starts on, from 1.
    public var line: Int {
        switch self {
        case .scalar(_, let line), .sequence(_, let line), .mapping(_, let line): line
        }
    }
}
