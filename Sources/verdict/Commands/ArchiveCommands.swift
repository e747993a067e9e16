import AnomalyDetection
import ArgumentParser
import Configuration
import Decisions
import Operations
import VectorStores

/// Writes decisions to a file that other stores and other programs read.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write decisions to .jsonl, .jsonl.gz or .pgcopy.",
        discussion: """
            .pgcopy is PostgreSQL's binary COPY of decision_vectors; psql \\copy reads it. An identifier that \
            several tenants have is derived for all but the first, and U+FFFD stands for zero characters.
            """)

    @Argument(help: ArgumentHelp("The file to write.", valueName: "file"))
    var file: String

    @Argument(help: ArgumentHelp("What must match.", valueName: "query"))
    var query: [String] = []

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let format = try ArchiveFormat(path: file)
        let query = try storeOptions.parse(query: query)
        let started = ContinuousClock().now
        let store = try await StoreOpening.open(try storeOptions.resolveDurable(), access: .read)
        var writer = try ArchiveWriter(path: file, format: format)
        var vectors = 0
        let bytes: Int
        let progress = ProgressLine()
        do {
            for try await batch in try await store.export(matching: query) {
                try Interruption.check()
                for stored in batch { try writer.append(stored) }
                vectors += batch.count
                progress.show("exporting", detail: counted(vectors, "decision"))
            }
            progress.finish()
            bytes = try writer.finish()
        } catch {
            progress.finish()
            writer.discard()
            await store.close()
            throw error
        }
        await store.close()
        try ArchiveReport(vectors: vectors, bytes: bytes, seconds: started.secondsUntilNow)
            .show("exported", json: output.json)
    }
}

/// Reads decisions from an exported file.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Read decisions from .jsonl, .jsonl.gz or .pgcopy.")

    @Argument(help: ArgumentHelp("The file to read.", valueName: "file"))
    var file: String

    @OptionGroup var identity: IdentityOptions
    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var retention: RetentionOptions
    @OptionGroup var codes: QuantizationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let format = try ArchiveFormat(path: file)
        let resolved = try storeOptions.resolveDurable()
        let who = try Identity.find(as: identity.name, on: resolved).name
        let chosen = try codes.choice(resolved)
        let started = ContinuousClock().now
        let source = try ArchiveSource(path: file, format: format)
        let store = try await StoreOpening.open(
            resolved, access: .write, retention: try retention.policy(resolved))
        let detection = Detection.service(
            for: store, resolved.settings.detection, grouping: resolved.settings.incidentGrouping)
        let keeper = QuantizationKeeper(
            store: store, jobs: Upkeep.jobs(of: store, log: EventLog(clock: WallClock.now), user: who))
        var vectors = 0
        var isTold = false
        let progress = ProgressLine()
        do {
            await Upkeep.endOrphans(of: store)
            if let chosen { try await keeper.choose(chosen.name) }
            try await Detection.start(detection)
            let pipeline = DecisionPipeline(store: store, detection: detection)
            while let entries = source.nextBatch() {
                try Interruption.check()
                guard !entries.isEmpty else { continue }
                let counts = try await pipeline.accept(entries: entries)
                vectors += counts.accepted + counts.merged + counts.conflicts
                try await detection.heartbeat()
                progress.show("importing", detail: counted(vectors, "decision"))
            }
            progress.finish()
            if source.rejectedUntold > 0 {
                StandardError.write("verdict: \(grouped(source.rejectedUntold)) more rejected\n")
            }
            let failure = await detection.closed()
            isTold = true
            await tell(vectors, rejected: source.rejected, to: store, by: who)
            // What is stored is told before anything else that went wrong.
            try ArchiveReport(vectors: vectors, bytes: source.bytesRead, seconds: started.secondsUntilNow)
                .show("imported", json: output.json)
            if let failure { throw failure }
            await Upkeep.quantize(keeper)
            try await store.finish()
        } catch {
            progress.finish()
            try? await detection.close()
            if vectors > 0, !isTold { await tell(vectors, rejected: source.rejected, to: store, by: who) }
            await store.close()
            throw error
        }
        // What came before the place that cannot be read is stored and was told.
        if let failure = source.failure { throw failure }
        if source.rejected > 0 { throw CommandExit.someRejected }
    }
}

extension ImportCommand {
    /// Tells the activity log what was taken in, also of an import that was cut short.
    private func tell(
        _ vectors: Int, rejected: Int, to store: any DecisionStore, by who: String
    ) async {
        await Activity.tell(
            "import", file, after: ["decisions": .integer(vectors), "rejected": .integer(rejected)],
            to: store, by: who)
    }
}

/// What an export or import did.
private struct ArchiveReport {
    var vectors: Int
    var bytes: Int
    var seconds: Double

    func show(_ done: String, json: Bool) throws {
        if json {
            try StandardOutput.shared.write(json: [
                "vectors": .integer(vectors), "bytes": .integer(bytes),
                "seconds": .decimal(seconds, digits: 3),
            ])
        } else {
            try StandardOutput.shared.write(
                "\(counted(vectors, "decision")) \(done), \(bytesText(bytes)) in \(fixed(seconds, digits: 2)) s\n"
            )
        }
    }
}
