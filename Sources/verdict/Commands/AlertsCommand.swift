import ArgumentParser
import Decisions
import Delivery

/// What has to do with who is told of incidents.
struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "Test who is told of incidents.",
        discussion: "Receivers stand under alerts: in the configuration.",
        subcommands: [AlertsTestCommand.self])
}

/// Sends a marked test alert and says exactly what happened.
struct AlertsTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a test alert; exit 1 when it does not arrive.",
        discussion: """
            The alert is marked as a test, of the least severity, and its end follows at once. Nothing is \
            read from a store or kept in one.
            """)

    @Argument(help: ArgumentHelp("Only this one; all unless said.", valueName: "receiver"))
    var receiver: String?

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    /// How it went with one receiver.
    private struct Answer {
        var name: String
        var kind = ""
        var address = ""
        var seconds: Double?
        var problem: String?
    }

    func run() async throws {
        let plan = try chosen()
        let answers = try await Interruption.cancelling { await Self.answers(of: plan) }
        try show(answers)
        let failed = answers.filter { $0.problem != nil }
        guard let first = failed.first else { return }
        let others = failed.count > 1 ? ", and \(failed.count - 1) more" : ""
        throw CommandFailure.failed("no test alert reached \(first.name)\(others): mend what is told above")
    }

    /// The receivers that are to be tested.
    private func chosen() throws -> AlertPlan {
        guard var plan = Alerting.plan(try storeOptions.resolve()) else {
            throw CommandFailure.usage(
                "there are no receivers: name them under alerts: in the configuration, as Documentation/Alerts.md "
                    + "shows")
        }
        guard let receiver else { return plan }
        let names = plan.receivers.map(\.name) + plan.problems.map(\.receiver)
        guard names.contains(receiver) else {
            throw CommandFailure.usage(
                "there is no receiver '\(receiver)': the configuration names "
                    + "\(names.sorted().joined(separator: ", "))")
        }
        plan.receivers.removeAll { $0.name != receiver }
        plan.problems.removeAll { $0.receiver != receiver }
        return plan
    }

    private static func answers(of plan: AlertPlan) async -> [Answer] {
        let test = TestAlert(context: plan.context, transport: Alerting.transport(), clock: WallClock.now)
        var answers = plan.problems.map { Answer(name: $0.receiver, problem: $0.sentence) }
        await withTaskGroup(of: (TestAlert.Outcome, Duration).self) { group in
            for receiver in plan.receivers {
                group.addTask {
                    let start = ContinuousClock.now
                    let outcome = await test.send(to: receiver)
                    return (outcome, ContinuousClock.now - start)
                }
            }
            for await (outcome, elapsed) in group {
                let parts = elapsed.components
                answers.append(
                    Answer(
                        name: outcome.receiver.name, kind: outcome.receiver.kind.rawValue,
                        address: outcome.receiver.address.description,
                        seconds: Double(parts.seconds) + Double(parts.attoseconds) / 1e18,
                        problem: outcome.failure?.description))
            }
        }
        return answers.sorted { $0.name < $1.name }
    }

    private func show(_ answers: [Answer]) throws {
        if output.json {
            for answer in answers {
                try StandardOutput.shared.write(json: [
                    "receiver": .string(answer.name), "kind": .string(answer.kind),
                    "address": .string(answer.address), "ok": .bool(answer.problem == nil),
                    "seconds": answer.seconds.map { .decimal($0, digits: 3) } ?? .null,
                    "problem": answer.problem.map { .string($0) } ?? .null,
                ])
            }
            return
        }
        var table = TextTable([("RECEIVER", .left), ("KIND", .left), ("ADDRESS", .left), ("RESULT", .left)])
        for answer in answers {
            let arrived = "the test and its end arrived in \(fixed(answer.seconds ?? 0, digits: 2)) s"
            table.append([answer.name, answer.kind, answer.address, answer.problem ?? arrived])
        }
        try StandardOutput.shared.write(table.text)
    }
}
