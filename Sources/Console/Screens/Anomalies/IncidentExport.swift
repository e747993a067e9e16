import AnomalyDetection
import Decisions
import Operations
import TerminalUI

/// An incident as it leaves the console: text for a chat, JSON for a tool.
enum IncidentExport {
    /// The evidence page as text of a hundred columns.
    static func text(_ page: EvidencePage) -> String {
        page.lines
            .map { line in
                var text = line.text.terminalSafe
                while text.last == " " { text.removeLast() }
                return text + "\n"
            }.joined()
    }

    /// One JSON object: the facts of the incident and what they rest on; what they got where that is known.
    static func json(_ incident: Incident, reach: IncidentReach? = nil) -> String {
        func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        func number(_ value: Double) -> JSONValue { .number(Quantity.fixed(value, decimals: 6)) }
        func neighbour(_ past: Evidence.Neighbour?) -> JSONValue {
            guard let past else { return .null }
            return .object([
                "id": .string(past.decision.id), "similarity": number(past.similarity),
                "differs": strings(past.differs), "principal": .string(past.decision.principal.id),
                "request": .string(DecisionText.request(past.decision)),
            ])
        }
        let evidence = incident.evidence
        let channels = evidence.channels
        let tokens = evidence.novelTokens.map { token -> JSONValue in
            .object(["token": .string(token.token), "share": number(token.share)])
        }
        var object: JSONObject = [
            "id": .string(incident.id), "state": .string(incident.state.rawValue),
            "severity": .string(incident.severity.rawValue), "tenant": .string(incident.key.tenant),
            "principal": .string(incident.key.principal), "kind": .string(incident.key.kind),
            "effect": .string(incident.key.effect.rawValue), "count": .number(String(incident.count)),
            "first": .string(incident.first.description), "last": .string(incident.last.description),
            "score": number(incident.score), "why": strings(incident.why),
            "counters": strings(evidence.counters), "nearest": neighbour(evidence.nearest),
            "nearest_own": neighbour(evidence.nearestOwn), "resources": strings(incident.resources),
            "resource_count": .number(String(incident.resourceCount)), "actions": strings(incident.actions),
            "addresses": strings(incident.addresses), "members": strings(incident.members),
            "channels": .object([
                "distance": number(channels.distance), "rarity": number(channels.rarity),
                "first_seen": number(channels.firstSeen),
            ]),
            "novel_tokens": .array(tokens),
            "principal_hours": .array(evidence.principalHours.map { .number(String($0)) }),
        ]
        if let reach { object["reach"] = reach.json }
        return JSONValue.object(object).json + "\n"
    }
}
