public import AnomalyDetection
import VectorStores

/// What is asked about an incident beside its evidence.
extension LiveConsole {
    /// What whoever an incident is about got since its first decision.
    public func reach(of incident: Incident) async throws -> IncidentReach {
        var reach = try await ReachReader(store: store).reach(of: incident)
        if !showsTimes { reach.elapsedMicroseconds = .nan }
        return reach
    }

    /// Which changes of an incident's flagged decision would have been ordinary.
    public func flips(of incident: Incident) async throws -> FlipReport {
        try await detection.flips(of: incident)
    }

    /// How strange an incident's flagged decision would be with some fields changed.
    public func score(of incident: Incident, after changes: [FlipChange]) async throws -> FlipScore {
        try await detection.score(of: incident, after: changes)
    }

    /// Who else did what a decision did.
    public func hunt(_ question: HuntQuestion) async throws -> HuntReport {
        var report = try await HuntReader(store: store).hunt(question)
        if !showsTimes { report.elapsedMicroseconds = .nan }
        return report
    }

    /// Saves a hunt, takes one away or brings one back.
    public func change(hunts order: HuntOrder, by person: String?) async throws -> HuntStatus {
        guard let who = person ?? user else {
            throw IncidentError(.readOnly, "several people use this account: say who you are first")
        }
        let status = try await detection.perform(order, by: who)
        await monitor.refresh()
        return status
    }
}
