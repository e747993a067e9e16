import Decisions

extension Incident {
    /// Takes an anomaly in as a member.
    mutating func absorb(_ anomaly: Anomaly, evidence: Evidence?, configuration: IncidentConfiguration) {
        let scored = anomaly.scored
        count += 1
        first = min(first, scored.time)
        last = max(last, scored.time)
        severity = max(severity, anomaly.severity)
        if members.count < Self.maximumMembers { members.append(scored.id) }
        if scored.score > score {
            score = scored.score
            why = scored.why
            if let evidence { self.evidence = evidence }
        }
        note(anomaly.decision, configuration: configuration)
        revision += 1
    }

    /// Notes what a member touched, did and came from.
    mutating func note(_ decision: Decision, configuration: IncidentConfiguration) {
        let resource = Self.resourceName(of: decision)
        if resources.count < configuration.maximumResources, !resources.contains(resource) {
            resources.append(resource)
        }
        resourceCount = max(resourceCount, resources.count)
        for action in decision.actions
        where actions.count < configuration.maximumActions && !actions.contains(action) {
            actions.append(action)
        }
        if let ip = decision.source.ip, addresses.count < configuration.maximumActions,
            !addresses.contains(ip)
        {
            addresses.append(ip)
        }
    }

    /// A resource as a person names it: its identifier with its kind, or its kind alone.
    static func resourceName(of decision: Decision) -> String {
        guard let id = decision.resource.id else { return decision.resource.kind }
        return "\(decision.resource.kind)/\(id)"
    }
}
