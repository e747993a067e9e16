import ArgumentParser
import Decisions
import VectorStores

#if canImport(Glibc)
    import Glibc
#endif

/// The program: a terminal operations console for authorization decisions, and its commands.
@main
struct Verdict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdict",
        abstract: "A terminal operations console for authorization decisions.",
        discussion: """
            Without a command, the console opens on the store that --store, $VERDICT_STORE or the \
            configuration file names, else on the one in $XDG_DATA_HOME/verdict.
            """,
        version: Build.versionText,
        subcommands: [
            ConsoleCommand.self, DemoCommand.self, IngestCommand.self, ParseCommand.self,
            EmbedCommand.self, ScoreCommand.self, SearchCommand.self, AnomaliesCommand.self,
            RiskCommand.self, PoliciesCommand.self,
            TenantsCommand.self, StatsCommand.self, HealthCommand.self, RebuildCommand.self,
            DeleteCommand.self, FrameCommand.self, ExportCommand.self, ImportCommand.self,
            MigrateCommand.self, IncidentCommand.self, TaughtCommand.self, RehearseCommand.self,
            ReportCommand.self, ActivityCommand.self,
            AlertsCommand.self, ThemesCommand.self, GenerateCommand.self, EvaluateCommand.self,
            BenchCommand.self,
        ],
        defaultSubcommand: ConsoleCommand.self)

    /// Parses, runs, and turns every outcome into the exit code it has by contract.
    static func main() async {
        StandardDescriptors.occupy()
        // A reader that goes away is no reason for a message: writes then fail with EPIPE, which
        // StandardOutput turns into a quiet end.
        signal(SIGPIPE, SIG_IGN)
        Interruption.install()
        let code = await run(arguments: Array(CommandLine.arguments.dropFirst()))
        Glibc.exit(flushed(after: code).rawValue)
    }

    private static func run(arguments: [String]) async -> CommandExit {
        do {
            try checkCommand(arguments)
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .done
        } catch {
            return report(error)
        }
    }

    /// Refuses a word in a command's place that is none.
    ///
    /// Where help is asked for, the parser would answer with that of the default command.
    private static func checkCommand(_ arguments: [String]) throws {
        let word = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
        guard let word, !word.hasPrefix("-"), !CommandName.known.contains(word) else { return }
        throw CommandFailure.usage("there is no command '\(word)': verdict --help lists them")
    }

    /// Writes what is still buffered; an answer that could not be written is a failure.
    private static func flushed(after code: CommandExit) -> CommandExit {
        do {
            try StandardOutput.shared.flushNow()
            return code
        } catch {
            let late = report(error)
            return code == .done ? late : code
        }
    }

    private static func report(_ error: any Error) -> CommandExit {
        if let exit = error as? CommandExit { return exit }
        if error is ClosedPipe { return .done }
        if error is CancellationError { return .cancelled }
        if let failure = error as? CommandFailure {
            StandardError.write(message: failure.message)
            return failure.exit
        }
        let parserCode = exitCode(for: error)
        if parserCode == .success {
            StandardOutput.shared.writeIgnoringClosedPipe(fullMessage(for: error) + "\n")
            return .done
        }
        if parserCode == .validationFailure || error is ValidationError {
            StandardError.write(printableLines(fullMessage(for: error)) + "\n")
            return .usage
        }
        if error is QueryError {
            // On lines of its own, so that the caret stands under its place.
            StandardError.write("verdict: the query cannot be read:\n\(describe(error))\n")
        } else {
            StandardError.write(message: describe(error))
        }
        return exitForStoreError(error)
    }
}
