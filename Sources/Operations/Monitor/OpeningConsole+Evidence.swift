public import AnomalyDetection

extension OpeningConsole {
    /// What whoever an incident is about got since its first decision.
    public func reach(of incident: Incident) async throws -> IncidentReach {
        try await live().reach(of: incident)
    }

    /// Which changes of an incident's flagged decision would have been ordinary.
    public func flips(of incident: Incident) async throws -> FlipReport {
        try await live().flips(of: incident)
    }

    /// How strange an incident's flagged decision would be with some fields changed.
    public func score(of incident: Incident, after changes: [FlipChange]) async throws -> FlipScore {
        try await live().score(of: incident, after: changes)
    }

    /// Who else did what a decision did.
    public func hunt(_ question: HuntQuestion) async throws -> HuntReport {
        try await live().hunt(question)
    }

    /// Saves a hunt, takes one away or brings one back.
    public func change(hunts order: HuntOrder, by person: String?) async throws -> HuntStatus {
        try await live().change(hunts: order, by: person)
    }
}
