import Foundation
import Testing

/// The built program in a terminal, as a person uses it.
@Suite(.serialized) enum ConsoleInTerminal {}

extension TmuxSession {
    /// Opens the console on a store and waits for its first screen.
    static func console(
        on folder: TemporaryFolder, _ columns: Int = 120, _ rows: Int = 36, options: String = "",
        environment: [String: String] = [:]
    ) async throws -> TmuxSession {
        let session = try await TmuxSession(columns, rows, environment: environment)
        session.keep(folder)
        try await session.run("$VERDICT console --store \(folder.store) \(options)")
        try await session.wait(toSee: "the first screen") { $0.contains("1 Overview") || $0.contains("1Ov") }
        return session
    }

    /// Quits the console by its key, and expects that it says nothing was wrong.
    func expectQuit() async throws {
        try await press("q")
        try await waitForPrompt()
        #expect(try await output(of: "echo $?") == "0\n")
    }

    /// Runs a command in the shell and gives what it printed; the screen is clear then.
    func output(of command: String) async throws -> String {
        let name = "answer-\(UUID().uuidString.prefix(8))"
        let file = folder.path(name)
        try await run("{ \(command); } > \(file).part 2>&1; clear; mv \(file).part \(file)")
        try await eventually("the end of \(command)") { folder.exists(name) }
        try await waitForPrompt()
        return try folder.read(name)
    }
}
