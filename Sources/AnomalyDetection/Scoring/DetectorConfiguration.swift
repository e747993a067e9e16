/// How decisions are scored and flagged, and how much memory that may take.
public struct DetectorConfiguration: Sendable, Hashable {
    /// Decisions a tenant must have before its scores are judged; by count only.
    public var warmUpDecisions = 1_000
    /// The share of decisions that the threshold lets through; 0.02 flags about one in fifty strangest.
    public var alpha = 0.02
    /// The least score that is ever flagged: where nothing strange happens, the strangest is ordinary.
    public var minimumScore = 0.9
    /// A principal with fewer past decisions on a kind is not yet at home there: what it does on the
    /// kind soon after an anomaly belongs to the same story.
    public var familiarDecisions = 100
    /// How many of a tenant's newest scores the threshold is taken from.
    public var thresholdWindow = 5_000
    /// A principal with fewer past decisions is called new in its evidence.
    public var newPrincipalDecisions = 20
    /// The most reasons told for one decision.
    public var maximumReasons = 6
    /// The most tenants kept; beyond, one that was idle longest learns anew.
    public var maximumTenants = 100_000
    /// The most different names of one sort (principals, kinds, …) kept per tenant.
    public var maximumNames = 500_000
    /// The most counters kept over all tenants; beyond, the tenants above their fair share age.
    public var maximumCounters = 16_000_000

    /// Creates the default configuration.
    public init() {}
}
