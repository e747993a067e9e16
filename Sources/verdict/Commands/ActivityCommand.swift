import ArgumentParser
import Decisions
import Operations
import VectorStores

/// Lists what was done to a store, or checks that nobody changed that list.
struct ActivityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "List the writing acts, or verify that their log is whole.",
        discussion: """
            verdict log lists the newest acts: triage, rules, lessons, hunts, rebuild, delete, import, migrate, \
            reload, recall, recording. verdict log verify compares every entry with the hash that the next one \
            holds, and exits 1 where there is a break; --from begins behind one that was looked at. The hash that \
            it prints, kept elsewhere, also tells later that no end was cut off.
            """)

    @Argument(help: ArgumentHelp("`verify` checks the log.", valueName: "verify"))
    var action: String?

    @Option(name: .long, help: ArgumentHelp("List so many, 1 to 10000.", valueName: "number"))
    var last = 20

    @Option(name: .long, help: ArgumentHelp("Verify from this entry on.", valueName: "entry"))
    var from: Int?

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if let from {
            guard action == "verify" else { throw CommandFailure.usage("--from is for log verify") }
            guard (1...ActivityLog.maximumNumber).contains(from) else {
                throw CommandFailure.usage("--from takes the number of an entry, 1 or more, not \(from)")
            }
        }
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
                grouped(entry.sequence), entry.event.time.description, entry.event.who, entry.sentence,
            ])
        }
        try StandardOutput.shared.write(entries.isEmpty ? "nothing was done yet\n" : table.text)
    }

    private func verify(_ store: any DecisionStore) async throws {
        let line = ProgressLine()
        defer { line.finish() }
        let result = try await Interruption.cancelling {
            try await ActivityLog.verify(store, from: from ?? 1) { done, total in
                line.show("verifying", fraction: Double(done) / Double(max(1, total)))
            }
        }
        line.finish()
        if let from, from > 1, result.entries == 0, result.faults.isEmpty {
            throw CommandFailure.failed(
                "there is no entry \(from) in the activity log: verdict log lists the newest")
        }
        try StandardOutput.shared.write(output.json ? JSONValue.object(result.json).json + "\n" : result.text)
        if !result.faults.isEmpty { throw CommandExit.failed }
    }
}

extension ActivityVerification {
    /// The outcome as the command prints it.
    fileprivate var json: JSONObject {
        [
            "intact": .bool(faults.isEmpty), "entries": .integer(entries), "first": .time(first),
            "last": .time(last), "hash": .string(hash), "break": fault?.json ?? .null,
            "breaks": .array(faults.map(\.json)),
            "behind": behind.map {
                .object([
                    "entries": .integer($0.entries), "last": .time($0.last), "hash": .string($0.hash),
                ])
            } ?? .null,
        ]
    }

    /// The same for people.
    fileprivate var text: String {
        let inOrder = counted(entries, "entry")
        guard let fault else {
            guard let first, let last else { return "intact: nothing was done yet\n" }
            return "intact: \(inOrder), \(first) to \(last), newest hash \(hash)\n"
        }
        var lines = faults.map(\.text)
        lines.append(
            "what these entries tell cannot be relied on, nor what was done meanwhile and is told nowhere")
        lines.append("in order before entry \(grouped(fault.sequence)): \(inOrder)")
        if faults.count >= Self.maximumFaults {
            lines.append(
                "what is behind entry \(grouped(faults[faults.count - 1].sequence)) was not looked at")
        } else if let behind {
            lines.append(
                "in order behind it: \(counted(behind.entries, "entry")) up to \(behind.last), newest hash "
                    + behind.hash)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension ActivityVerification.Fault {
    /// The break as the command prints it.
    fileprivate var json: JSONValue {
        .object([
            "entry": .integer(sequence), "since": .time(since), "until": .time(until),
            "reason": .string(reason),
        ])
    }

    /// The same for people, with the time that it leaves in doubt.
    fileprivate var text: String {
        let since = since.map { "after \($0)" } ?? "from the beginning"
        return "broken at entry \(grouped(sequence)): \(reason); in doubt \(since)"
            + (until.map { " until \($0)" } ?? "")
    }
}
