/// An instant in UTC that remembers how many fraction digits it was written with.
///
/// Two timestamps are equal when they name the same instant, however they were written.
public struct Timestamp: Sendable {
    /// Whole seconds since 1970-01-01T00:00:00Z; negative before.
    public let seconds: Int64
    /// Nanoseconds past `seconds`, 0 to 999,999,999.
    public let nanoseconds: Int32
    /// How many fraction digits to print, 0 to 9.
    public let fractionDigits: UInt8

    /// Creates a timestamp from its parts.
    public init(seconds: Int64, nanoseconds: Int32 = 0, fractionDigits: UInt8 = 6) {
        precondition((0..<1_000_000_000).contains(nanoseconds), "nanoseconds out of range")
        precondition(fractionDigits <= 9, "at most nine fraction digits")
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.fractionDigits = fractionDigits
    }

    /// The instant as fractional seconds since 1970, for charts and differences; not exact.
    public var secondsSince1970: Double {
        Double(seconds) + Double(nanoseconds) / 1e9
    }

    /// The timestamp moved by a number of whole seconds; it stops at the ends of what 64 bits hold.
    public func advanced(bySeconds delta: Int64) -> Timestamp {
        let (sum, overflow) = seconds.addingReportingOverflow(delta)
        return Timestamp(
            seconds: overflow ? (delta < 0 ? .min : .max) : sum, nanoseconds: nanoseconds,
            fractionDigits: fractionDigits)
    }
}

extension Timestamp: Hashable, Comparable {
    /// Whether both name the same instant.
    public static func == (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.seconds == rhs.seconds && lhs.nanoseconds == rhs.nanoseconds
    }

    /// Whether the left instant is earlier.
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        (lhs.seconds, lhs.nanoseconds) < (rhs.seconds, rhs.nanoseconds)
    }

    /// Feeds the instant, not its spelling, to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(seconds)
        hasher.combine(nanoseconds)
    }
}
