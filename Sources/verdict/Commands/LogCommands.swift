import ArgumentParser
import DecisionLogs
import Decisions
import Operations

/// Reads logs and prints the decisions in them.
struct ParseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parse", abstract: "Print the decisions of a log as native lines.")

    @Flag(name: .long, help: "Print the canonical record instead of the native line.")
    var canonical = false

    @OptionGroup var logs: LogOptions
    @OptionGroup var settings: ConfigurationOption
    @OptionGroup var output: JSONOnlyOptions

    func run() async throws {
        var writer = JSONWriter()
        let rejected = try LogReading.forEachDecision(logs, config: settings.config) { decision in
            writer.removeAll()
            if canonical {
                writer.value(decision.canonicalRecord)
            } else {
                decision.write(to: &writer)
            }
            try StandardOutput.shared.write(writer.text + "\n")
        }
        if rejected > 0 { throw CommandExit.someRejected }
    }
}

/// Reads logs and prints the vector of each decision.
struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", abstract: "Print the vector of each decision of a log.")

    @Option(
        name: .long,
        help: ArgumentHelp("Write the unit vectors to this file as .fvecs instead.", valueName: "file"))
    var fvecs: String?

    @OptionGroup var logs: LogOptions
    @OptionGroup var settings: ConfigurationOption
    @OptionGroup var output: JSONOnlyOptions

    func run() async throws {
        let embedder = DecisionEmbedder()
        let file = try fvecs.map { try OutputFile(path: $0) }
        var writer = JSONWriter()
        let rejected = try LogReading.forEachDecision(logs, config: settings.config) { decision in
            let embedding = embedder.embed(decision)
            if let file {
                try file.write(embedding.fvec)
                return
            }
            writer.removeAll()
            writer.beginObject()
            writer.key("id")
            writer.string(decision.id)
            writer.key("recipe")
            writer.string(embedder.recipe.description)
            writer.key("counts")
            writer.beginArray()
            for count in embedding.counts { writer.integer(count) }
            writer.endArray()
            writer.key("scale")
            writer.number("\(embedding.scale)")
            writer.endObject()
            try StandardOutput.shared.write(writer.text + "\n")
        }
        try file?.close()
        if rejected > 0 { throw CommandExit.someRejected }
    }
}

extension Embedding {
    /// The unit vector as one record of an .fvecs file: dimension, then floats, little-endian.
    var fvec: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + counts.count * 4)
        append(UInt32(counts.count), to: &bytes)
        for count in counts { append((Float(count) * scale).bitPattern, to: &bytes) }
        return bytes
    }

    private func append(_ word: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(shift)))
        }
    }
}

/// Reads logs decision by decision, telling rejects on standard error.
enum LogReading {
    /// What was read beside decisions.
    struct Remainder {
        /// How many lines could not be read.
        var rejected = 0
        /// The first of them.
        var rejects: [IngestReport.Reject] = []
        /// How many decisions rules dropped.
        var dropped = 0
        /// How many decisions were outside a sample.
        var sampledOut = 0
        /// How many bytes the logs have as they lie there.
        var bytes = 0
    }

    /// Hands every decision of the logs to `body` and returns how many lines were rejected.
    static func forEachDecision(
        _ logs: LogOptions, config: String? = nil, _ body: (Decision) throws -> Void
    ) throws -> Int {
        let remainder = try forEachItem(of: logs, by: try logs.parser(config: config)) { item in
            if case .decision(let decision) = item { try body(decision) }
        }
        tellLeftOut(dropped: remainder.dropped, sampledOut: remainder.sampledOut)
        return remainder.rejected
    }

    /// Hands every item of the logs to `body` and returns what else there was.
    static func forEachItem(
        of logs: LogOptions, by parser: LineParser, _ body: (ParsedItem) throws -> Void
    ) throws -> Remainder {
        let sources = try logs.sources()
        var remainder = Remainder()
        for source in sources {
            var reader = try LogReader(source, parser: parser, amongOthers: sources.count > 1)
            while let items = reader.nextBatch() {
                try Interruption.check()
                for item in items {
                    try body(item.item)
                    note(item, of: source, in: &remainder)
                }
                if source.isStandardInput { try StandardOutput.shared.flushNow() }
            }
            remainder.bytes += reader.bytesRead
        }
        if remainder.rejected > remainder.rejects.count {
            let more = remainder.rejected - remainder.rejects.count
            StandardError.write("verdict: \(counted(more, "more line")) rejected\n")
        }
        return remainder
    }

    private static func note(_ item: LogItem, of source: LogSource, in remainder: inout Remainder) {
        switch item.item {
        case .decision: break
        case .skipped(let reason):
            if reason == .dropped { remainder.dropped += 1 }
            if reason == .sampledOut { remainder.sampledOut += 1 }
        case .rejected(let reason):
            remainder.rejected += 1
            guard remainder.rejects.count < IngestReport.maximumRejects else { return }
            let reject = IngestReport.Reject(file: source.path, line: item.line, reason: reason)
            remainder.rejects.append(reject)
            StandardError.write(reject.text)
        }
    }

    /// Says on standard error how many decisions rules left out, so that nobody takes what is missing for all.
    static func tellLeftOut(dropped: Int, sampledOut: Int) {
        guard dropped + sampledOut > 0 else { return }
        let what = counted(dropped + sampledOut, "decision")
        StandardError.write(
            "verdict: rules left out \(what): \(grouped(dropped)) dropped, \(grouped(sampledOut)) sampled out\n"
        )
    }
}
