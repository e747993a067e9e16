/// How many of a tenant's decisions are recorded: none, a share of them, or all.
///
/// A share is kept in hundredths of a percent, so that two which are written alike are alike.
public struct RecordingMode: Sendable, Hashable {
    /// Of so many decisions a mode counts.
    static let whole = 10_000

    /// Of 10,000 decisions, how many are recorded: 0 for none, 10,000 for all.
    public let perTenThousand: Int

    /// No decision is recorded.
    public static let off = RecordingMode(perTenThousand: 0)
    /// Every decision is recorded.
    public static let on = RecordingMode(perTenThousand: whole)

    private init(perTenThousand: Int) {
        self.perTenThousand = perTenThousand
    }

    /// A share in percent; `nil` for what is below 0, above 100 or no number.
    ///
    /// A share too small to be kept becomes the smallest that is: who asks for a little gets some.
    public init?(percent: Double) {
        guard percent >= 0, percent <= 100 else { return nil }
        let rounded = Int((percent * 100).rounded())
        self.init(perTenThousand: percent > 0 ? max(1, rounded) : 0)
    }

    /// Reads `off`, `on`, or a share such as `25 %`, `25%` or `0.5 %`; `nil` for anything else.
    public init?(_ text: String) {
        var bytes = Array(text.utf8)[...].trimmed
        switch bytes.map(ASCII.lowercased) {
        case Array("off".utf8): self = .off
        case Array("on".utf8): self = .on
        default:
            guard bytes.popLast() == UInt8(ascii: "%"), let hundredths = Self.hundredths(bytes.trimmed),
                hundredths <= Self.whole
            else { return nil }
            self.init(perTenThousand: hundredths)
        }
    }

    /// What a mode may be, in words.
    public static let spellings = "off, on, or a share such as 25 %"

    /// The number written with at most two digits after its point, times a hundred.
    private static func hundredths(_ bytes: ArraySlice<UInt8>) -> Int? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, (1...3).contains(whole.count) else { return nil }
        let fraction = parts.count == 2 ? parts[1] : []
        guard parts.count == 1 || (1...2).contains(fraction.count) else { return nil }
        var number = 0
        for byte in whole + fraction {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        for _ in fraction.count..<2 { number *= 10 }
        return number
    }
}

extension RecordingMode: CustomStringConvertible {
    /// The mode as it is written: `off`, `25 %`, `0.05 %`, `on`.
    public var description: String {
        if self == .off { return "off" }
        if self == .on { return "on" }
        let (whole, rest) = perTenThousand.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return "\(whole) %" }
        let digits = rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)"
        return "\(whole).\(digits) %"
    }
}

extension ArraySlice<UInt8> {
    /// Without the blanks at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let blank = UInt8(ascii: " ")
        var slice = drop { $0 == blank }
        while slice.last == blank { slice.removeLast() }
        return slice
    }
}
