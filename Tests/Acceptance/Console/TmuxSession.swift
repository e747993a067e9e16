import Foundation
import Locks
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A shell in a terminal of a known size, in a tmux server of its own; ended with the test.
final class TmuxSession: Sendable {
    /// What a test needs to know of the terminal beyond its text.
    struct Modes: Equatable {
        var isAlternateScreen: Bool
        var isCursorShown: Bool
        var isMouseOn: Bool
        var isKeypadOn: Bool
    }

    private static let prompt = "ready>"

    let folder: TemporaryFolder
    private let socket: String
    /// What the programs in this terminal work on; it must not go before they do.
    private let kept = Mutex<[TemporaryFolder]>([])
    private let server = Mutex<pid_t?>(nil)

    /// Opens a terminal whose shell has only the variables given, `$VERDICT` and the usual ones.
    init(_ columns: Int = 80, _ rows: Int = 24, environment: [String: String] = [:]) async throws {
        folder = try TemporaryFolder()
        socket = folder.path("tmux")
        let settings = """
            set -g default-terminal tmux-256color
            set -g escape-time 0
            set -g status off
            set -g default-size \(columns)x\(rows)
            """
        let configuration = try folder.write(settings, to: "tmux.conf")
        var variables = VerdictProcess.environment.merging(environment) { $1 }
        variables["VERDICT"] = VerdictProcess.executable
        variables["PS1"] = Self.prompt + " "
        let words = variables.sorted { $0.key < $1.key }.map { "\($0.key)='\($0.value)'" }
        let shell =
            "exec env -i TERM=$TERM \(words.joined(separator: " ")) bash --norc --noprofile --noediting"
        let started = try await tmux(
            "-f", configuration, "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", shell)
        guard started.status == 0 else {
            throw Overdue(description: "tmux is required and did not start: \(started.errors)")
        }
        let number = try await tmux("display-message", "-p", "#{pid}").lines.first
        server.withLock { $0 = number.flatMap { pid_t($0) } }
        try await waitForPrompt()
        // Everything the pane receives from here on, byte by byte.
        _ = try await tmux("pipe-pane", "-o", "cat >> '\(folder.path("raw"))'")
    }

    deinit {
        if let server = server.withLock({ $0 }) { kill(server, SIGTERM) }
    }

    /// Keeps a folder as long as this terminal.
    func keep(_ folder: TemporaryFolder) { kept.withLock { $0.append(folder) } }

    /// Runs a tmux command on this server.
    @discardableResult
    func tmux(_ words: String...) async throws -> VerdictProcess.Result {
        try await VerdictProcess(["-S", socket] + words, program: "/usr/bin/tmux").result()
    }

    /// Presses keys, named as tmux names them.
    func press(_ keys: String...) async throws {
        for key in keys { try await tmux("send-keys", key) }
    }

    /// Types text.
    func type(_ text: String) async throws { try await tmux("send-keys", "-l", text) }

    /// Types a command into the shell and presses Enter.
    func run(_ command: String) async throws {
        try await type(command)
        try await press("Enter")
    }

    /// The lines on the screen, without blanks at their ends.
    func screen() async throws -> String { try await tmux("capture-pane", "-p").output }

    /// Waits for text on the screen, and gives the screen.
    @discardableResult
    func wait(for text: String, seconds: Double = patienceSeconds) async throws -> String {
        try await wait(toSee: "'\(text)'", seconds: seconds) { $0.contains(text) }
    }

    /// Waits for the screen to be as a test says, and gives it.
    @discardableResult
    func wait(
        toSee what: String, seconds: Double = patienceSeconds, _ condition: (String) -> Bool
    ) async throws -> String {
        var last = ""
        try await eventually("\(what) on\n\(last)", seconds: seconds) {
            last = try await screen()
            return condition(last)
        }
        return last
    }

    /// Waits for the shell to be ready for a command: its prompt is the last thing on the screen.
    func waitForPrompt() async throws {
        try await wait(toSee: "the prompt") { screen in
            screen.split(separator: "\n").last.map { $0.hasSuffix(Self.prompt) } ?? false
        }
    }

    /// Changes the size of the terminal.
    func resize(_ columns: Int, _ rows: Int) async throws {
        try await tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// The modes that a program can leave a terminal in.
    func modes() async throws -> Modes {
        let format = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag}"
        let answer = try await tmux("display-message", "-p", format).output
        let flags = answer.split(separator: " ").map { $0.hasPrefix("1") }
        guard flags.count == 4 else { throw Overdue(description: "tmux told no modes: \(answer)") }
        return Modes(
            isAlternateScreen: flags[0], isCursorShown: flags[1], isMouseOn: flags[2], isKeypadOn: flags[3])
    }

    /// Everything that was written to the terminal since it was opened.
    func raw() throws -> String { try folder.read("raw") }

    /// The process that runs in the terminal now, below the shell.
    func foregroundProcess() async throws -> pid_t {
        let shellNumber = try await tmux("display-message", "-p", "#{pane_pid}").lines.first ?? ""
        let list = "/proc/\(shellNumber)/task/\(shellNumber)/children"
        let children = try String(contentsOfFile: list, encoding: .utf8).split(separator: " ")
        return try #require(children.last.flatMap { pid_t($0) }, "no process below the shell \(shellNumber)")
    }
}
