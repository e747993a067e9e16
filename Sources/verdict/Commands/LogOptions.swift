import ArgumentParser
import Configuration
import DecisionLogs

/// Which logs a command reads, and how.
struct LogOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Files, directories, or - for standard input.", valueName: "file"))
    var files: [String]

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The format: auto, "
                + DecisionLogFormat.allCases.filter { $0 != .auto }.map(\.rawValue)
                .joined(separator: ", ") + ".", valueName: "format"))
    var format = "auto"

    @Option(name: .long, help: ArgumentHelp("The tenant of decisions that have none.", valueName: "name"))
    var tenant: String?

    @Option(
        name: .long, help: ArgumentHelp("Take the tenant from this field of the record.", valueName: "field"))
    var tenantFrom: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Leave decisions out: 'drop discovery', 'sample 10 % action:watch', 'keep effect:deny'; the first "
                + "that fits counts, these before the configuration's.", valueName: "rule"))
    var rule: [String] = []

    /// The parser these options ask for, with what the configuration says of logs.
    func parser(config: String? = nil) throws -> LineParser {
        guard let format = DecisionLogFormat(rawValue: format) else {
            let known = DecisionLogFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure.usage("--format takes one of \(known); not '\(printable(format))'")
        }
        return try LineParser(
            format: format, tenantRule: TenantRule(fallback: tenant, field: tenantFrom),
            settings: try ConfigurationFiles.load(config).logs, rules: rule)
    }

    /// The files these options name, of which one at least must be readable; what is left out is told.
    func sources() throws -> [LogSource] {
        var leftOut = LeftOutFiles()
        let sources = LogSource.expand(files, leftOut: &leftOut)
        if let failure = LogSource.commonFailure(of: sources) {
            throw CommandFailure.failed("\(failure)")
        }
        if let sentence = leftOut.sentence { StandardError.write("verdict: \(printable(sentence))\n") }
        return sources
    }
}

/// The configuration, for commands that take no store.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String?
}
