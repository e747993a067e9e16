/// How many alerts a receiver gets at most in a time.
public struct RateLimit: Sendable, Hashable, CustomStringConvertible {
    /// How many.
    public let count: Int
    /// In how many seconds.
    public let seconds: Int64

    /// Sixty an hour.
    public static let usual = RateLimit(count: 60, seconds: 3_600)
    /// The most that can be asked for.
    public static let maximumCount = 100_000

    /// Creates a limit.
    public init(count: Int, seconds: Int64) {
        precondition(count > 0 && seconds > 0, "a rate lets something through")
        self.count = count
        self.seconds = seconds
    }

    /// Reads `60/h`: a number, a slash and one of `s m h d`; `nil` for anything else.
    public init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), (1...Self.maximumCount).contains(count) else {
            return nil
        }
        switch parts[1] {
        case "s": seconds = 1
        case "m": seconds = 60
        case "h": seconds = 3_600
        case "d": seconds = 86_400
        default: return nil
        }
        self.count = count
    }

    /// `60/h`, or how many in so many seconds.
    public var description: String {
        switch seconds {
        case 1: "\(count)/s"
        case 60: "\(count)/m"
        case 3_600: "\(count)/h"
        case 86_400: "\(count)/d"
        default: "\(count) in \(seconds) s"
        }
    }
}
