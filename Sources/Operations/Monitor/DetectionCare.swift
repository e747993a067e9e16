public import AnomalyDetection
public import Decisions
public import VectorStores

/// What a store keeps of the last drill and the last pass of its detector.
public struct DetectionCare: Sendable, Hashable {
    /// The last drill; `nil` when there was none.
    public var drill: DrillRecord?
    /// The last run of the periodic pass; `nil` when there was none.
    public var pass: PassRecord?

    /// Both, as they are known.
    public init(drill: DrillRecord?, pass: PassRecord?) {
        self.drill = drill
        self.pass = pass
    }

    /// What a store keeps.
    public init(of store: any RecordStore) async throws {
        drill = try await DrillRecord.last(of: store)
        pass = try await PassRecord.last(of: store)
    }

    /// What health says of both.
    public func checks(at now: Timestamp) -> [HealthCheck] {
        [drill?.check(at: now), pass?.check(at: now)].compactMap(\.self)
    }

    /// Both as points of series.
    public var metrics: [MetricName: Double] {
        var points: [MetricName: Double] = [:]
        if case .caught(let seconds)? = drill?.outcome { points[.drill] = seconds * 1e6 }
        points[.pass] = pass.map { $0.seconds * 1e6 }
        points[.passFindings] = pass.map { Double($0.report.findings) }
        return points
    }
}
