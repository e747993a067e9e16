import AnomalyDetection
import Decisions
import VectorStores

/// What passes the inbox's filter: plain words anywhere in the incident, or a query over its fields.
struct IncidentFilter {
    private let words: [String]
    private let matcher: QueryMatcher?

    /// Reads a filter; text that is no query is taken as words.
    init(_ text: String, now: Timestamp) {
        let isQuery = text.contains { ":~<>".contains($0) }
        let query = isQuery ? try? Query(parsing: text, now: now) : nil
        matcher = query.map { QueryMatcher($0) }
        words = query == nil ? text.lowercased().split(separator: " ").map(String.init) : []
    }

    func matches(_ incident: Incident) -> Bool {
        if let matcher { return matcher.matches { Self.values($0, incident) } }
        guard !words.isEmpty else { return true }
        let key = incident.key
        let facts = [
            incident.id, incident.severity.rawValue, incident.state.rawValue, key.tenant, key.principal,
            key.kind, key.effect.rawValue,
        ]
        let haystack = (facts + incident.why).joined(separator: " ").lowercased()
        return words.allSatisfy { haystack.contains($0) }
    }

    private static func values(_ field: String, _ incident: Incident) -> [FieldValue] {
        switch field {
        case "id": [.text(incident.id)]
        case "severity": [.text(incident.severity.rawValue)]
        case "state": [.text(incident.state.rawValue)]
        case "score": [.number(incident.score)]
        case "count": [.number(Double(incident.count))]
        case "time": [.time(incident.last)]
        case "tenant": [.text(incident.key.tenant)]
        case "principal": [.text(incident.key.principal)]
        case "kind": [.text(incident.key.kind)]
        case "effect": [.text(incident.key.effect.rawValue)]
        case "resource": incident.resources.map { .text($0) }
        case "action": incident.actions.map { .text($0) }
        case "ip": incident.addresses.map { .text($0) }
        default: []
        }
    }
}
