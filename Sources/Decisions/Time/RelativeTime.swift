/// A span of time as people write it: `-15m`, `2h`, `30d`.
public struct RelativeTime: Sendable, Hashable, CustomStringConvertible {
    /// The span in seconds; negative for the past.
    public let seconds: Int64

    /// The longest span that is read: 10,000 years, so that no sum of times overflows.
    public static let limitSeconds: Int64 = 10_000 * 366 * 86_400

    /// Creates a span.
    public init(seconds: Int64) {
        self.seconds = seconds
    }

    /// Reads an optional sign, digits and one of `s m h d w`; nil when the text is anything else.
    public init?(_ text: String) {
        var bytes = Array(text.utf8)[...]
        var sign: Int64 = 1
        if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            sign = first == UInt8(ascii: "-") ? -1 : 1
            bytes.removeFirst()
        }
        let unit: Int64
        switch bytes.popLast() {
        case UInt8(ascii: "s"): unit = 1
        case UInt8(ascii: "m"): unit = 60
        case UInt8(ascii: "h"): unit = 3600
        case UInt8(ascii: "d"): unit = 86_400
        case UInt8(ascii: "w"): unit = 604_800
        default: return nil
        }
        guard !bytes.isEmpty, bytes.count <= 12 else { return nil }
        var number: Int64 = 0
        for byte in bytes {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int64(digit)
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow, product <= Self.limitSeconds else { return nil }
        seconds = sign * product
    }

    /// The span in the largest unit that divides it: `-15m`.
    public var description: String {
        for (unit, size) in [("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60)] as [(String, Int64)]
        where seconds != 0 && seconds % size == 0 {
            return "\(seconds / size)\(unit)"
        }
        return "\(seconds)s"
    }
}
