import ArgumentParser
import Decisions
import Operations
import VectorStores

/// Lists what was done to a store, or checks that nobody changed that list.
struct ActivityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "List the writing acts, or verify that their log is whole.",
        discussion: """
            verdict log lists the newest acts: triage, rebuild, delete, import, migrate, reload, recording. \
            verdict log verify compares every entry with the hash that the next one holds, and exits 1 at the first \
            break. The hash that it prints, kept elsewhere, also tells later that no end was cut off.
            """)

    @Argument(help: ArgumentHelp("`verify` checks the log.", valueName: "verify"))
    var action: String?

    @Option(name: .long, help: ArgumentHelp("List so many, 1 to 10000.", valueName: "number"))
    var last = 20

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard action == nil || action == "verify" else {
            throw CommandFailure.usage("log takes verify or nothing, not '\(printable(action ?? ""))'")
        }
        guard (1...10_000).contains(last) else {
            throw CommandFailure.usage("--last takes 1 to 10000, not \(last)")
        }
        let store = try await StoreOpening.open(try storeOptions.resolveDurable(), access: .read)
        do {
            if action == "verify" { try await verify(store) } else { try await list(store) }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    private func list(_ store: any DecisionStore) async throws {
        let entries = try await ActivityLog.newest(last, of: store)
        if output.json {
            for entry in entries {
                guard let object = entry.json.object else { continue }
                try StandardOutput.shared.write(json: object)
            }
            return
        }
        var table = TextTable([("ENTRY", .right), ("TIME", .left), ("WHO", .left), ("ACT", .left)])
        for entry in entries {
            table.append([
                "\(entry.sequence)", entry.event.time.description, entry.event.who, entry.sentence,
            ])
        }
        try StandardOutput.shared.write(entries.isEmpty ? "nothing was done yet\n" : table.text)
    }

    private func verify(_ store: any DecisionStore) async throws {
        let line = ProgressLine()
        defer { line.finish() }
        let result = try await Interruption.cancelling {
            try await ActivityLog.verify(store) { done, total in
                line.show("verifying", fraction: Double(done) / Double(max(1, total)))
            }
        }
        line.finish()
        try StandardOutput.shared.write(output.json ? JSONValue.object(result.json).json + "\n" : result.text)
        if result.fault != nil { throw CommandExit.failed }
    }
}

extension ActivityVerification {
    /// The outcome as the command prints it.
    fileprivate var json: JSONObject {
        var broken = JSONValue.null
        if let fault {
            broken = .object([
                "entry": .integer(fault.sequence), "since": .time(fault.since),
                "reason": .string(fault.reason),
            ])
        }
        return [
            "intact": .bool(fault == nil), "entries": .integer(entries), "first": .time(first),
            "last": .time(last), "hash": .string(hash), "break": broken,
        ]
    }

    /// The same for people.
    fileprivate var text: String {
        let counted = entries == 1 ? "1 entry" : "\(entries) entries"
        if let fault {
            let since = fault.since.map { "after \($0)" } ?? "from the beginning"
            return
                "broken at entry \(fault.sequence): \(fault.reason); what was recorded \(since) cannot be relied "
                + "on, \(counted) before it are in order\n"
        }
        guard let first, let last else { return "intact: nothing was done yet\n" }
        return "intact: \(counted), \(first) to \(last), newest hash \(hash)\n"
    }
}
