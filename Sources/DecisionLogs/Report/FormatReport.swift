public import Decisions

/// What a look at a log tells before anything is stored: formats, how full each field is, mapped examples.
public struct FormatReport: Sendable {
    /// How many examples are kept.
    public static let exampleLimit = 5

    /// How many decisions each format gave.
    public private(set) var formats: [String: Int] = [:]
    /// The first decisions, as they were mapped.
    public private(set) var examples: [Decision] = []
    /// How many decisions were seen.
    public private(set) var decisions = 0
    /// How many lines or items were skipped.
    public private(set) var skipped = 0
    /// How many lines or items were rejected.
    public private(set) var rejected = 0
    /// How many of `fields` each decision filled, in the order of `fields`.
    private var filled = [Int](repeating: 0, count: FormatReport.fields.count)

    /// The fields whose filling is told.
    public static let fields = DecisionField.named

    /// Creates an empty report.
    public init() {}

    /// Takes an item into account.
    public mutating func add(_ item: ParsedItem) {
        switch item {
        case .skipped: skipped += 1
        case .rejected: rejected += 1
        case .decision(let decision):
            decisions += 1
            formats[Self.format(of: decision), default: 0] += 1
            if examples.count < Self.exampleLimit { examples.append(decision) }
            for (place, entry) in Self.fields.enumerated() where Self.isFilled(entry.field, in: decision) {
                filled[place] += 1
            }
        }
    }

    /// The share of decisions that fill each field, 0 to 1, in the order of `fields`.
    public var filledShares: [(name: String, share: Double)] {
        zip(Self.fields, filled).map { entry, count in
            (entry.name, decisions == 0 ? 0 : Double(count) / Double(decisions))
        }
    }

    /// The format a decision was written in first; a native line may name any, and only known ones count.
    private static func format(of decision: Decision) -> String {
        guard let format = decision.source.format, formatNames.contains(format) else {
            return DecisionLogFormat.verdict.rawValue
        }
        return format
    }

    /// What the mappings name as the format; Google's entries are told apart from other Kubernetes logs.
    private static let formatNames: Set<String> = [
        "kubernetes", "gke", "opa", "cerbos", "cloudtrail", "avp", "openfga", "spicedb",
    ]

    private static func isFilled(_ field: DecisionField, in decision: Decision) -> Bool {
        decision.values(of: field).contains { value in
            if case .text(let text) = value { !text.isEmpty } else { true }
        }
    }
}
