import Decisions
public import Operations
public import TerminalUI

/// Why the console ended.
public enum ConsoleExit: Sendable, Hashable {
    /// A person left.
    case quit
    /// A person wants another store: a name or an address.
    case connect(to: String)
    /// A signal asked for it.
    case terminated(signal: Int32)
    /// The terminal is gone.
    case terminalClosed
}

/// The console's only impure part: events and snapshots in, requests and pictures out.
///
/// Everything waits in one inbox; the loop takes all of it, updates, runs the requests as tasks and
/// draws once. No store is touched here and nothing is waited for but the inbox.
public actor ConsoleRuntime {
    /// The least time between two pictures: thirty a second.
    static let frameMilliseconds: Int64 = 33
    /// The time between two looks at the clock.
    static let tickMilliseconds: Int64 = 1_000

    private let terminal: any Terminal
    private let client: any ConsoleClient
    private let clock: any ConsoleClock
    private var themes: [Theme]
    private let lightTheme: Theme?
    private let inbox = ConsoleInbox()
    private let runner: RequestRunner

    private var state: ConsoleState
    private var shown: Surface?
    private var shownTheme: Theme?
    private var lastFrame: Int64?
    private var isFrameDue = false

    /// A console between a terminal and a client; the first theme is the one it starts with, and gives
    /// way to the light one where the terminal says that its background is light.
    ///
    /// Paths under `home` are told as `~/…`; `storeNames` are those that `:connect` knows.
    public init(
        terminal: any Terminal, client: any ConsoleClient, themes: [Theme], lightTheme: Theme? = nil,
        view: ConsoleView = .overview, incident: String? = nil, home: String? = nil,
        storeNames: [String] = [],
        clock: any ConsoleClock = SystemConsoleClock()
    ) {
        self.terminal = terminal
        self.client = client
        self.clock = clock
        self.themes = themes.isEmpty ? [.terminal] : themes
        self.lightTheme = lightTheme
        runner = RequestRunner(answerer: ConsoleAnswerer(client: client), clock: clock, inbox: inbox)
        state = ConsoleState(
            size: terminal.size, now: clock.now(), glyphs: terminal.glyphs, view: view, incident: incident)
        state.themeNames = self.themes.map(\.name)
        state.home = home
        state.storeNames = storeNames
    }

    /// Runs until a person leaves or the terminal is gone; the terminal is then as it was found.
    public func run() async -> ConsoleExit {
        let feeders = startFeeders()
        await draw()
        var exit: ConsoleExit?
        for await _ in inbox.bell {
            exit = await takeIn(inbox.take())
            if exit != nil { break }
            await drawWhenDue()
        }
        for feeder in feeders { feeder.cancel() }
        runner.cancelAll()
        await terminal.restore()
        return exit ?? .terminalClosed
    }

    /// The tasks that bring things to the inbox.
    private func startFeeders() -> [Task<Void, Never>] {
        let (inbox, client, clock, terminal) = (inbox, client, clock, terminal)
        return [
            Task {
                for await event in terminal.events { inbox.put(.terminal(event)) }
                inbox.put(.terminal(.closed))
            },
            Task { for await snapshot in client.snapshots() { inbox.put(.snapshot(snapshot)) } },
            Task {
                while !Task.isCancelled {
                    do { try await clock.sleep(milliseconds: Self.tickMilliseconds) } catch { return }
                    inbox.ring()
                }
            },
        ]
    }

    /// Takes in what waited: time, then what a person did, then answers, then the newest picture.
    private func takeIn(_ batch: ConsoleInbox.Batch) async -> ConsoleExit? {
        if let exit = await update(.tick(now: clock.now(), milliseconds: clock.milliseconds())) {
            return exit
        }
        for event in batch.events {
            if let exit = await takeIn(event) { return exit }
        }
        for (answer, ticket) in batch.answers {
            if let exit = await update(.answer(answer, ticket)) { return exit }
        }
        if let clipboard = batch.clipboard, let exit = await update(.clipboard(clipboard)) { return exit }
        if let snapshot = batch.snapshot { return await update(.snapshot(snapshot)) }
        return nil
    }

    private func takeIn(_ event: TerminalEvent) async -> ConsoleExit? {
        switch event {
        case .key(let key): return await update(.key(key, milliseconds: clock.milliseconds()))
        case .paste(let text): return await update(.paste(text))
        case .resize(let size): return await update(.resize(size))
        case .mouse(let mouse): return await update(.mouse(mouse, milliseconds: clock.milliseconds()))
        case .resumed:
            shown = nil
            await terminal.redraw()
            return await update(.resize(terminal.size))
        case .focus: return nil
        case .background(let isLight):
            if isLight, let lightTheme {
                themes[0] = lightTheme
                state.themeNames[0] = lightTheme.name
            }
            return nil
        case .terminate(let signal): return .terminated(signal: signal)
        case .closed: return .terminalClosed
        }
    }

    /// Updates the state and does what it asks for.
    private func update(_ action: ConsoleAction) async -> ConsoleExit? {
        for request in state.update(action) {
            switch request {
            case .ask(let question, let ticket): runner.run(question, ticket)
            case .cancel(let kind): runner.cancel(kind)
            case .copy(let text):
                let (terminal, inbox) = (terminal, inbox)
                Task { inbox.put(.clipboard(await terminal.copy(text))) }
            case .quit: return .quit
            case .connect(let store): return .connect(to: store)
            case .suspend:
                shown = nil
                await terminal.suspend()
            case .redraw:
                shown = nil
                await terminal.redraw()
            }
        }
        return nil
    }

    /// Draws, but no sooner than a frame after the last picture; what is put off is drawn then.
    private func drawWhenDue() async {
        var elapsed = Self.frameMilliseconds
        if let lastFrame { elapsed = clock.milliseconds() - lastFrame }
        guard elapsed < Self.frameMilliseconds else { return await draw() }
        guard !isFrameDue else { return }
        isFrameDue = true
        let (inbox, clock, pause) = (inbox, clock, Self.frameMilliseconds - elapsed)
        Task {
            do { try await clock.sleep(milliseconds: pause) } catch { return }
            inbox.ring()
        }
    }

    /// Draws the state; the terminal is told only when the picture is another.
    private func draw() async {
        isFrameDue = false
        var surface = Surface(size: state.size, glyphs: state.glyphs)
        state.draw(on: &surface)
        let theme = themes[state.themeIndex % themes.count]
        guard surface != shown || theme != shownTheme else { return }
        shown = surface
        shownTheme = theme
        lastFrame = clock.milliseconds()
        await terminal.present(surface, theme: theme)
    }
}
