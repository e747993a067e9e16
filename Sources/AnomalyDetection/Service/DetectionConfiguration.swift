/// How a store's decisions are watched.
public struct DetectionConfiguration: Sendable, Hashable {
    /// How decisions are scored and flagged.
    public var detector = DetectorConfiguration()
    /// How anomalies become incidents.
    public var incidents = IncidentConfiguration()
    /// How bad an anomaly is.
    public var severity = SeverityScale()
    /// What the periodic pass looks at.
    public var pass = PassConfiguration()
    /// Seconds without a heartbeat after which another process takes over.
    public var leaseSeconds: Int64 = 10
    /// Seconds between heartbeats.
    public var heartbeatSeconds: Int64 = 2
    /// Decisions after which the detector's state is saved, at least; more when the state is large.
    ///
    /// What follows is caught up after a crash.
    public var checkpointDecisions = 10_000
    /// Seconds after which a heartbeat saves the state of decisions scored meanwhile.
    public var checkpointSeconds: Int64 = 300
    /// The most unscored decisions caught up on start; of more, the oldest are only counted.
    public var maximumCatchUp = 10_000

    /// The most records written together.
    public var maximumRecordsPerWrite = 8_000
    /// The most bytes of records written together; a single one may be larger.
    public var maximumBytesPerWrite = 64 << 20

    /// Creates the default configuration.
    public init() {}
}
