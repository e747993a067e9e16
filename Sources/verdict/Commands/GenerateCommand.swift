import ArgumentParser
import Decisions
import PolicyEngine

/// Writes an invented decision log: the same numbers give the same log.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Write an invented decision log as native lines.")

    @Option(name: .long, help: ArgumentHelp("The same seed gives the same log.", valueName: "number"))
    var seed: UInt64

    @Option(name: .long, help: ArgumentHelp("How many decisions.", valueName: "number"))
    var decisions: Int

    @Option(name: .long, help: ArgumentHelp("How many tenants.", valueName: "number"))
    var tenants: Int

    @Option(name: .long, help: ArgumentHelp("How many days the log spans.", valueName: "number"))
    var days: Int

    @Option(
        name: .long, help: ArgumentHelp("When it ends; 2026-01-31T00:00:00Z unless said.", valueName: "time"))
    var end: String?

    @Option(
        name: .long, help: ArgumentHelp("Write which decision belongs to which incident.", valueName: "file"))
    var labels: String?

    @OptionGroup var output: JSONOnlyOptions

    func run() async throws {
        guard (1...DecisionGenerator.decisionsMax).contains(decisions) else {
            throw CommandFailure.usage(
                "--decisions takes 1 to \(DecisionGenerator.decisionsMax), not \(decisions)")
        }
        guard (1...World.tenantsMax).contains(tenants) else {
            throw CommandFailure.usage("--tenants takes 1 to \(World.tenantsMax), not \(tenants)")
        }
        guard (1...DecisionGenerator.daysMax).contains(days) else {
            throw CommandFailure.usage("--days takes 1 to \(DecisionGenerator.daysMax), not \(days)")
        }
        var endTime = DecisionGenerator.standardEnd
        if let end {
            guard let time = Timestamp(end) else {
                throw CommandFailure.usage(
                    "--end takes an RFC 3339 time such as 2026-01-31T00:00:00Z, not '\(end)'")
            }
            endTime = time
        }
        let generator = DecisionGenerator(
            seed: seed, decisions: decisions, tenants: tenants, days: days, end: endTime,
            policies: try SamplePolicySet.load())
        let labelsFile = try labels.map { try OutputFile(path: $0) }
        try labelsFile?.write(GeneratedDecision.labelsHeader + "\n")
        for generated in generator {
            try Interruption.check()
            try StandardOutput.shared.write(generated.decision.nativeLine() + "\n")
            try labelsFile?.write(generated.labelsLine + "\n")
        }
        try labelsFile?.close()
    }
}
