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
    @OptionGroup var output: JSONOnlyOptions

    func run() async throws {
        var writer = JSONWriter()
        let rejected = try LogReading.forEachDecision(logs) { decision in
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
    @OptionGroup var output: JSONOnlyOptions

    func run() async throws {
        let embedder = DecisionEmbedder()
        let file = try fvecs.map { try OutputFile(path: $0) }
        var writer = JSONWriter()
        let rejected = try LogReading.forEachDecision(logs) { decision in
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
    /// What could not be read.
    struct Rejects {
        /// How many.
        var count = 0
        /// The first of them.
        var first: [IngestReport.Reject] = []
    }

    /// Hands every decision of the logs to `body` and returns how many lines were rejected.
    static func forEachDecision(_ logs: LogOptions, _ body: (Decision) throws -> Void) throws -> Int {
        try forEachItem(logs) { item in
            if case .decision(let decision) = item { try body(decision) }
        }.count
    }

    /// Hands every item of the logs to `body` and returns what was rejected.
    static func forEachItem(_ logs: LogOptions, _ body: (ParsedItem) throws -> Void) throws -> Rejects {
        let parser = try logs.parser()
        let sources = try logs.sources()
        var rejects = Rejects()
        for source in sources {
            var reader = try LogReader(source, parser: parser, amongOthers: sources.count > 1)
            while let items = reader.nextBatch() {
                try Interruption.check()
                for item in items {
                    try body(item.item)
                    guard case .rejected(let reason) = item.item else { continue }
                    rejects.count += 1
                    guard rejects.first.count < IngestReport.maximumRejects else { continue }
                    let reject = IngestReport.Reject(file: source.path, line: item.line, reason: reason)
                    rejects.first.append(reject)
                    StandardError.write(reject.text)
                }
                if source.isStandardInput { try StandardOutput.shared.flushNow() }
            }
        }
        if rejects.count > rejects.first.count {
            StandardError.write("verdict: \(rejects.count - rejects.first.count) more lines rejected\n")
        }
        return rejects
    }
}
