/// What an incident turned out to be.
public enum Resolution: String, Sendable, Hashable, CaseIterable {
    /// Somebody did what they should not.
    case truePositive = "true_positive"
    /// Strange, and as it should be.
    case expected
    /// Nothing was strange.
    case falsePositive = "false_positive"

    /// The resolution as people say it.
    public var words: String {
        switch self {
        case .truePositive: "true positive"
        case .expected: "expected"
        case .falsePositive: "false positive"
        }
    }

    /// Reads a resolution as people type it: `true_positive`, `true-positive`, `true`, `tp`, and so on.
    public init?(word: String) {
        let plain = String(word.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 })
        switch plain {
        case "true_positive", "true", "tp": self = .truePositive
        case "expected", "exp": self = .expected
        case "false_positive", "false", "fp": self = .falsePositive
        default: return nil
        }
    }

    /// The words that ``init(word:)`` reads, for messages.
    public static let known = "true_positive, expected or false_positive"
}
