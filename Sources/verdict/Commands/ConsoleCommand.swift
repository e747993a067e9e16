import ArgumentParser
import Configuration
import Console
import CursesTerminal
import DecisionLogs
import Decisions
import Operations
import TerminalUI
import VectorStores

#if canImport(Glibc)
    import Glibc
#endif

/// Opens the console on a store.
struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Open the console (the default command).")

    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp("Read these files into the console and go on as they grow.", valueName: "file"))
    var follow: [String] = []

    @Option(name: .long, help: ArgumentHelp("Open on this incident.", valueName: "id"))
    var incident: String?

    @Flag(name: .long, help: "Look only: no triage, no rebuild.")
    var readOnly = false

    @Flag(name: .long, help: "Allow rebuilds and deletes.")
    var write = false

    @Option(name: .long, help: ArgumentHelp("The format of followed files.", valueName: "format"))
    var format = "auto"

    @Option(name: .long, help: ArgumentHelp("The tenant of decisions that have none.", valueName: "name"))
    var tenant: String?

    @OptionGroup var identity: IdentityOptions
    @OptionGroup var following: FollowingOptions
    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var retention: RetentionOptions
    @OptionGroup var codes: QuantizationOptions
    @OptionGroup var display: DisplayOptions

    func run() async throws {
        guard !(readOnly && write) else {
            throw CommandFailure.usage("--read-only and --write exclude each other; name one")
        }
        guard let logFormat = DecisionLogFormat(rawValue: format) else {
            throw CommandFailure.usage("--format: '\(printable(format))' is not known")
        }
        let resolved = try storeOptions.resolve()
        var first = try await plan(resolved, access: accessLevel(resolved, isWriting: write))
        first.follow = follow + (follow.isEmpty ? resolved.settings.follow : [])
        guard !first.follow.contains("-") else {
            throw CommandFailure.usage(
                "the console follows files and directories; its standard input is the terminal")
        }
        first.parser = try LineParser(
            format: logFormat, tenantRule: TenantRule(fallback: tenant), settings: resolved.settings.logs)
        first.followFromStart = following.fromStart
        first.reorderSeconds = following.reorderSeconds
        first.incident = incident
        try await ConsoleLaunch.run(first, display: display, settings: resolved.settings) { name in
            try await plan(naming: name)
        }
    }

    /// What a session on a store that was named in the console is opened with.
    ///
    /// What was allowed for one store says nothing of another, and a log goes into the one it was named for.
    func plan(naming name: String) async throws -> ConsoleSession.Plan {
        var command = self
        (command.retention.keep, command.codes.quantization) = (nil, nil)
        let resolved = try command.storeOptions.resolve(naming: name)
        return try await command.plan(resolved, access: command.accessLevel(resolved, isWriting: false))
    }

    /// What a session on a store is opened with.
    private func plan(
        _ resolved: StoreOptionGroup.Resolved, access: AccessLevel
    ) async throws -> ConsoleSession.Plan {
        try StoreOpening.check(resolved)
        let policy = try retention.policy(resolved)
        let chosen = try codes.choice(resolved)
        try await StoreOpening.askAboutMirror(of: resolved)
        var plan = ConsoleSession.Plan(
            name: resolved.name,
            open: {
                try await StoreOpening.open(
                    resolved, access: access == .view ? .read : .writeOrFollow,
                    retention: policy, mirror: nil)
            },
            access: access,
            recording: try RecordingSource(
                resolved.settings, file: storeOptions.config, storeName: resolved.name))
        plan.parser = try LineParser(settings: resolved.settings.logs)
        plan.storeNames = resolved.settings.stores.map(\.name)
        plan.identity = try Identity.find(as: identity.name, on: resolved)
        plan.grouping = resolved.settings.incidentGrouping
        plan.detection = resolved.settings.detection
        plan.recall = resolved.recall
        plan.quantization = chosen
        plan.alerts = Alerting.plan(resolved)
        return plan
    }

    /// On a server that others use, a session does not rebuild or delete unless it was started to.
    private func accessLevel(_ resolved: StoreOptionGroup.Resolved, isWriting: Bool) -> AccessLevel {
        if readOnly { return .view }
        if isWriting { return .operate }
        switch resolved.access {
        case .view?: return .view
        case .triage?: return .triage
        case .operate?: return .operate
        case nil: break
        }
        if case .postgres = resolved.address { return .triage }
        return .operate
    }
}

/// Opens the console on sample data with live traffic; nothing is kept.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Open the console on sample data with live traffic.",
        discussion: "Everything is in memory and gone at the end. A story unfolds by itself.")

    @Option(name: .long, help: ArgumentHelp("The same seed tells the same story.", valueName: "number"))
    var seed: UInt64 = 1

    @OptionGroup var display: DisplayOptions

    func run() async throws {
        let settings = try ConfigurationFiles.load(nil)
        var plan = ConsoleSession.Plan(
            name: "demo", open: { try MemoryStore(options: StoreOptions(clock: WallClock.now)) },
            access: .operate, demoSeed: seed,
            recording: try RecordingSource(settings, file: nil, storeName: "demo"))
        plan.parser = try LineParser(settings: settings.logs)
        plan.detection = settings.detection
        try await ConsoleLaunch.run(plan, display: display, settings: settings) { name in
            try await ConsoleCommand.parse(["--store", name]).plan(naming: name)
        }
    }
}

/// Opens the terminal and runs sessions in it.
enum ConsoleLaunch {
    /// Runs a session, and after it one for each store that a person connects to.
    ///
    /// Where a store cannot even be tried, as when its configuration is wrong, the one before is opened again and says
    /// why.
    static func run(
        _ plan: ConsoleSession.Plan, display: DisplayOptions, settings: Settings,
        connecting: (String) async throws -> ConsoleSession.Plan
    ) async throws {
        var plan = plan
        while let departure = try await session(plan, display: display, settings: settings) {
            var notices = [departure.notice].compactMap { $0 }
            do {
                plan = try await connecting(departure.store)
            } catch {
                let reason = (error as? CommandFailure)?.message ?? describe(error)
                notices.append("the other store was not opened: \(reason)")
                plan.incident = nil
            }
            plan.notice = notices.isEmpty ? nil : notices.joined(separator: "; ")
        }
    }

    /// Runs one session; answers the store that the person left for.
    private static func session(
        _ plan: ConsoleSession.Plan, display: DisplayOptions, settings: Settings
    ) async throws -> ConsoleSession.Departure? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw CommandFailure.usage(
                "the console needs a terminal; 'verdict frame' draws a picture without one")
        }
        let themes = try display.themes(settings)
        let lightTheme = display.lightTheme(settings)
        var options = TerminalOptions(environment: EnvironmentVariables.value)
        options.glyphs = try display.glyphSet(settings)
        options.colorDepth = try display.colorDepth(settings)
        options.usesMouse = settings.mouse ?? false
        options.synchronizedOutput =
            settings.synchronizedOutput.flatMap { .init(rawValue: $0) } ?? .automatic
        options.asksBackground = lightTheme != nil
        options.title = "verdict \(plan.name)"
        if let delay = settings.escapeDelayMilliseconds { options.escapeDelayMilliseconds = Int32(delay) }
        let terminal: CursesTerminal
        do {
            terminal = try CursesTerminal.open(options)
        } catch {
            throw CommandFailure.usage("\(error)")
        }
        do {
            return try await ConsoleSession(plan).run(
                terminal: terminal, themes: themes, lightTheme: lightTheme)
        } catch let end as TerminatedBySignal {
            // The terminal is restored and everything is saved: end as the signal meant.
            signal(end.signal, SIG_DFL)
            raise(end.signal)
            return nil
        }
    }
}
