import AnomalyDetection
import Decisions
import Operations
import VectorStores

/// What passes the inbox's filter: plain words anywhere in the incident, or a query over its fields.
struct IncidentFilter {
    /// Why a query cannot be read; everything passes until it can.
    let problem: QueryError?
    private let words: [String]
    private let query: Query?

    /// Reads a filter; text with none of the signs of a query is words.
    init(_ text: String, now: Timestamp) {
        var query: Query?
        var problem: QueryError?
        let isQuery = text.contains { ":~<>".contains($0) }
        if isQuery {
            do { query = try Query(parsing: text, now: now) } catch { problem = error }
        }
        self.query = query
        self.problem = problem
        words = isQuery ? [] : text.lowercased().split(separator: " ").map(String.init)
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
