import AnomalyDetection
import DecisionLogs
import Decisions

#if canImport(Glibc)
    import Glibc
#endif

/// Writes a log with known attacks in it, twice: what `verdict evaluate` and other detectors are measured on.
///
/// The same seed and log give the same bytes.
enum DetectionSuite {
    struct Options {
        /// The log that the attacks are mixed into.
        var log: String
        /// Decides everything that is random.
        var seed: UInt64
        /// The folder for logs and labels.
        var out: String
    }

    static func run(_ options: Options) throws {
        let background = try decisions(of: options.log)
        try makeFolder(options.out)
        let sets = [
            ("injected", AttackInjection(seed: options.seed).events(in: background)),
            ("masquerade", Masquerade(seed: options.seed).events(in: background)),
        ]
        for (name, events) in sets {
            try Interruption.check()
            let log = "\(options.out)/\(name)-\(options.seed).jsonl"
            let labels = "\(options.out)/\(name)-\(options.seed).csv"
            try write(events, log: log, labels: labels)
            try StandardOutput.shared.write(json: [
                "suite": .string("detection"), "set": .string(name), "seed": .integer(options.seed),
                "log": .string(log), "labels": .string(labels), "decisions": .integer(events.count),
                "attacks": .integer(events.count { $0.incident != nil }),
                "incidents": .integer(Set(events.compactMap(\.incident)).count),
            ])
        }
    }

    private static func write(_ events: [EvaluationEvent], log: String, labels: String) throws {
        let lines = try OutputFile(path: log)
        let table = try OutputFile(path: labels)
        try table.write(LabelTable.header + "\n")
        for event in events {
            guard let row = LabelTable.row(of: event) else {
                throw CommandFailure.failed(
                    "the identifier \(event.decision.id) has a line break: a table of labels holds no such; leave "
                        + "it out of the log")
            }
            try lines.write(event.decision.nativeLine() + "\n")
            try table.write(row + "\n")
        }
        try lines.close()
        try table.close()
    }

    private static func decisions(of path: String) throws -> [Decision] {
        let sources = LogSource.expand([path])
        if let failure = LogSource.commonFailure(of: sources) { throw CommandFailure.failed("\(failure)") }
        let parser = LineParser(format: .auto)
        var decisions: [Decision] = []
        for source in sources {
            var reader = try LogReader(source, parser: parser)
            while let items = reader.nextBatch() {
                try Interruption.check()
                for item in items {
                    switch item.item {
                    case .decision(let decision): decisions.append(decision)
                    case .skipped: break
                    case .rejected(let reason):
                        throw CommandFailure.failed(
                            "cannot read \(source.path), line \(item.line): \(reason): attacks are mixed into a log "
                                + "that is in order only")
                    }
                }
            }
        }
        guard Set(decisions.map { ByteKey($0.tenant) }).count == 1 else {
            throw CommandFailure.failed(
                decisions.isEmpty
                    ? "there is no decision in \(path)"
                    : "\(path) is of several tenants: attacks are mixed into a log of one")
        }
        return decisions
    }

    private static func makeFolder(_ path: String) throws {
        let status = unsafe mkdir(path, 0o755)
        guard status != 0, errno != EEXIST else { return }
        let reason = unsafe String(cString: strerror(errno))
        throw CommandFailure.failed("cannot create the folder \(path): \(reason)")
    }
}
