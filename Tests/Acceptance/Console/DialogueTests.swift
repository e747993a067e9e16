import Foundation
import Testing

extension ConsoleInTerminal {
    /// What a person types and what the console answers.
    @Suite struct Dialogues {
        @Test func `help opens over the screen and closes`() async throws {
            let session = try await TmuxSession.console(on: try await SampleStore.copy(), 80, 24)
            try await session.press("?")
            try await session.wait(for: "What can be done here")
            try await session.press("Escape")
            try await session.wait(toSee: "the screen again") { !$0.contains("What can be done here") }
            try await session.expectQuit()
        }

        @Test func `Escape and q lead out one level at a time`() async throws {
            let session = try await TmuxSession.console(on: try await SampleStore.copy(), 80, 24)
            try await session.press("3")
            try await session.wait(for: "alice")
            try await session.press("Enter")
            try await session.wait(for: "Esc inbox")
            try await session.press("Enter")
            try await session.wait(for: "Esc evidence")
            try await session.press("Escape")
            try await session.wait(for: "Esc inbox")
            try await session.press("q")
            try await session.wait(for: "Inbox")
            // Escape never leaves the console, and says what does.
            try await session.press("Escape")
            try await session.wait(for: "q quits")
            try await session.expectQuit()
        }

        @Test func `a query shows where it is wrong as it is typed, and is answered once it is right`()
            async throws
        {
            let session = try await TmuxSession.console(on: try await SampleStore.copy(), 80, 24)
            try await session.press("5", "/")
            try await session.type("tenant:")
            let screen = try await session.wait(for: "expected")
            #expect(screen.contains("^"))
            try await session.type("globex")
            try await session.wait(toSee: "no error") { !$0.contains("expected") }
            try await session.press("Enter")
            try await session.wait(toSee: "what matches") { screen in
                screen.contains("20 of 20") && screen.contains("globex") && !screen.contains(" acme ")
            }
            try await session.expectQuit()
        }

        @Test func `a growing file is followed into the open console`() async throws {
            let folder = try TemporaryFolder()
            let log = try folder.write(NativeLog.routine(30), to: "growing.jsonl")
            let session = try await TmuxSession.console(on: folder, 80, 24, options: "--follow \(log)")
            try await session.press("4")
            try await session.wait(for: "acme")
            try folder.append(NativeLog.routine(5, tenant: "newcomer", prefix: "n"), to: "growing.jsonl")
            try await session.wait(for: "newcomer")
            try await session.press("8")
            try await session.wait(for: "following")
            try await session.expectQuit()
        }

        @Test func `a console beside a writer looks only and says who holds the store`() async throws {
            let folder = try await SampleStore.copy()
            let writer = try await TmuxSession.console(on: folder, 80, 24)
            // The header says so before the store is open; incidents are there only once it is.
            try await writer.press("3")
            try await writer.wait(for: "alice")
            try await writer.wait(for: "OPERATE")
            let holder = try await writer.foregroundProcess()
            let reader = try await TmuxSession.console(on: folder, 120, 36)
            try await reader.wait(toSee: "the badge") { $0.contains("VIEW") && !$0.contains("OPERATE") }
            try await reader.press("3")
            try await reader.wait(for: "alice")
            try await reader.press("a")
            try await reader.wait(for: "ack: held by pid \(holder)")
            try await reader.press("7", "R")
            try await reader.wait(for: "rebuild: held by pid \(holder)")
            try await reader.expectQuit()
            try await writer.expectQuit()
        }

        @Test func `a rebuild is cancelled and the old index serves`() async throws {
            // Many distinct decisions, so that building takes a while.
            let folder = try TemporaryFolder()
            let log = try await verdict(
                "generate", "--seed", "1", "--decisions", "3000", "--tenants", "2", "--days", "2")
            try await folder.ingest(log.output)
            let session = try await TmuxSession.console(on: folder)
            try await session.press("7")
            // What cannot be done yet is not offered: the store is open now.
            try await session.wait(for: "R rebuild")
            try await session.type(":rebuild m=64 ef=1000")
            try await session.press("Enter")
            try await eventually("the rebuild began") {
                try await session.press("y")
                return try await session.screen().contains("cancels; the old index")
            }
            try await session.press("c")
            try await session.wait(for: "cancelled")
            try await session.wait(for: "the old index serves")
            try await session.expectQuit()
        }

        @Test func `a damaged store is told as such, and the console fails`() async throws {
            let folder = try await SampleStore.copy()
            let file = try #require(
                try folder.files(below: "store").first { $0.contains("journal") })
            try folder.write(Data(repeating: 0x5A, count: 4_096), to: file)
            let session = try await TmuxSession.console(on: folder, 80, 24)
            try await session.wait(for: "could not be opened")
            #expect(try await !session.screen().contains("This store is empty"))
            try await session.press("q")
            try await session.waitForPrompt()
            let said = try await session.screen().replacingOccurrences(of: "\n", with: "")
            #expect(said.contains(folder.path(file)))
            #expect(try await session.output(of: "echo $?") == "1\n")
        }

        @Test func `a terminal that cannot place the cursor is refused with a sentence`() async throws {
            let folder = try await SampleStore.copy()
            let session = try await TmuxSession(80, 24)
            let answer = try await session.output(
                of: "TERM=dumb $VERDICT console --store \(folder.store) < $(tty) > $(tty); echo status $?")
            #expect(answer.contains("verdict frame"))
            #expect(answer.contains("status 2"))
        }
    }
}
