import AnomalyDetection
import DecisionLogs
import Decisions
import Operations
import VectorStores

/// Measures the way from a native line to searchable and scored, in a durable store.
enum IngestSuite {
    static func run(decisions count: Int) async throws {
        let folder = try Interruption.temporaryDirectory()
        defer { folder.remove() }
        let lines = try EmbedSuite.generatedSample(count).map { Array($0.nativeLine().utf8) }
        let anonymousBefore = ProcessMeter.residentAnonymousBytes() ?? 0
        let store = try MemoryStore(
            directory: folder.path + "/store", options: StoreOptions(clock: WallClock.now))
        let detection = Detection.service(for: store)
        try await detection.start()
        let pipeline = DecisionPipeline(store: store, detection: detection)
        let parser = LineParser(format: .verdict)
        let started = ContinuousClock().now
        var counts = DecisionPipeline.Counts()
        var batch: [Decision] = []
        var items: [ParsedItem] = []
        for line in lines {
            items.removeAll(keepingCapacity: true)
            parser.parse(line.span, into: &items)
            for case .decision(let decision) in items { batch.append(decision) }
            if batch.count == DecisionPipeline.batchSize {
                counts += try await pipeline.accept(batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
        if !batch.isEmpty { counts += try await pipeline.accept(batch) }
        let seconds = started.secondsUntilNow
        let statistics = try await store.statistics()
        func bytesPerDecision(_ part: String) -> JSONValue {
            .decimal(Double(statistics.memoryParts[part] ?? 0) / Double(count), digits: 1)
        }
        let anonymous = (ProcessMeter.residentAnonymousBytes() ?? 0) - anonymousBefore
        try await detection.close()
        await store.close()
        try StandardOutput.shared.write(json: [
            "suite": .string("ingest"), "decisions": .integer(count),
            "accepted": .integer(counts.accepted), "distinct": .integer(statistics.distinct),
            "distinct_share": .decimal(Double(statistics.distinct) / Double(count), digits: 4),
            "anomalous": .integer(counts.anomalous), "seconds": .decimal(seconds, digits: 3),
            "decisions_per_second": .decimal(Double(count) / seconds, digits: 0),
            "mem_mb": .decimal(Double(anonymous) / 1e6, digits: 1),
            "id_bytes": bytesPerDecision("ids"), "metadata_bytes": bytesPerDecision("metadata"),
        ])
    }
}
