import Decisions

extension Incident {
    /// Takes an anomaly in as a member.
    mutating func absorb(_ anomaly: Anomaly, evidence: Evidence?, configuration: IncidentConfiguration) {
        severity = max(severity, anomaly.severity)
        let scored = anomaly.scored
        if scored.score > score {
            score = scored.score
            why = scored.why
            if let evidence { self.evidence = evidence }
        }
        absorb(scored, anomaly.decision, configuration: configuration)
    }

    /// Takes in a decision that was not flagged but goes on with the story.
    mutating func absorb(
        _ scored: ScoredDecision, _ decision: Decision, configuration: IncidentConfiguration
    ) {
        count += 1
        first = min(first, scored.time)
        last = max(last, scored.time)
        if hasRoom(forMember: scored.id) { members.append(scored.id) }
        // What was denied was only tried: however often, nobody needs to be woken for it.
        let worst: Severity = key.effect == .deny ? .high : .critical
        if count == configuration.escalatingMembers, severity >= .medium, severity < worst {
            severity = severity.raised
        }
        note(decision, configuration: configuration)
        revision += 1
    }

    private func hasRoom(forMember id: String) -> Bool {
        members.count < Self.maximumMembers
            && members.reduce(id.utf8.count) { $0 + $1.utf8.count } <= Self.maximumMemberBytes
    }

    /// Notes what a member touched, did and came from.
    mutating func note(_ decision: Decision, configuration: IncidentConfiguration) {
        let resource = Self.resourceName(of: decision)
        if resources.count < configuration.maximumResources, !resources.contains(resource) {
            resources.append(resource)
        }
        resourceCount = max(resourceCount, resources.count)
        for action in decision.actions where actions.count < configuration.maximumActions {
            let action = Self.listed(action)
            if !actions.contains(action) { actions.append(action) }
        }
        if let ip = decision.source.ip.map(Self.listed), addresses.count < configuration.maximumActions,
            !addresses.contains(ip)
        {
            addresses.append(ip)
        }
    }

    /// A name as an incident lists it: as long as in its evidence.
    private static func listed(_ name: String) -> String {
        Reasons.short(name, to: Decision.maximumEvidenceCharacters)
    }

    /// A resource as a person names it: its identifier with its kind, or its kind alone.
    static func resourceName(of decision: Decision) -> String {
        guard let id = decision.resource.id else { return listed(decision.resource.kind) }
        return listed("\(decision.resource.kind)/\(id)")
    }
}

extension Incident.Severity {
    /// The next worse severity.
    var raised: Incident.Severity {
        switch self {
        case .low: .medium
        case .medium: .high
        case .high, .critical: .critical
        }
    }
}
