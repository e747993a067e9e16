import AnomalyDetection
import ArgumentParser
import Configuration
import Decisions
import Operations
import VectorStores

/// Tells what other tuning would have made of the history.
struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Tell what another alpha or a rule would have made of the history.",
        discussion: """
            The store keeps what was flagged, and what would have been with an alpha of up to 0.1. From that and from \
            what incidents turned out to be it is told which alerts would vanish, which would come, which true \
            positives would be lost, and how many pages a week that is. Nothing is changed.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("The share of newest scores that is flagged, 0.0001 to 0.1.", valueName: "share"))
    var alpha: Double?

    @Option(
        name: .long,
        help: ArgumentHelp("A rule: principal=svc-report,action=export", valueName: "fields"))
    var rule: String?

    @Option(name: .long, help: ArgumentHelp("How many days before the newest, 1 to 35.", valueName: "days"))
    var days = 35

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if let alpha, !(0.0001...HistoryItem.maximumTail).contains(alpha) {
            throw CommandFailure.usage(
                "--alpha takes a share of 0.0001 to \(HistoryItem.maximumTail), not \(alpha): what is less strange is "
                    + "not kept")
        }
        guard (1...35).contains(days) else { throw CommandFailure.usage("--days takes 1 to 35, not \(days)") }
        let fields = try rule.map { text in
            do {
                let fields = try SuppressionFields(parsing: text)
                guard fields.isNarrow else {
                    throw CommandFailure.usage("--rule names more than tenant and effect")
                }
                return fields
            } catch let error as IncidentError {
                throw CommandFailure.usage("--rule: \(printable(error.description))")
            }
        }
        let resolved = try storeOptions.resolveDurable()
        let now = try storeOptions.namedNow() ?? WallClock.now()
        let configuration = Detection.configuration(
            resolved.settings.detection, grouping: resolved.settings.incidentGrouping)
        let store = try await StoreOpening.open(resolved, access: .read)
        let history: TuningHistory
        do {
            history = try await TaughtReading.history(
                of: store, alpha: configuration.detector.alpha, configuration: configuration.incidents,
                now: now
            ) { StandardError.write("verdict: \(printable($0))\n") }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        let recent = history.newest(days: days)
        let outcome = Rehearsal(recent).outcome(
            of: Rehearsal.Tuning(alpha: alpha ?? history.alpha, fields: fields))
        try output.json ? showJSON(outcome, of: recent) : show(outcome, of: recent)
    }

    /// What a rule would have hidden, in no more days than were asked for.
    private func hidden(by fields: SuppressionFields, in history: TuningHistory) -> SuppressionPreview {
        history.hidden(by: fields, days: min(days, SuppressionPreview.usualDays))
    }

    private func show(_ outcome: Rehearsal.Outcome, of history: TuningHistory) throws {
        guard outcome.since != nil else {
            return try StandardOutput.shared.write(
                "nothing was flagged yet, or nearly: there is nothing to rehearse on\n")
        }
        func figure(_ value: Double) -> String { fixed(value, digits: 1) }
        var text = "history       \(RehearsalWords.span(outcome))\n"
        text += "alpha         \(history.alpha) → \(outcome.tuning.alpha)\n"
        if let fields = outcome.tuning.fields {
            text += "rule          \(printable(fields.description))\n"
            text += "              \(hidden(by: fields, in: history).sentence)\n"
        }
        text +=
            "pages a week  \(figure(outcome.pagesPerWeekBefore)) → \(figure(outcome.pagesPerWeekAfter)) "
            + "(\(grouped(outcome.pagesBefore)) → \(grouped(outcome.pagesAfter)) in all)\n"
        text +=
            "flagged       \(grouped(outcome.anomaliesBefore)) → \(counted(outcome.anomaliesAfter, "decision"))\n"
        text +=
            "lost          "
            + (outcome.lost.isEmpty ? "no true positive" : counted(outcome.lost.count, "true positive"))
            + "\n"
        if outcome.unjudged > 0 {
            text +=
                "not tried     \(counted(outcome.unjudged, "incident")) from before the history: no alpha is tried "
                + "on them\n"
        }
        if outcome.tuning.alpha != history.alpha {
            text +=
                "to write      into the configuration:\n\(RehearsalWords.setting(alpha: outcome.tuning.alpha))\n"
        }
        text += list("vanish", outcome.vanished) + list("appear", outcome.appeared)
        try StandardOutput.shared.write(text)
    }

    private func list(_ title: String, _ alerts: [Rehearsal.Alert]) -> String {
        if alerts.isEmpty { return "\nno alert would \(title)\n" }
        var table = TextTable([
            ("ID", .left), ("SEVERITY", .left), ("TURNED OUT", .left), ("COUNT", .right), ("TENANT", .left),
            ("PRINCIPAL", .left), ("KIND", .left), ("EFFECT", .left), ("FIRST", .left),
        ])
        for alert in alerts {
            table.append([
                alert.incident ?? "-", alert.severity.rawValue, alert.resolution?.words ?? "-",
                grouped(alert.count), alert.facts.tenant.isEmpty ? "(none)" : alert.facts.tenant,
                alert.facts.principal, alert.facts.kind, alert.facts.effect.rawValue,
                alert.time.description,
            ])
        }
        return "\n\(grouped(alerts.count)) would \(title)\n" + table.text
    }

    private func showJSON(_ outcome: Rehearsal.Outcome, of history: TuningHistory) throws {
        var object: JSONObject = [
            "alpha_before": .decimal(history.alpha, digits: 6),
            "alpha": .decimal(outcome.tuning.alpha, digits: 6),
            "rule": outcome.tuning.fields.map { .string($0.description) } ?? .null,
            "since": .time(outcome.since), "until": .time(outcome.until),
            "days": .decimal(outcome.days, digits: 3),
            "pages_before": .integer(outcome.pagesBefore), "pages_after": .integer(outcome.pagesAfter),
            "pages_per_week_before": .decimal(outcome.pagesPerWeekBefore, digits: 3),
            "pages_per_week_after": .decimal(outcome.pagesPerWeekAfter, digits: 3),
            "flagged_before": .integer(outcome.anomaliesBefore),
            "flagged_after": .integer(outcome.anomaliesAfter),
            "lost": .array(outcome.lost.map { .object($0.commandJSON) }),
            "vanished": .array(outcome.vanished.map { .object($0.commandJSON) }),
            "appeared": .array(outcome.appeared.map { .object($0.commandJSON) }),
            "unjudged": .integer(outcome.unjudged),
        ]
        if let fields = outcome.tuning.fields {
            object["hidden"] = .object(hidden(by: fields, in: history).commandJSON)
        }
        try StandardOutput.shared.write(json: object)
    }
}

extension Rehearsal.Alert {
    /// The alert as the command prints it.
    fileprivate var commandJSON: JSONObject {
        [
            "incident": incident.map { .string($0) } ?? .null, "severity": .string(severity.rawValue),
            "resolution": resolution.map { .string($0.rawValue) } ?? .null,
            "tenant": .string(facts.tenant), "principal": .string(facts.principal),
            "kind": .string(facts.kind), "effect": .string(facts.effect.rawValue),
            "actions": .strings(facts.actions), "count": .integer(count), "first": .time(time),
        ]
    }
}

extension SuppressionPreview {
    /// What a rule would have hidden, as commands print it.
    var commandJSON: JSONObject {
        [
            "days": .integer(days), "anomalies": .integer(anomalies), "incidents": .strings(incidents),
            "critical": .integer(critical), "high": .integer(high),
            "true_positives": .strings(truePositives),
        ]
    }
}
