import AnomalyDetection
import Decisions
import Operations
import VectorStores

/// What a running demonstration would have measured about itself, drawn from its seed.
///
/// A picture has no running process, so these figures are made up; they are shown in pictures of
/// the demonstration only.
enum DemoMeasurements {
    private static let seconds: Int64 = 900

    static func measurements(
        seed: UInt64, now: Timestamp, vectors statistics: StoreStatistics, tenants: [TenantStatistics]
    ) -> SnapshotBuilder.Measurements {
        var random = Wander(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
        var measurements = SnapshotBuilder.Measurements()
        var ingest = 32.0
        var p50 = 38.0
        for second in 0..<seconds {
            ingest = min(70, max(12, ingest + random.step(4)))
            p50 = min(60, max(28, p50 + random.step(1.5)))
            let share = Double(second) / Double(seconds)
            var point = statistics.metrics
            point.merge([
                .ingest: ingest, .searchP50: p50, .searchP99: p50 * 2.4 + random.step(6),
                .searches: max(0, 14 + random.step(10)), .recall: min(100, 99.3 + random.step(0.4)),
                .vectors: Double(statistics.vectors) * (0.6 + 0.4 * share),
                .memory: Double(statistics.memoryBytes) * (0.7 + 0.3 * share),
                .processor: max(0.2, 2.1 + random.step(0.8)),
            ]) { _, made in made }
            measurements.history.append(point, at: now.advanced(bySeconds: second - seconds + 1))
        }
        measurements.residentBytes = 118_000_000
        measurements.processorShare = 0.021
        measurements.recall = RecallSummary(recall: 0.992, samples: 512, ageSeconds: 2)
        for tenant in tenants {
            measurements.tenantRecall[ByteKey(tenant.tenant)] = TenantRecallSummary(
                recall: 0.992 + random.step(0.007), samples: RecallGuard.samplesKept)
        }
        return measurements
    }

    /// A drill that was caught some minutes before.
    static func care(now: Timestamp) -> DetectionCare {
        let drill = DrillRecord(
            sent: now.advanced(bySeconds: -180), outcome: .caught(seconds: 0.2),
            next: now.advanced(bySeconds: 420), session: "demo")
        return DetectionCare(drill: drill, pass: nil)
    }

    /// Statistics whose memory follows from what is stored.
    ///
    /// How far tables have really grown depends on the allocator, which differs from run to run.
    static func settled(_ statistics: StoreStatistics) -> StoreStatistics {
        var settled = statistics
        let (rows, nodes) = (statistics.vectors, statistics.index.nodes)
        settled.memoryParts = [
            "vectors": 64 * nodes, "links": 140 * nodes, "metadata": 110 * rows, "ids": 30 * rows,
            "postings": 12 * nodes + 12 * rows, "directory": 16 * nodes, "partitions": 8 * nodes,
        ]
        settled.memoryBytes = settled.memoryParts.values.reduce(0, +)
        return settled
    }

    /// A small seeded generator of steps.
    private struct Wander {
        var state: UInt64

        /// A number between minus and plus `size`.
        mutating func step(_ size: Double) -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return (Double(state >> 11) / Double(1 << 53) * 2 - 1) * size
        }
    }
}
