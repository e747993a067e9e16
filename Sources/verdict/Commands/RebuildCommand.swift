import ArgumentParser
import Decisions
import Operations
import VectorStores

import enum VectorIndex.Quantization

/// Builds the index anew and compares it with the old one.
struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Build the index anew, verify it and swap it in.")

    @Option(name: .customLong("m"), help: ArgumentHelp("Links per node, 4 to 64.", valueName: "number"))
    var m: Int?

    @Option(name: .long, help: ArgumentHelp("Breadth of construction, 8 to 1000.", valueName: "number"))
    var efConstruction: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Codes that searches walk over: \(Quantization.names).", valueName: "name"))
    var quantization: String?

    @OptionGroup var identity: IdentityOptions
    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if let m, !(4...64).contains(m) {
            throw CommandFailure.usage("--m takes 4 to 64, not \(m)")
        }
        if let efConstruction, !(8...1000).contains(efConstruction) {
            throw CommandFailure.usage("--ef-construction takes 8 to 1000, not \(efConstruction)")
        }
        if let quantization, Quantization(rawValue: quantization) == nil {
            throw CommandFailure.usage(
                "--quantization takes one of \(Quantization.names), not '\(printable(quantization))'")
        }
        let request = RebuildRequest(m: m, efConstruction: efConstruction, quantization: quantization)
        let resolved = try storeOptions.resolveDurable()
        let who = try Identity.find(as: identity.name, on: resolved).name
        let store: any DecisionStore
        do {
            store = try await StoreOpening.open(resolved, access: .write, createsMissing: false)
        } catch let refusal as StoreError where refusal.code == .locked {
            // Whoever writes may be building already.
            let report = try await joined(request, resolved, otherwise: refusal)
            return try show(report)
        }
        let progress = ProgressLine()
        let log = EventLog(clock: WallClock.now)
        let jobs = Upkeep.jobs(of: store, log: log, user: who)
        let report: RebuildReport
        let vectors: Int
        do {
            let statistics = try await store.statistics()
            vectors = statistics.vectors
            tellShortage(of: request, statistics)
            for note in request.isOfGraph ? statistics.server?.rebuildNotes ?? [] : [] {
                StandardError.write("verdict: \(printable(note))\n")
            }
            report = try await Interruption.cancelling {
                let show = { @Sendable (step: RebuildProgress) in
                    progress.show(step.phase.rawValue, fraction: step.fraction, detail: step.detail)
                }
                // To build an index of nothing is no job.
                guard vectors > 0 else { return try await store.rebuild(request, progress: show) }
                return try await jobs.rebuild(request, progress: show)
            }
        } catch {
            progress.finish()
            Upkeep.tellWarnings(of: log)
            await store.close()
            throw error
        }
        progress.finish()
        Upkeep.tellWarnings(of: log)
        await Upkeep.tune(store, recall: resolved.recall)
        try await store.finish()
        guard vectors > 0 || output.json else {
            return try StandardOutput.shared.write(
                "nothing to rebuild: \(printable(resolved.name)) holds 0 decisions\n")
        }
        try show(report)
    }

    /// Waits for the rebuild that another process runs; Ctrl-C leaves it running.
    private func joined(
        _ request: RebuildRequest, _ resolved: StoreOptionGroup.Resolved, otherwise refusal: StoreError
    ) async throws -> RebuildReport {
        let store = try await StoreOpening.open(resolved, access: .read)
        do {
            let jobs = Upkeep.jobs(of: store, log: EventLog(clock: WallClock.now))
            guard let job = await jobs.othersJob(), let owner = job.owner else { throw refusal }
            guard request.isDone(by: job) else {
                throw CommandFailure.failed("\(refusal.description); it runs a \(job.title)")
            }
            let line = ProgressLine()
            defer { line.finish() }
            let running = "\(printable(job.title)) by \(printable(owner.description))"
            StandardError.write("verdict: joined the \(running); Ctrl-C leaves it running\n")
            let report = try await Interruption.cancelling {
                try await jobs.join(job.id, progress: { line.show($0.phase, fraction: $0.fraction) })
            }
            await store.close()
            return report
        } catch {
            await store.close()
            throw error
        }
    }

    /// Says that the codes are trained on fewer vectors than they should be.
    private func tellShortage(of request: RebuildRequest, _ statistics: StoreStatistics) {
        let name = request.quantization ?? statistics.index.quantization
        guard statistics.vectors > 0,
            let shortage = QuantizationSetting(name)?.shortage(distinct: statistics.distinct)
        else { return }
        StandardError.write("verdict: \(name) has \(shortage): rebuild again when there are more\n")
    }

    private func show(_ report: RebuildReport) throws {
        guard !output.json else { return try StandardOutput.shared.write(json: report.json) }
        var table = TextTable([
            ("INDEX", .left), ("RECALL@10", .right), ("P50 µs", .right), ("MEMORY", .right),
        ])
        for (name, quality) in [("before", report.before), ("after", report.after)] {
            table.append([
                name, fixed(quality.recall, digits: 4), fixed(quality.p50Microseconds, digits: 1),
                bytesText(quality.memoryBytes),
            ])
        }
        let server = report.server.map { printable($0.sentence) + "\n" } ?? ""
        try StandardOutput.shared.write(table.text + (report.built.map { $0.text } ?? "") + server)
    }
}

extension RebuildReport {
    /// The report as the command prints it.
    var json: JSONObject {
        var object: JSONObject = ["before": .object(before.json), "after": .object(after.json)]
        if let server { object["server"] = .object(server.json) }
        guard let built else { return object }
        object["built"] = .object([
            "nodes": .integer(built.nodes), "tombstones_dropped": .integer(built.tombstonesDropped),
            "rows_carried_over": .integer(built.rowsCarriedOver),
            "self_recall": .decimal(built.selfRecall, digits: 4),
        ])
        return object
    }
}

extension ServerRebuild {
    /// What became of the server's index, as the command prints it.
    fileprivate var json: JSONObject {
        if let refusal { return ["index": .string(index), "refused": .string(refusal)] }
        var object: JSONObject = [
            "index": .string(index), "m": .integer(m), "ef_construction": .integer(efConstruction),
            "bytes_before": .integer(bytesBefore), "bytes_after": .integer(bytesAfter),
            "seconds": .decimal(seconds, digits: 1),
        ]
        if !note.isEmpty { object["note"] = .string(note) }
        return object
    }
}

extension RebuildReport.BuiltGraph {
    /// What was built, for people.
    var text: String {
        "linked \(counted(nodes, "distinct vector")), left \(grouped(tombstonesDropped)) deleted ones behind, "
            + "carried over \(counted(rowsCarriedOver, "change")); "
            + "\(fixed(selfRecall * 100, digits: 1)) % find themselves\n"
    }
}

extension IndexQuality {
    /// The quality as the command prints it.
    var json: JSONObject {
        [
            "recall": .decimal(recall, digits: 4), "p50_us": .decimal(p50Microseconds, digits: 1),
            "memory_bytes": .integer(memoryBytes),
        ]
    }
}
