import AnomalyDetection
import ArgumentParser
import DecisionLogs
import Decisions
import Operations
import VectorStores

/// Reads logs into a store and scores what it stores.
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Read decision logs into the store and score them.",
        discussion: """
            Plain and gzipped files, directories and standard input (-) are read; of a directory, what \
            is a log by its name. A log read twice changes nothing. With --follow, files are read on as \
            they grow until Ctrl-C.
            """)

    @Flag(name: .long, help: "Go on reading as the files grow.")
    var follow = false

    @Flag(name: .long, help: "Say what the log holds; store nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Wait for the disk after each batch.")
    var sync = false

    @OptionGroup var logs: LogOptions
    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var retention: RetentionOptions
    @OptionGroup var codes: QuantizationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let parser = try logs.parser()
        if follow, logs.files.contains("-") {
            throw CommandFailure.usage(
                "--follow takes files and directories; - is read as it comes, without --follow")
        }
        if dryRun {
            try DryRun.run(logs, json: output.json)
            return
        }
        let resolved = try storeOptions.resolve()
        let chosen = try codes.choice(resolved)
        if resolved.address == .ephemeral {
            StandardError.write("verdict: memory: keeps nothing; what is ingested is gone at the end\n")
        }
        let sources = follow ? [] : try logs.sources()
        let store = try await StoreOpening.open(
            resolved, access: .write, retention: try retention.policy(resolved), sync: sync)
        let detection = Detection.service(for: store)
        let keeper = QuantizationKeeper(
            store: store, jobs: Upkeep.jobs(of: store, log: EventLog(clock: WallClock.now)))
        do {
            await Upkeep.endOrphans(of: store)
            if let chosen { try await keeper.choose(chosen.name) }
            try await startScoring(detection, of: store)
            let ingester = LogIngester(
                pipeline: DecisionPipeline(store: store, detection: detection), parser: parser)
            let upkeep = Task { if follow { await keepUp(store, keeper, recall: resolved.recall) } }
            defer { upkeep.cancel() }
            let report = try await read(sources, with: ingester, detection: detection)
            upkeep.cancel()
            await upkeep.value
            let failure = await detection.closed()
            // What is stored is told before anything else that went wrong.
            try show(report)
            if let failure { throw failure }
            await Upkeep.quantize(keeper)
            await Upkeep.tune(store, recall: resolved.recall)
            await settle(store)
            try await store.finish()
            if report.rejected > 0 { throw CommandExit.someRejected }
        } catch {
            try? await detection.close()
            await store.close()
            throw error
        }
    }

    /// Moves what was stored on to where it stays; Ctrl-C leaves the rest to whoever writes next.
    private func settle(_ store: any DecisionStore) async {
        let line = ProgressLine()
        let left = await store.settle { waiting in
            line.show("moving into the table", detail: "\(waiting) rows to go")
            return !Interruption.isRequested
        }
        line.finish()
        guard left > 0 else { return }
        StandardError.write(
            "verdict: \(left) rows are in the inbox still: searched like all others, and moved into the table by "
                + "whoever writes next\n")
    }

    /// Starts the detector; where the server that keeps its state is away, and decisions are queued for it, it starts
    /// by itself once the server is back.
    private func startScoring(_ detection: DetectionService, of store: any DecisionStore) async throws {
        do {
            try await Detection.start(detection)
        } catch let error as StoreError where error.code == .inputOutput {
            let queues = try await store.health().contains { $0.name == "queue" }
            guard queues else { throw error }
            StandardError.write(
                "verdict: the server is away: decisions are queued on this machine, and scored by whoever scores "
                    + "next once it is back\n")
        }
    }

    /// Keeps recall and codes as they are asked for and searches right, side by side, until the task is cancelled.
    private func keepUp(_ store: any DecisionStore, _ keeper: QuantizationKeeper, recall: Double?) async {
        let board = UpkeepBoard { StandardError.write("verdict: \(printable($0))\n") }
        await withTaskGroup { group in
            group.addTask { await Upkeep.keepTuned(store, recall: recall, board: board) }
            group.addTask { await Upkeep.keepProbed(store, board: board) }
            group.addTask { await Upkeep.keepQuantized(keeper, board: board) }
        }
    }

    private func read(
        _ sources: [LogSource], with ingester: LogIngester, detection: DetectionService
    ) async throws -> IngestReport {
        let line = ProgressLine()
        defer { line.finish() }
        let heartbeat = Task { await Detection.keepAlive(detection) }
        defer { heartbeat.cancel() }
        if follow {
            return try await followLogs(with: ingester, line: line)
        }
        var report = IngestReport()
        do {
            try await ingester.ingest(sources, into: &report) { progress in
                try Interruption.check()
                let rate = "\(progress.report.read) read"
                if let bytes = progress.bytes, bytes > 0 {
                    line.show(
                        printable(progress.file), fraction: Double(progress.bytesRead) / Double(bytes),
                        detail: rate)
                } else {
                    line.show(printable(progress.file), detail: rate)
                }
            }
        } catch {
            // What was acknowledged before the end is told, so that nobody has to guess.
            line.finish()
            StandardError.write(
                "verdict: stopped after \(report.read) read, \(report.accepted) accepted\n")
            throw error
        }
        return report
    }

    private func followLogs(with ingester: LogIngester, line: ProgressLine) async throws -> IngestReport {
        let files = logs.files
        return try await Interruption.cancelling {
            await ingester.follow(files) { report in
                line.show("following", detail: "\(report.read) read, \(report.rejected) rejected")
            } trouble: { sentence in
                StandardError.write("verdict: \(printable(sentence))\n")
            }
        }
    }

    private func show(_ report: IngestReport) throws {
        for reject in report.rejects {
            StandardError.write(reject.text)
        }
        if output.json {
            try StandardOutput.shared.write(json: report.json)
            return
        }
        try StandardOutput.shared.write(
            """
            \(report.read) read: \(report.accepted) accepted, \(report.duplicates) duplicates, \
            \(report.merged) merged, \(report.conflicts) conflicts, \(report.skipped) skipped, \
            \(report.rejected) rejected in \(fixed(report.seconds, digits: 2)) s; \
            \(report.anomalous) anomalous

            """)
    }
}

extension IngestReport {
    /// The report as the command prints it.
    var json: JSONObject {
        [
            "read": .integer(read), "accepted": .integer(accepted), "duplicates": .integer(duplicates),
            "merged": .integer(merged), "conflicts": .integer(conflicts), "skipped": .integer(skipped),
            "rejected": .integer(rejected), "seconds": .decimal(seconds, digits: 3),
            "rejects": .array(rejects.map { .object($0.json) }),
        ]
    }
}

extension IngestReport.Reject {
    /// The reject as a line for standard error.
    var text: String { "\(printable(file)):\(line): \(printable(reason))\n" }

    /// The reject as the command prints it.
    var json: JSONObject {
        ["file": .string(file), "line": .integer(line), "reason": .string(reason)]
    }
}
