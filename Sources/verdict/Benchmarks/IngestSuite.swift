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

    /// How often a log is read, each time into a store of its own.
    private static let rounds = 5

    /// Measures the way of a whole log, from the file to searchable and scored, by the processor time of all threads.
    ///
    /// It is read some times; the time in the middle is told.
    static func run(log path: String) async throws {
        let sources = LogSource.expand([path])
        if let failure = LogSource.commonFailure(of: sources) {
            throw CommandFailure.failed("\(failure)")
        }
        let folder = try Interruption.temporaryDirectory()
        defer { folder.remove() }
        var results: [Round] = []
        for number in 0..<rounds {
            results.append(try await round(sources, store: "\(folder.path)/store-\(number)"))
        }
        results.sort { $0.coreSeconds < $1.coreSeconds }
        let middle = results[rounds / 2]
        let lines = Double(middle.report.read)
        try StandardOutput.shared.write(json: [
            "suite": .string("ingest"), "measure": .string("log"), "rounds": .integer(rounds),
            "lines": .integer(middle.report.read), "accepted": .integer(middle.report.accepted),
            "rejected": .integer(middle.report.rejected), "scored": .integer(middle.report.scored),
            "anomalous": .integer(middle.report.anomalous), "incidents": .integer(middle.incidents),
            "distinct": .integer(middle.distinct),
            "distinct_share": .decimal(
                Double(middle.distinct) / Double(max(1, middle.report.accepted)), digits: 4),
            "seconds": .decimal(middle.seconds, digits: 3),
            "lines_per_second": .decimal(lines / middle.seconds, digits: 0),
            "core_seconds": .decimal(middle.coreSeconds, digits: 3),
            "lines_per_core_second": .decimal(lines / middle.coreSeconds, digits: 0),
            "best_lines_per_core_second": .decimal(
                lines / (results.first?.coreSeconds ?? .nan), digits: 0),
            "closing_core_seconds": .decimal(middle.closingCoreSeconds, digits: 3),
        ])
    }

    /// What one reading of a log took.
    private struct Round {
        var report = IngestReport()
        var seconds = 0.0
        var coreSeconds = 0.0
        var closingCoreSeconds = 0.0
        var distinct = 0
        var incidents = 0
    }

    private static func round(_ sources: [LogSource], store path: String) async throws -> Round {
        let store = try MemoryStore(directory: path, options: StoreOptions(clock: WallClock.now))
        let detection = Detection.service(for: store)
        try await detection.start()
        let ingester = LogIngester(
            pipeline: DecisionPipeline(store: store, detection: detection), parser: LineParser(format: .auto))
        var round = Round()
        let (started, used) = (ContinuousClock().now, ProcessMeter.processorSeconds())
        try await ingester.ingest(sources, into: &round.report) { _ in try Interruption.check() }
        round.seconds = started.secondsUntilNow
        let read = ProcessMeter.processorSeconds()
        round.coreSeconds = read - used
        round.distinct = try await store.statistics().distinct
        round.incidents = await detection.snapshot().incidents.count
        try await detection.close()
        await store.close()
        round.closingCoreSeconds = ProcessMeter.processorSeconds() - read
        return round
    }
}
