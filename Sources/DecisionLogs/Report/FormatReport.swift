public import Decisions

/// What a look at a log tells before anything is stored: formats, how full each field is, mapped examples, what rules
/// would leave out, what the log cannot show, and what a day brings.
public struct FormatReport: Sendable {
    /// How many examples are kept.
    public static let exampleLimit = 5

    /// How many decisions each format gave.
    public private(set) var formats: [String: Int] = [:]
    /// The first decisions, as they were mapped.
    public private(set) var examples: [Decision] = []
    /// How many decisions were seen that rules take in.
    public private(set) var decisions = 0
    /// How many lines or items were skipped, with what rules leave out.
    public private(set) var skipped = 0
    /// How many lines or items were rejected.
    public private(set) var rejected = 0
    /// What each rule decides, in the order of the rules.
    public private(set) var rules: [RuleCount]
    /// How much there is of the log, and in how long a time.
    public private(set) var volume: LogVolume
    /// How many of `fields` each decision filled, in the order of `fields`.
    private var filled = [Int](repeating: 0, count: FormatReport.fields.count)
    private var gapsByFormat: [String: LogGaps] = [:]
    private var withoutContent = 0
    private let logRules: LogRules

    /// The fields whose filling is told.
    public static let fields = DecisionField.named

    /// How many decisions a rule decides about.
    public struct RuleCount: Sendable, Hashable {
        /// The rule as it was written.
        public let rule: String
        /// How many it means.
        public fileprivate(set) var meant = 0
        /// How many of these it leaves out.
        public fileprivate(set) var leftOut = 0
    }

    /// Creates an empty report on a log that rules were not applied to yet; no event later than `latest` is believed.
    public init(rules: LogRules = LogRules(), latest: Timestamp? = nil) {
        logRules = rules
        self.rules = rules.rules.map { RuleCount(rule: $0.description) }
        volume = LogVolume(latest: latest)
    }

    /// Takes an item into account.
    public mutating func add(_ item: ParsedItem) {
        switch item {
        case .skipped(let reason):
            skipped += 1
            if reason == .contentDropped { withoutContent += 1 }
        case .rejected: rejected += 1
        case .decision(let decision): add(decision)
        }
    }

    private mutating func add(_ decision: Decision) {
        let format = Self.format(of: decision)
        // What a log cannot show does not depend on what is taken of it.
        gapsByFormat[format, default: LogGaps()].add(decision)
        let isTakenIn = isTakenIn(decision)
        volume.add(decision, isTakenIn: isTakenIn)
        guard isTakenIn else {
            skipped += 1
            return
        }
        decisions += 1
        formats[format, default: 0] += 1
        if examples.count < Self.exampleLimit { examples.append(decision) }
        for (place, entry) in Self.fields.enumerated() where Self.isFilled(entry.field, in: decision) {
            filled[place] += 1
        }
    }

    private mutating func isTakenIn(_ decision: Decision) -> Bool {
        guard let place = logRules.place(of: decision) else { return true }
        rules[place].meant += 1
        guard logRules.rules[place].reasonToLeaveOut(decision) != nil else { return true }
        rules[place].leftOut += 1
        return false
    }

    /// The share of decisions that fill each field, 0 to 1, in the order of `fields`.
    public var filledShares: [(name: String, share: Double)] {
        zip(Self.fields, filled).map { entry, count in
            (entry.name, decisions == 0 ? 0 : Double(count) / Double(decisions))
        }
    }

    /// How many decisions rules leave out.
    public var leftOut: Int { rules.reduce(0) { $0 + $1.leftOut } }

    /// What the log cannot show, by format.
    public var gaps: [LogShortcoming] {
        var gaps: [LogShortcoming] = []
        for (format, counts) in gapsByFormat.sorted(by: { $0.key < $1.key }) {
            let sentences = counts.sentences(
                for: format, hasPermissionChecks: gapsByFormat["avp"] != nil)
            gaps += sentences.map { LogShortcoming(format: format, sentence: $0) }
        }
        if withoutContent > 0 {
            gaps.append(
                LogShortcoming(
                    format: "cerbos",
                    sentence: "entries without content, which was too large for the log: \(withoutContent)"))
        }
        return gaps
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
