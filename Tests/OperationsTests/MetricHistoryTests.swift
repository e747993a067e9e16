import Decisions
import Testing
import VectorStores

@testable import Operations

@Suite struct MetricHistoryTests {
    @Test func `what is not measured leaves a gap`() {
        var history = MetricHistory()
        history.append([.ingest: 5], at: Timestamp(seconds: 10))
        history.append([:], at: Timestamp(seconds: 11))
        history.append([.ingest: 7], at: Timestamp(seconds: 12))
        let series = history.series(.ingest)
        #expect(series.values == [5, nil, 7])
        #expect(series.end == Timestamp(seconds: 12))
        #expect(series.latest == 7)
        #expect(series.peak == 7)
        #expect(series.step == 1)
    }

    @Test func `a suspended machine leaves gaps for the seconds it slept`() {
        var history = MetricHistory()
        history.append([.ingest: 1], at: Timestamp(seconds: 100))
        history.append([.ingest: 2], at: Timestamp(seconds: 104))
        #expect(history.series(.ingest).values == [1, nil, nil, nil, 2])
    }

    @Test func `an hour is kept and no more`() {
        var history = MetricHistory()
        history.append([.vectors: 1], at: Timestamp(seconds: 1))
        history.append([.vectors: 2], at: Timestamp(seconds: 1_000_000))
        let values = history.series(.vectors).values
        #expect(values.count == MetricHistory.capacity)
        #expect(values.last == 2)
    }

    @Test func `every number that a store knows of itself is a point of a series`() async throws {
        let session = try await Session()
        #expect(try await session.store.statistics().metrics[.selfRecall] == nil)
        try await session.fill(200)
        let statistics = try await session.store.statistics()
        let points = statistics.metrics
        let index = statistics.index
        #expect(points[.vectors] == 200 && points[.memory] == Double(statistics.memoryBytes))
        #expect(points[.distinctShare] == statistics.distinctShare * 100)
        #expect(points[.tombstones] == 0 && points[.unreachable] == 0 && points[.mapped] == 0)
        #expect(points[.medianLinks] == index.medianLinks.map { Double($0) } && index.medianLinks ?? 0 > 0)
        #expect(points[.selfRecall] == 100)
        #expect(points[.distances] == index.selfSearch?.distances && points[.hops] == index.selfSearch?.hops)
        let parts: [MetricName] = [.vectorMemory, .linkMemory, .postingMemory, .decisionMemory]
        #expect(parts.compactMap { points[$0] }.reduce(0, +) == points[.memory])
        #expect(parts.allSatisfy { points[$0] ?? 0 > 0 })
        let monitor = session.monitor()
        _ = await monitor.tick(measuring: true)
        for name in points.keys { #expect(await monitor.snapshot.metric(name)?.latest != nil, "\(name)") }
    }

    @Test(arguments: MetricName.allCases) func `every metric has a title`(name: MetricName) {
        #expect(!name.title.isEmpty)
    }
}
