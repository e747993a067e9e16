public import AnomalyDetection
import Decisions
public import VectorStores

extension Incident {
    /// Whether the incident matches a query: fields of decisions, and severity, state and score.
    public func matches(_ query: Query) -> Bool {
        QueryMatcher(query).matches { field in values(of: field) }
    }

    private func values(of field: String) -> [FieldValue] {
        switch field {
        case "id": [.text(id)]
        case "severity": [.text(severity.rawValue)]
        case "state": [.text(state.rawValue)]
        case "assignee": assignee.map { [.text($0)] } ?? []
        case "resolution": resolution.map { [.text($0.rawValue)] } ?? []
        case "score": [.number(score)]
        case "count": [.number(Double(count))]
        case "tenant": [.text(key.tenant)]
        case "principal": [.text(key.principal)]
        case "kind": [.text(key.kind)]
        case "effect": [.text(key.effect.rawValue)]
        case "action": actions.map { .text($0) }
        case "resource": resources.map { .text($0) }
        case "ip": addresses.map { .text($0) }
        case "time": [.time(last)]
        default: evidence.decision.values(of: DecisionField(field))
        }
    }
}
