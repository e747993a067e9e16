import AnomalyDetection
import ArgumentParser
import Configuration
import DecisionLogs
import Decisions
import Delivery
import Operations
import VectorStores

/// Reads logs into a store and scores what it stores.
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Read decision logs into the store and score them.",
        discussion: """
            Plain and gzipped files, directories and standard input (-) are read; of a directory, what \
            is a log by its name. A log read twice changes nothing. With --follow, files are read on as \
            they grow until Ctrl-C, and the next time from where they were left.
            """)

    @Flag(name: .long, help: "Go on reading as the files grow.")
    var follow = false

    @Flag(name: .long, help: "Say what the log holds; store nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Wait for the disk after each batch.")
    var sync = false

    @OptionGroup var logs: LogOptions
    @OptionGroup var following: FollowingOptions
    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var retention: RetentionOptions
    @OptionGroup var codes: QuantizationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let parser = try logs.parser(config: storeOptions.config)
        if follow, logs.files.contains("-") {
            throw CommandFailure.usage(
                "--follow takes files and directories; - is read as it comes, without --follow")
        }
        if following.fromStart, !follow {
            throw CommandFailure.usage(
                "--from-start is for --follow; without it files are read from their first lines")
        }
        if dryRun {
            try DryRun.run(logs, parser: parser, json: output.json)
            return
        }
        let resolved = try storeOptions.resolve()
        let chosen = try codes.choice(resolved)
        let who = try Identity.find(on: resolved).name
        let recording = try RecordingSource(
            resolved.settings, file: storeOptions.config, storeName: resolved.name)
        if resolved.address == .ephemeral {
            StandardError.write("verdict: memory: keeps nothing; what is ingested is gone at the end\n")
        }
        let sources = follow ? [] : try logs.sources()
        let store = try await StoreOpening.open(
            resolved, access: .write, retention: try retention.policy(resolved), sync: sync)
        let detection = Detection.service(
            for: store, resolved.settings.detection, grouping: resolved.settings.incidentGrouping)
        let keeper = QuantizationKeeper(
            store: store, jobs: Upkeep.jobs(of: store, log: EventLog(clock: WallClock.now), user: who))
        do {
            await Upkeep.endOrphans(of: store)
            if let chosen { try await keeper.choose(chosen.name) }
            try await startScoring(detection, of: store)
            let sourceBoard = SourceBoard(clock: WallClock.now)
            let wait = StoreWait()
            let ingester = LogIngester(
                pipeline: DecisionPipeline(store: store, detection: detection, wait: wait), parser: parser,
                board: sourceBoard)
            let tell: @Sendable (String) -> Void = { StandardError.write("verdict: \(printable($0))\n") }
            let silence = SilenceKeeper(
                board: sourceBoard, detection: detection, clock: WallClock.now, tell: tell)
            let dispatcher = Alerting.plan(resolved).map { Alerting.dispatcher($0, of: store, note: tell) }
            // What is there before the first of this log is not told.
            await dispatcher?.round(Alerting.look(at: detection)())
            let telling = Task {
                if let dispatcher { await dispatcher.run(Alerting.look(at: detection)) }
            }
            defer { telling.cancel() }
            let upkeep = Task {
                if follow {
                    async let care: Void = Detection.care(
                        for: detection, of: store, resolved.settings.detection, alertsBy: dispatcher,
                        tell: tell)
                    await keepUp(store, keeper, silence, recall: resolved.recall, recording: recording)
                    await care
                }
            }
            defer { upkeep.cancel() }
            let report = try await read(
                sources, with: ingester, into: store, detection: detection, telling: wait)
            upkeep.cancel()
            await upkeep.value
            telling.cancel()
            await telling.value
            if let dispatcher { await Alerting.finish(dispatcher, detection) }
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

    /// Pause between two looks at whether the store answers.
    private static let waitPause = Duration.seconds(1)

    /// Moves what was stored on to where it stays; Ctrl-C leaves the rest to whoever writes next.
    private func settle(_ store: any DecisionStore) async {
        let line = ProgressLine()
        let left = await store.settle { waiting in
            line.show("moving into the table", detail: "\(counted(waiting, "row")) to go")
            return !Interruption.isRequested
        }
        line.finish()
        guard left > 0 else { return }
        StandardError.write(
            "verdict: \(counted(left, "row")) \(left == 1 ? "is" : "are") in the inbox still: searched like all "
                + "others, and moved into the table by whoever writes next\n")
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

    /// Keeps recall and codes as they are asked for and searches right, and raises what fell silent, side by side,
    /// until the task is cancelled.
    private func keepUp(
        _ store: any DecisionStore, _ keeper: QuantizationKeeper, _ silence: SilenceKeeper, recall: Double?,
        recording: RecordingSource
    ) async {
        let tell: @Sendable (String) -> Void = { StandardError.write("verdict: \(printable($0))\n") }
        let board = UpkeepBoard(tell: tell)
        let modes = RecordingKeeper(store: store, own: recording.own, clock: WallClock.now)
        await withTaskGroup { group in
            group.addTask { await Upkeep.keepTuned(store, recall: recall, board: board) }
            group.addTask { await Upkeep.keepProbed(store, board: board) }
            group.addTask { await Upkeep.keepQuantized(keeper, board: board) }
            group.addTask { await recording.keepUp(modes, board: board, tell: tell) }
            group.addTask { await silence.run() }
        }
    }

    private func read(
        _ sources: [LogSource], with ingester: LogIngester, into store: any DecisionStore,
        detection: DetectionService, telling wait: StoreWait
    ) async throws -> IngestReport {
        let line = ProgressLine()
        defer { line.finish() }
        let heartbeat = Task { await Detection.keepAlive(detection) }
        defer { heartbeat.cancel() }
        var place = "the store"
        if case .postgres = store.address { place = "the server" }
        let waiting = Task { [place] in
            while !Task.isCancelled {
                if let sentence = wait.sentence(for: place) { line.show(sentence) }
                try? await Task.sleep(for: Self.waitPause)
            }
        }
        defer { waiting.cancel() }
        if follow {
            let options = Following.options(
                of: store, fromStart: following.fromStart, reorderSeconds: following.reorderSeconds)
            return try await followLogs(with: ingester, options, line: line)
        }
        var report = IngestReport()
        do {
            try await ingester.ingest(sources, into: &report) { progress in
                try Interruption.check()
                let rate = "\(grouped(progress.report.read)) read"
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
                "verdict: stopped after \(grouped(report.read)) read, \(grouped(report.accepted)) accepted\n")
            throw error
        }
        return report
    }

    private func followLogs(
        with ingester: LogIngester, _ options: FollowOptions, line: ProgressLine
    ) async throws -> IngestReport {
        let files = logs.files
        return try await Interruption.cancelling {
            await ingester.follow(files, options: options) { report in
                line.show(
                    "following", detail: "\(grouped(report.read)) read, \(grouped(report.rejected)) rejected")
            } tell: { _, sentence in
                StandardError.write("verdict: \(printable(sentence))\n")
            }
        }
    }

    private func show(_ report: IngestReport) throws {
        for reject in report.rejects {
            StandardError.write(reject.text)
        }
        if let sentence = report.orderSentence { StandardError.write("verdict: \(sentence)\n") }
        if output.json {
            LogReading.tellLeftOut(dropped: report.dropped, sampledOut: report.sampledOut)
            try StandardOutput.shared.write(json: report.json)
            return
        }
        let leftOut =
            report.dropped + report.sampledOut == 0
            ? ""
            : " (\(grouped(report.dropped)) dropped and \(grouped(report.sampledOut)) sampled out by rules)"
        try StandardOutput.shared.write(
            """
            \(grouped(report.read)) read: \(grouped(report.accepted)) accepted, \
            \(counted(report.duplicates, "duplicate")), \(grouped(report.merged)) merged, \
            \(counted(report.conflicts, "conflict")), \(grouped(report.skipped)) skipped\(leftOut), \
            \(grouped(report.rejected)) rejected in \(fixed(report.seconds, digits: 2)) s; \
            \(grouped(report.anomalous)) anomalous

            """)
    }
}

extension IngestReport {
    /// What was noticed of the order of followed decisions and of their times; nil when nothing was.
    var orderSentence: String? {
        var parts: [String] = []
        if late > 0 { parts.append("\(grouped(late)) came after later ones had gone on") }
        if ahead > 0 {
            parts.append(
                "\(grouped(ahead)) \(ahead == 1 ? "was" : "were") ahead of this machine's clock, by "
                    + "\(grouped(Int(aheadSeconds))) s at most")
        }
        if gaps > 0 {
            parts.append("\(counted(gaps, "time")) a log held nothing for longer than it usually does")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

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
