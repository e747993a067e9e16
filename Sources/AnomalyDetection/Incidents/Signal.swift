public import Decisions

/// Something about the watching itself that a person must know: it opens an incident like an anomaly does.
///
/// A signal is certain, so its incident has the score 1.
public struct Signal: Sendable, Hashable {
    /// What it is.
    public var kind: Kind
    /// The tenant it concerns; `""` when that is none or all.
    public var tenant: String
    /// What it is about: a source, a drill, an identifier.
    public var subject: String
    /// When it was noticed; `nil` when whoever tells its end did not see it begin.
    public var raised: Timestamp?
    /// When it ended; `nil` while it goes on.
    public var ended: Timestamp?
    /// Why, in words, the most important first.
    public var why: [String]

    /// The kinds of signals.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A source from which nothing came for longer than usual.
        case silentSource = "source"
        /// A drill that the detector did not catch in time.
        case missedDrill = "drill"
        /// An identifier that was used for two different events.
        case conflictingID = "conflict"
        /// A decision that a saved hunt looks for.
        case huntHit = "hunt"
    }

    /// Where a signal's incident stands, beside its triage.
    public struct Standing: Sendable, Hashable {
        /// What it is.
        public var kind: Kind
        /// When it was noticed last.
        public var raised: Timestamp
        /// When it ended; `nil` while it goes on.
        public var ended: Timestamp?

        /// Creates a standing.
        public init(kind: Kind, raised: Timestamp, ended: Timestamp? = nil) {
            self.kind = kind
            self.raised = raised
            self.ended = ended
        }
    }

    /// What a signal's incident has for a score.
    public static let score = 1.0
    /// The most characters of what a signal is about.
    public static let maximumSubjectCharacters = Decision.maximumEvidenceCharacters
    /// The most sentences that are kept of a signal.
    public static let maximumWords = 12

    /// Creates a signal; a subject that is too long is cut.
    public init(
        kind: Kind, tenant: String = "", subject: String, raised: Timestamp?, ended: Timestamp? = nil,
        why: [String] = []
    ) {
        self.kind = kind
        self.tenant = tenant
        self.subject = Reasons.short(subject, to: Self.maximumSubjectCharacters)
        self.raised = raised
        self.ended = ended
        self.why = Array(why.prefix(Self.maximumWords))
    }

    /// What of a drill failed.
    public enum DrillFailure: Sendable, Hashable {
        /// It was not caught in time, or not sent at all.
        case notCaught
        /// It was caught, and its alert did not go out in time.
        case notAlerted
        /// It was caught, and that could not be kept in time.
        case notKept
    }

    /// A drill that was sent and not caught, told or kept within the time that it may take.
    public static func missedDrill(
        _ name: String, tenant: String, sent: Timestamp, noticed: Timestamp, withinSeconds limit: Int64,
        _ failure: DrillFailure = .notCaught
    ) -> Signal {
        let (first, last) =
            switch failure {
            case .notCaught:
                (
                    "a drill was not caught within \(limit) s: an attack might not be either",
                    "look at verdict health: it says what stands still, or where nothing was seen"
                )
            case .notAlerted:
                (
                    "a drill was caught, and its alert did not go out within \(limit) s: "
                        + "that of an attack might not either",
                    "look at verdict health: it says what becomes of alerts; verdict alerts test tries them"
                )
            case .notKept:
                (
                    "a drill was caught, and that could not be kept within \(limit) s: "
                        + "the incident of an attack might not be either",
                    "look at verdict health: it says whether the store takes what is written"
                )
            }
        return Signal(
            kind: .missedDrill, tenant: tenant, subject: name, raised: noticed,
            why: [first, "it was sent at \(sent)", last])
    }
}

extension Signal {
    /// What makes two signals the same story.
    public var key: Incident.Key {
        Incident.Key(tenant: tenant, principal: subject, kind: kind.resourceKind, effect: .conditional)
    }

    /// The decision that stands for it in an incident; no store has it.
    var decision: Decision {
        var decision = Decision(
            id: "\(kind.resourceKind):\(subject)", time: raised ?? ended ?? Timestamp(seconds: 0),
            tenant: tenant, principal: Principal(id: subject), resource: Resource(kind: kind.resourceKind),
            actions: [kind.action], effect: .conditional)
        decision.source.format = "verdict"
        return decision
    }

    /// This signal as it goes on with what is told of the same story later.
    func followed(by later: Signal) -> Signal {
        if let begun = later.raised, raised.map({ begun > $0 }) ?? true { return later }
        var joined = self
        joined.ended = later.ended ?? ended
        return joined
    }
}

extension Signal.Kind {
    /// Whether its incident is one of decisions, which others may join, or one of the watching alone.
    public var isAboutDecisions: Bool { self == .conflictingID }

    /// How bad it is.
    public var severity: Incident.Severity {
        switch self {
        case .silentSource: .high
        case .missedDrill: .critical
        case .conflictingID: .medium
        case .huntHit: .high
        }
    }

    /// What stands in the place of a resource kind.
    var resourceKind: String { "verdict:\(rawValue)" }

    /// What stands in the place of an action.
    var action: String {
        switch self {
        case .silentSource: "silence"
        case .missedDrill: "miss"
        case .conflictingID: "conflict"
        case .huntHit: "hit"
        }
    }

    /// How its end is told.
    func endWords(raised: Timestamp, ended: Timestamp) -> String {
        let lasted = Self.duration(max(0, ended.seconds - raised.seconds))
        return switch self {
        case .silentSource: "heard again at \(ended), \(lasted) after it was found silent"
        case .missedDrill: "caught again at \(ended), \(lasted) after one was missed"
        case .conflictingID, .huntHit: "ended at \(ended)"
        }
    }

    /// A duration as a person says it: `23 min`.
    static func duration(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}

extension Incident {
    /// Whether it tells of the watching itself and of no decisions.
    public var isOfNoDecision: Bool { signal.map { !$0.kind.isAboutDecisions } ?? false }
}
