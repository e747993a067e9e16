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
        let resolved = try storeOptions.resolveDurable()
        let store = try await StoreOpening.open(resolved, access: .write, createsMissing: false)
        let progress = ProgressLine()
        let request = RebuildRequest(
            m: m, efConstruction: efConstruction, quantization: quantization)
        let log = EventLog(clock: WallClock.now)
        let jobs = Upkeep.jobs(of: store, log: log)
        let report: RebuildReport
        let vectors: Int
        do {
            vectors = try await store.statistics().vectors
            report = try await Interruption.cancelling {
                let show = { @Sendable (step: RebuildProgress) in
                    progress.show(step.phase.rawValue, fraction: step.fraction)
                }
                // To build an index of nothing is no job.
                guard vectors > 0 else { return try await store.rebuild(request, progress: show) }
                return try await jobs.rebuild(request, progress: show)
            }
        } catch {
            progress.finish()
            tell(log)
            await store.close()
            throw error
        }
        progress.finish()
        tell(log)
        await Upkeep.tune(store, recall: resolved.recall)
        try await store.finish()
        if output.json {
            try StandardOutput.shared.write(json: report.json)
        } else if vectors == 0 {
            try StandardOutput.shared.write(
                "nothing to rebuild: \(printable(resolved.name)) holds 0 decisions\n")
        } else {
            var table = TextTable([
                ("INDEX", .left), ("RECALL@10", .right), ("P50 µs", .right), ("MEMORY", .right),
            ])
            for (name, quality) in [("before", report.before), ("after", report.after)] {
                table.append([
                    name, fixed(quality.recall, digits: 4), fixed(quality.p50Microseconds, digits: 1),
                    bytesText(quality.memoryBytes),
                ])
            }
            try StandardOutput.shared.write(table.text + (report.built.map { $0.text } ?? ""))
        }
    }
}

extension RebuildReport {
    /// The report as the command prints it.
    var json: JSONObject {
        var object: JSONObject = ["before": .object(before.json), "after": .object(after.json)]
        guard let built else { return object }
        object["built"] = .object([
            "nodes": .integer(built.nodes), "tombstones_dropped": .integer(built.tombstonesDropped),
            "rows_carried_over": .integer(built.rowsCarriedOver),
            "self_recall": .decimal(built.selfRecall, digits: 4),
        ])
        return object
    }
}

extension RebuildReport.BuiltGraph {
    /// What was built, for people.
    var text: String {
        "linked \(nodes) distinct vectors, left \(tombstonesDropped) deleted ones behind, carried over "
            + "\(rowsCarriedOver) changes; \(fixed(selfRecall * 100, digits: 1)) % find themselves\n"
    }
}

extension RebuildCommand {
    /// Says what was noticed of jobs.
    private func tell(_ log: EventLog) {
        for line in log.snapshot().lines where line.level == .warning {
            StandardError.write("verdict: \(printable(line.message))\n")
        }
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

/// Deletes decisions by query or identifier.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete decisions by query or identifier.",
        discussion: "Asks on the terminal before it deletes, unless --yes is given; --dry-run only counts.")

    @Argument(help: ArgumentHelp("What must match.", valueName: "query"))
    var query: [String] = []

    @Option(name: .long, help: ArgumentHelp("An identifier; may be repeated.", valueName: "id"))
    var id: [String] = []

    @Flag(name: .long, help: "Count, delete nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let parsed = try storeOptions.parse(query: query)
        let selection = try selection(parsed)
        let resolved = try storeOptions.resolveDurable()
        guard yes || dryRun || Confirmation.isPossible else {
            throw CommandFailure.usage(
                "delete asks on a terminal only, and this is none: give --yes, or --dry-run to count")
        }
        let store = try await StoreOpening.open(
            resolved, access: dryRun ? .read : .write, createsMissing: false)
        do {
            let report = try await delete(selection, from: store, name: resolved.name)
            try print(report)
            try await store.finish()
        } catch {
            await store.close()
            throw error
        }
    }

    /// What is named: a query, or identifiers, of one tenant on request.
    private func selection(_ query: Query?) throws -> DeleteSelection {
        switch (query, id.isEmpty) {
        case (nil, true):
            throw CommandFailure.usage(
                "name what to delete: a query, or --id; an empty query would delete everything")
        case (nil, false): return .ids(id, tenant: nil)
        case (let query?, true): return .query(query)
        case (let query?, false):
            guard let tenant = query.onlyTenant else {
                throw CommandFailure.usage("beside --id only tenant:NAME may stand; put the rest in a query")
            }
            return .ids(id, tenant: tenant)
        }
    }

    private func delete(
        _ selection: DeleteSelection, from store: any DecisionStore, name: String
    ) async throws -> DeleteReport {
        let started = ContinuousClock().now
        let matched = try await store.count(selection)
        if dryRun || matched == 0 {
            return DeleteReport(matched: matched, deleted: 0, seconds: started.secondsUntilNow)
        }
        if !yes, !Confirmation.ask("Delete \(matched) decisions from \(printable(name))?") {
            throw CommandFailure(
                exit: .cancelled, message: "nothing was deleted; answer y, or give --yes")
        }
        return try await store.delete(selection)
    }

    private func print(_ report: DeleteReport) throws {
        if output.json {
            try StandardOutput.shared.write(json: [
                "matched": .integer(report.matched), "deleted": .integer(report.deleted),
                "seconds": .decimal(report.seconds, digits: 3),
            ])
        } else {
            try StandardOutput.shared.write(
                "\(report.matched) matched, \(report.deleted) deleted in \(fixed(report.seconds, digits: 3)) s\n"
            )
        }
    }
}
