import AnomalyDetection
import Decisions
import Operations
import VectorStores

/// What passes the inbox's filter: plain words anywhere in the incident, or a query over its fields.
struct IncidentFilter {
    private let words: [String]
    private let query: Query?

    /// Reads a filter; text that is no query is taken as words.
    init(_ text: String, now: Timestamp) {
        let isQuery = text.contains { ":~<>".contains($0) }
        query = isQuery ? try? Query(parsing: text, now: now) : nil
        words = query == nil ? text.lowercased().split(separator: " ").map(String.init) : []
    }

    func matches(_ incident: Incident) -> Bool {
        if let query { return incident.matches(query) }
        guard !words.isEmpty else { return true }
        let key = incident.key
        let facts = [
            incident.id, incident.severity.rawValue, incident.state.rawValue, key.tenant, key.principal,
            key.kind, key.effect.rawValue,
        ]
        let haystack = (facts + incident.why).joined(separator: " ").lowercased()
        return words.allSatisfy { haystack.contains($0) }
    }
}
