public import AnomalyDetection
public import Decisions
import VectorStores

/// How risky a request is before it is decided, and why.
public struct RequestRisk: Sendable, Hashable {
    /// The request; its effect is the one that it was asked about, allow unless said otherwise.
    public var request: Decision
    /// What was answered to requests like it.
    public var answers: PastAnswers
    /// How strange it would be.
    public var preview: DecisionPreview
    /// What it would touch.
    public var privilege: Privilege
    /// Decisions that the detector must have had of a tenant before it judges.
    public var warmUpDecisions: Int

    /// What was answered to the most similar requests of the same tenant.
    public struct PastAnswers: Sendable, Hashable {
        /// How many there are that are similar enough.
        public var requests: Int
        /// How many of them were denied.
        public var denied: Int
        /// How many of them were left open.
        public var conditional: Int
        /// The identifier of the most similar one.
        public var nearestID: String?

        /// Creates a count.
        public init(requests: Int = 0, denied: Int = 0, conditional: Int = 0, nearestID: String? = nil) {
            self.requests = requests
            self.denied = denied
            self.conditional = conditional
            self.nearestID = nearestID
        }

        /// The share of those with a definite answer that were denied; `nil` when there is none.
        public var denialRate: Double? {
            let decided = requests - conditional
            return decided > 0 ? Double(denied) / Double(decided) : nil
        }
    }

    /// What a request would touch.
    public struct Privilege: Sendable, Hashable {
        /// The kind and the actions that are sensitive.
        public var sensitive: [String]
        /// Whether it changes something.
        public var isChange: Bool

        /// Creates a privilege.
        public init(sensitive: [String], isChange: Bool) {
            self.sensitive = sensitive
            self.isChange = isChange
        }

        /// 0 to look at something ordinary, 1 to change something sensitive.
        public var share: Double {
            switch (sensitive.isEmpty, isChange) {
            case (true, false): 0
            case (true, true): 0.25
            case (false, false): 0.5
            case (false, true): 1
            }
        }
    }

    /// How risky it is, in a word.
    public enum Level: String, Sendable, Hashable, CaseIterable {
        /// As usual.
        case low
        /// Worth a look.
        case medium
        /// Worth a second person.
        case high
    }

    /// Creates a judgement.
    public init(
        request: Decision, answers: PastAnswers, preview: DecisionPreview, privilege: Privilege,
        warmUpDecisions: Int
    ) {
        self.request = request
        self.answers = answers
        self.preview = preview
        self.privilege = privilege
        self.warmUpDecisions = warmUpDecisions
    }

    /// How much each part can say at most, were it alone.
    static let weights = (denial: 0.9, novelty: 0.8, privilege: 0.5)
    /// Allowed requests that are imagined beside the similar ones, so that a single denied one decides little.
    static let imaginedAllowed = 2
    /// From here on it is medium.
    static let mediumScore = 0.4
    /// From here on it is high.
    static let highScore = 0.7
}

extension RequestRisk {
    /// How much the denials among similar requests say, 0 to 1.
    var denial: Double {
        let decided = answers.requests - answers.conditional
        return Double(answers.denied) / Double(decided + Self.imaginedAllowed)
    }

    /// How much its strangeness says, 0 to 1: nothing in the ordinary half, and nothing while its tenant learns.
    var novelty: Double {
        guard preview.assessment.scored.state == .scored else { return 0 }
        let excess = max(0, preview.assessment.scored.score - 0.5) * 2
        return min(1, excess * excess)
    }

    /// 0 to 1: each of the three parts can raise it alone, none can lower it.
    public var score: Double {
        let weights = Self.weights
        return 1
            - (1 - weights.denial * denial) * (1 - weights.novelty * novelty)
            * (1 - weights.privilege * privilege.share)
    }

    /// How risky it is, in a word.
    public var level: Level {
        score >= Self.highScore ? .high : score >= Self.mediumScore ? .medium : .low
    }

    /// Why, in words, what says most first; never empty.
    public var why: [String] {
        let parts = [
            (Self.weights.denial * denial, denialWords), (Self.weights.novelty * novelty, noveltyWords),
            (Self.weights.privilege * privilege.share, privilegeWords),
        ]
        let order = parts.indices.sorted { (-parts[$0].0, $0) < (-parts[$1].0, $1) }
        return order.flatMap { parts[$0].1 }
    }

    private var tenantName: String { request.tenant.isEmpty ? "the log" : Self.short(request.tenant) }

    private var denialWords: [String] {
        guard answers.requests > 0 else { return ["no past request in \(tenantName) is like it"] }
        let open = answers.conditional > 0 ? ", \(PrintedNumber.grouped(answers.conditional)) left open" : ""
        let denied = answers.denied == 0 ? "none" : PrintedNumber.grouped(answers.denied)
        let verb = answers.denied == 1 ? "was" : "were"
        return [
            "of the \(PrintedNumber.grouped(answers.requests)) most similar past requests in \(tenantName) "
                + "\(denied) \(verb) denied\(open)"
        ]
    }

    private var noveltyWords: [String] {
        let scored = preview.assessment.scored
        guard scored.state == .scored else {
            return [
                "\(tenantName) is still learning, \(PrintedNumber.grouped(preview.past)) of "
                    + "\(PrintedNumber.counted(warmUpDecisions, "decision")): "
                    + "how strange it is cannot be told"
            ]
        }
        let channels = scored.channels
        let parts =
            "distance \(Self.percent(channels.distance)), rarity \(Self.percent(channels.rarity)), "
            + "first seen \(Self.percent(channels.firstSeen))"
        return ["stranger than \(Self.percent(scored.score)) of the past: \(parts)"] + scored.why
    }

    private var privilegeWords: [String] {
        let names = privilege.sensitive.map { Self.short($0) }.joined(separator: ", ")
        let verb = privilege.sensitive.count == 1 ? "is" : "are"
        return switch (privilege.sensitive.isEmpty, privilege.isChange) {
        case (true, false): ["it looks at nothing sensitive"]
        case (true, true): ["it changes something, nothing sensitive"]
        case (false, false): ["\(names) \(verb) sensitive; it only looks"]
        case (false, true): ["\(names) \(verb) sensitive, and it changes something"]
        }
    }

    /// A share as a percentage, never rounded up: 99.96 % is not all.
    private static func percent(_ share: Double) -> String {
        let tenths = Int((min(max(share, 0), 1) * 1_000).rounded(.down))
        return "\(tenths / 10).\(tenths % 10) %"
    }

    private static func short(_ name: String) -> String {
        let beginning = name.unicodeScalars.prefix(120)
        return beginning.endIndex == name.endIndex ? name : String(beginning) + "…"
    }
}
