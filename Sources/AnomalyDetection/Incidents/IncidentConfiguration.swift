/// How anomalies become incidents, and how many are kept.
public struct IncidentConfiguration: Sendable, Hashable {
    /// What tells stories apart.
    public var grouping = IncidentGrouping()
    /// Seconds of event time after an incident's last activity in which the same story joins it even
    /// though somebody acknowledged or resolved it.
    public var windowSeconds: Int64 = 86_400
    /// Seconds of event time in which what follows an anomaly in the same story joins it unflagged.
    public var continuationSeconds: Int64 = 3_600
    /// Members at which an incident of medium severity or more becomes one level worse.
    public var escalatingMembers = 10
    /// New incidents one principal may open per hour of event time; the rest join one burst.
    public var maximumOpenedPerPrincipal = 10
    /// New incidents one tenant may open per hour of event time; the rest join one burst.
    public var maximumOpenedPerTenant = 100
    /// The most incidents kept; beyond, resolved ones go first, then the oldest of the least severe.
    public var maximumIncidents = 10_000
    /// The most resources listed per incident.
    public var maximumResources = 32
    /// The most actions and addresses listed per incident.
    public var maximumActions = 16
    /// The most triage entries kept per incident.
    public var maximumHistory = 100

    /// Creates the default configuration.
    public init() {}
}
