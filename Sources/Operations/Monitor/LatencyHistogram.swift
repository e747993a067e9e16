/// A histogram of durations with about 4 % resolution and a fixed size.
///
/// Buckets grow geometrically from 0.1 µs, so quantiles of microseconds and of seconds are equally
/// exact; recording is O(1) and never allocates.
public struct LatencyHistogram: Sendable, Hashable {
    private static let bucketsPerDoubling = 16
    private static let bucketCount = 448
    private static let smallestMicroseconds = 0.1

    private var counts = [UInt32](repeating: 0, count: LatencyHistogram.bucketCount)
    /// How many durations were recorded.
    public private(set) var count = 0

    /// Creates an empty histogram.
    public init() {}

    /// Adds one duration.
    public mutating func record(microseconds: Double) {
        counts[Self.bucket(of: microseconds)] += 1
        count += 1
    }

    /// The duration that a share of the recorded ones do not exceed; `nil` when there are none.
    public func quantile(_ share: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = max(1, Int((share * Double(count)).rounded(.up)))
        var seen = 0
        for (bucket, bucketCount) in counts.enumerated() where bucketCount > 0 {
            seen += Int(bucketCount)
            if seen >= rank { return Self.middle(of: bucket) }
        }
        return Self.middle(of: Self.bucketCount - 1)
    }

    private static func bucket(of microseconds: Double) -> Int {
        guard microseconds > smallestMicroseconds else { return 0 }
        let doublings = logBase2(microseconds / smallestMicroseconds)
        return min(bucketCount - 1, Int(doublings * Double(bucketsPerDoubling)))
    }

    private static func middle(of bucket: Int) -> Double {
        smallestMicroseconds * powerOf2((Double(bucket) + 0.5) / Double(bucketsPerDoubling))
    }
}
