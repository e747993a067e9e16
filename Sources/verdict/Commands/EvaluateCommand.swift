import AnomalyDetection
import ArgumentParser
import DecisionLogs
import Decisions
import Operations

/// Tells how well the detector finds known attacks in a log.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Tell how well the detector finds attacks that are known.",
        discussion: """
            The detector starts from nothing and reads no store. past: every decision is judged by those before it, \
            in order of time, as in use; the first share of them, --warm-up, is not judged. crossfit: the log is \
            cut into six parts, each judged by what is benign in the five others. auc: the chance that a decision of \
            an attack scores above a benign one. ap: average precision. fpr_flag and recall_flag: the shares of \
            benign decisions and of those of attacks that were flagged. incidents_opened: the share of attacks of \
            which at least one decision was flagged.
            """)

    @OptionGroup var logs: LogOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Which decisions are attacks: a CSV file with columns id (or eventID), label (1 or 0), incident.",
            valueName: "csv"))
    var labels: String

    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp("What a decision is judged by: past or crossfit.", valueName: "name"))
    var procedure = DetectionTrial.Procedure.past.rawValue

    @Option(
        name: .long,
        help: ArgumentHelp("The share of decisions that past does not judge, 0 to 0.9.", valueName: "share"))
    var warmUp = 0.2

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The share of newest scores that is flagged, 0.0001 to 0.5; 0.02 unless said.", valueName: "share"
        ))
    var alpha: Double?

    @OptionGroup var settings: ConfigurationOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard let procedure = DetectionTrial.Procedure(rawValue: procedure) else {
            throw CommandFailure.usage("--protocol takes past or crossfit, not '\(printable(procedure))'")
        }
        guard (0...0.9).contains(warmUp) else {
            throw CommandFailure.usage("--warm-up takes a share of 0 to 0.9, not \(warmUp)")
        }
        if let alpha, !(0.0001...0.5).contains(alpha) {
            throw CommandFailure.usage("--alpha takes a share of 0.0001 to 0.5, not \(alpha)")
        }
        let table = try readLabels()
        var decisions: [Decision] = []
        let rejected = try LogReading.forEachDecision(logs, config: settings.config) { decisions.append($0) }
        guard !decisions.isEmpty else {
            throw CommandFailure.failed("there is no decision in \(logs.files.joined(separator: ", "))")
        }
        let log = LabelledLog(decisions, labels: table)
        guard !log.isOfAnotherLog else {
            throw CommandFailure.failed(
                "no identifier in \(labels) is one of \(logs.files.joined(separator: ", ")): labels and log go "
                    + "together by the column id or eventID")
        }
        let started = ContinuousClock().now
        var trial = DetectionTrial(procedure)
        trial.warmUpShare = warmUp
        if let alpha { trial.configuration.alpha = alpha }
        let evaluation = try await trial.run(log.events, check: Interruption.check)
        try show(evaluation, of: log, seconds: started.secondsUntilNow)
        if rejected > 0 { throw CommandExit.someRejected }
    }

    private func readLabels() throws -> LabelTable {
        var table: LabelTable?
        try TextLines.forEach(in: labels, check: Interruption.check) { number, text in
            do throws(LabelTable.Problem) {
                if table == nil {
                    table = try LabelTable(header: text)
                } else {
                    try table?.add(text, line: number)
                }
            } catch {
                throw CommandFailure.failed("cannot use the labels in \(labels): \(error)")
            }
        }
        guard let table else {
            throw CommandFailure.failed("cannot use the labels in \(labels): it is empty")
        }
        return table
    }

    private func show(_ evaluation: DetectionEvaluation, of log: LabelledLog, seconds: Double) throws {
        let hasAttacks = evaluation.attacks > 0
        let hasBoth = hasAttacks && evaluation.benign > 0
        let figures: [(name: String, value: Double, isKnown: Bool)] = [
            ("auc", evaluation.ranking.areaUnderCurve, hasBoth),
            ("ap", evaluation.ranking.averagePrecision, hasBoth),
            ("fpr_flag", evaluation.falsePositiveRate, evaluation.benign > 0),
            ("recall_flag", evaluation.recall, hasAttacks),
            ("incidents_opened", evaluation.incidentsOpened, hasAttacks),
        ]
        let counts = [
            ("benign", evaluation.benign), ("attacks", evaluation.attacks),
            ("incidents", evaluation.incidents), ("learning", evaluation.learning),
            ("unlabelled", log.unlabelled), ("unused_labels", log.unused), ("repeated", log.repeated),
        ]
        tell(log, evaluation)
        if output.json {
            var object = JSONObject()
            for figure in figures {
                object.append(figure.name, figure.isKnown ? .decimal(figure.value, digits: 6) : .null)
            }
            object.append("protocol", .string(procedure))
            for (name, count) in counts { object.append(name, .integer(count)) }
            object.append("seconds", .decimal(seconds, digits: 3))
            try StandardOutput.shared.write(json: object)
            return
        }
        var text = TextTable([("figure", .left), ("value", .right)])
        for figure in figures {
            text.append([figure.name, figure.isKnown ? fixed(figure.value, digits: 4) : "–"])
        }
        for (name, count) in counts where count > 0 || name == "attacks" {
            text.append([name.replacing("_", with: " "), grouped(count)])
        }
        try StandardOutput.shared.write(text.text)
    }

    /// Says what a person might take wrongly.
    private func tell(_ log: LabelledLog, _ evaluation: DetectionEvaluation) {
        var notices: [String] = []
        if log.unlabelled > 0 {
            notices.append(
                "\(grouped(log.unlabelled)) of \(counted(log.events.count, "decision")) have no label and "
                    + "count as benign"
            )
        }
        if log.unused > 0 { notices.append("the log lacks the decisions of \(counted(log.unused, "label"))") }
        if evaluation.attacks == 0 {
            notices.append(
                "no attack is among the decisions that are judged: only what was flagged can be told")
        }
        if evaluation.learning > 0 {
            notices.append(
                "\(counted(evaluation.learning, "decision")) judged by a past of fewer than "
                    + "\(grouped(DetectorConfiguration().warmUpDecisions)) decisions of the tenant: nothing is "
                    + "flagged there")
        }
        for notice in notices { StandardError.write(message: notice) }
    }
}
