public import Decisions

/// A decision whose truth is known: benign, or part of an attack.
public struct EvaluationEvent: Sendable, Hashable {
    /// The decision.
    public var decision: Decision
    /// The attack it belongs to; `nil` when it is benign.
    public var incident: String?

    /// Creates an event.
    public init(decision: Decision, incident: String? = nil) {
        self.decision = decision
        self.incident = incident
    }

    /// Events in the order they are scored: by time, then by identifier.
    public static func ordered(_ events: [EvaluationEvent]) -> [EvaluationEvent] {
        events.sorted { left, right in
            (left.decision.time, left.decision.id) < (right.decision.time, right.decision.id)
        }
    }
}
