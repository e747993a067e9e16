/// How large a JSON text may be before it is refused.
public struct JSONLimits: Sendable, Hashable {
    /// How deep arrays and objects may nest.
    public var depth: Int
    /// How many bytes a text may have.
    public var bytes: Int

    /// Creates limits; the defaults are those of a log line: depth 64, 16 MiB.
    public init(depth: Int = 64, bytes: Int = 16 << 20) {
        self.depth = depth
        self.bytes = bytes
    }
}
