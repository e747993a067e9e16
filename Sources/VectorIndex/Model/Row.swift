/// The number a store gives to one entry; rows are dense, so that tables by row stay small.
public struct Row: RawRepresentable, Sendable, Hashable, Comparable {
    /// The number itself.
    public let rawValue: UInt32

    /// Names the row with a number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Orders rows by number.
    public static func < (left: Row, right: Row) -> Bool { left.rawValue < right.rawValue }

    /// The largest row number an index accepts.
    public static let limit: UInt32 = 1 << 28
}

/// A group of rows that a search can be scoped to, and that no scoped search leaves: a tenant, to a store.
public struct Partition: RawRepresentable, Sendable, Hashable, Comparable {
    /// The number itself.
    public let rawValue: UInt32

    /// Names the partition with a number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Orders partitions by number.
    public static func < (left: Partition, right: Partition) -> Bool { left.rawValue < right.rawValue }

    /// The largest partition number an index accepts.
    public static let limit: UInt32 = 1 << 24
}
