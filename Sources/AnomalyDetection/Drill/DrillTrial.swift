import Decisions

/// What a drill would have been among the decisions of a real tenant, where it was scored and left nothing.
public struct DrillTrial: Sendable, Hashable {
    /// The tenant; `nil` where there was none to try it in.
    public var tenant: String?
    /// What became of it.
    public var outcome: Outcome
    /// Tenants that have learnt enough and were passed over, each with the reason, in words.
    public var passedOver: [String]

    /// What became of it.
    public enum Outcome: Sendable, Hashable {
        /// It would have opened this incident.
        case caught(Incident)
        /// It was scored, and would not have been flagged.
        case unflagged(score: Double)
        /// No tenant was there to try it in.
        case nowhere
    }

    /// The name of a drill's incident, which no incident has.
    public static let incidentID = "DRILL"

    /// Creates what is told of a trial.
    public init(tenant: String?, outcome: Outcome, passedOver: [String] = []) {
        self.tenant = tenant
        self.outcome = outcome
        self.passedOver = passedOver
    }

    /// Where it was tried, in words: `tried in acme`.
    public var sentence: String {
        let others = passedOver.map { "; passed over: \($0)" }.joined()
        guard let tenant else {
            return passedOver.isEmpty
                ? "no tenant has learnt enough to try it in" : "no tenant was left to try it in\(others)"
        }
        let name = Self.name(of: tenant)
        return switch outcome {
        case .caught, .nowhere: "tried in \(name)\(others)"
        case .unflagged(let score):
            "it was scored in \(name), and not flagged: score \(Reasons.hundredths(score))\(others)"
        }
    }

    /// What a tenant is called.
    static func name(of tenant: String) -> String { tenant.isEmpty ? "(none)" : Reasons.short(tenant) }
}

/// How far the alert of a drill came.
public struct DrillAlerts: Sendable, Hashable {
    /// Receivers for which it was built as it would have been sent.
    public var built = 0
    /// Receivers that took it: only those that want drills get it.
    public var sent = 0
    /// Receivers for which it was not built, each with the reason, in words.
    public var passedOver: [String] = []
    /// Why alerts cannot go out, or a receiver that wants drills got none; `nil` where neither is so.
    public var problem: String?

    /// An alert that came nowhere.
    public init() {}

    /// How far it came, in words: `alerts: 2 built, 1 sent`.
    public var sentence: String {
        "alerts: \(built) built, \(sent == 0 ? "none" : "\(sent)") sent"
            + passedOver.map { "; none for \($0)" }.joined()
    }
}

extension Decision {
    /// What a drill tries in a tenant: somebody whom nobody knows does what nobody does, on the kind that is used most.
    ///
    /// Every name in it but the kind's is that of a drill, so that no alert names anybody who is there.
    static func drill(inTenant tenant: String, onKind kind: String, at now: Timestamp) -> Decision {
        let mark = "verdict:drill"
        var decision = Decision(
            id: "drill-\(now.seconds)", time: now, tenant: tenant,
            principal: Principal(id: mark, roles: [mark]),
            resource: Resource(kind: kind, id: mark, scope: mark), actions: ["\(mark)/escalate"],
            effect: .allow)
        decision.source.format = "verdict"
        return decision
    }
}
