public import Decisions

/// A flagged decision on its way into an incident.
public struct Anomaly: Sendable, Hashable {
    /// The decision.
    public var decision: Decision
    /// Its score and reasons.
    public var scored: ScoredDecision
    /// How bad it is.
    public var severity: Incident.Severity

    /// Creates an anomaly.
    public init(decision: Decision, scored: ScoredDecision, severity: Incident.Severity) {
        self.decision = decision
        self.scored = scored
        self.severity = severity
    }

    /// What makes it the same story as others.
    public var key: Incident.Key {
        Incident.Key(
            tenant: decision.tenant, principal: decision.principal.id, kind: decision.resource.kind,
            effect: decision.effect)
    }
}
