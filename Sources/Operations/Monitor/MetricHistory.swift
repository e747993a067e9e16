public import Decisions

/// The past of the numbers that are measured by wall time: one point a second, an hour kept.
public struct MetricHistory: Sendable {
    /// Points kept per series.
    public static let capacity = 3_600

    private var values: [MetricName: [Double?]] = [:]
    private var end = Timestamp(seconds: 0)

    /// Creates an empty history.
    public init() {}

    /// Adds one point to every series; what is not measured this second gets a gap.
    ///
    /// A clock that jumps ahead (a suspended machine) leaves gaps for the seconds it skipped, at
    /// most a whole history's worth.
    public mutating func append(_ point: [MetricName: Double], at time: Timestamp) {
        let skipped = end.seconds == 0 ? 0 : min(max(0, time.seconds - end.seconds - 1), Int64(Self.capacity))
        for name in MetricName.allCases where !name.isEventTime {
            var series = values[name] ?? []
            series.append(contentsOf: Array(repeating: nil, count: Int(skipped)))
            series.append(point[name])
            if series.count > Self.capacity { series.removeFirst(series.count - Self.capacity) }
            values[name] = series
        }
        end = time
    }

    /// A series as screens show it.
    public func series(_ name: MetricName) -> MetricSeries {
        MetricSeries(
            name: name, title: name.title, unit: name.unit, isEventTime: false, end: end, step: 1,
            values: values[name] ?? [])
    }
}
